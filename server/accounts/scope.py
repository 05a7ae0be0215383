"""Which centres an officer sees: her sector's, her project's, or all of the district's."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, select

from server.storage.tables import centres, sectors


class Role(StrEnum):
    SUPERVISOR = "supervisor"
    CDPO = "cdpo"
    DPO = "dpo"


@dataclass(frozen=True)
class Officer:
    """Who is logged in. `scope` is a sector_id, project_id or district_id, by role."""

    district_id: str
    officer_id: str
    name: str
    role: Role
    scope: str
    language: str


def in_scope(officer: Officer) -> ColumnElement[bool]:
    """The condition on a row of `centres` that `officer` may see it."""
    own_district = centres.c.district_id == officer.district_id
    match officer.role:
        case Role.SUPERVISOR:
            return and_(own_district, centres.c.sector_id == officer.scope)
        case Role.CDPO:
            own_sectors = select(sectors.c.sector_id).where(
                sectors.c.district_id == officer.district_id, sectors.c.project_id == officer.scope
            )
            return and_(own_district, centres.c.sector_id.in_(own_sectors))
        case Role.DPO:
            return own_district if officer.scope == officer.district_id else false()
