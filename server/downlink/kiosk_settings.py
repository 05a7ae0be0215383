"""What the district sets for its kiosks from afar: for every centre, and for one centre over that."""

from typing import Any

import msgspec
import sqlalchemy as sa

from anganwadi.ids import CentreId, DistrictId
from anganwadi.wire.downlink import DistrictSettings
from server.downlink.messages import check_centre
from server.storage import news, tables
from server.storage.engine import upsert

EVERYWHERE = CentreId("")
"""Stands for every centre."""

kiosk_settings = tables.kiosk_settings


class BadSetting(ValueError):
    """No such setting, or a value it cannot have; the text says which it may."""


def change(
    connection: sa.Connection, district: DistrictId, centre: CentreId, changes: dict[str, str]
) -> DistrictSettings:
    """Set each named setting of `centre`, or `EVERYWHERE`, to what is written; an empty text takes the setting back.
    Returns what is set there now.

    Raises:
        BadSetting: a name or value that cannot be.
        NoSuchCentre: the district has no such centre.
    """
    if centre != EVERYWHERE:
        check_centre(connection, district, centre)
    now = _written(connection, district, centre)
    for name, value in changes.items():
        if name not in DistrictSettings.__struct_fields__:
            raise BadSetting(f"no setting {name}: there are {', '.join(DistrictSettings.__struct_fields__)}")
        now[name] = value or None
    try:
        settings = msgspec.convert(now, DistrictSettings, strict=False)
    except msgspec.ValidationError as error:
        raise BadSetting(str(error)) from error
    row = {"district_id": district, "centre_id": centre, "settings": msgspec.json.encode(settings).decode()}
    upsert(connection, kiosk_settings, [row])
    news.tell(connection, district, None if centre == EVERYWHERE else centre)
    return settings


def for_kiosk(connection: sa.Connection, district: DistrictId, centre: CentreId) -> DistrictSettings:
    """What holds at a centre."""
    both = _written(connection, district, EVERYWHERE) | _written(connection, district, centre)
    return msgspec.convert(both, DistrictSettings)


def _written(connection: sa.Connection, district: DistrictId, centre: CentreId) -> dict[str, Any]:
    text = connection.execute(
        sa.select(kiosk_settings.c.settings).where(
            kiosk_settings.c.district_id == district, kiosk_settings.c.centre_id == centre
        )
    ).scalar_one_or_none()
    return {} if text is None else msgspec.json.decode(text, type=dict[str, Any])
