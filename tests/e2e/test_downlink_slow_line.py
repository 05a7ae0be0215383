"""A roster over a line of 64 kbit/s: nobody waits for it who has one, and a receipt never waits long behind it."""

import random
import time
from datetime import date

import msgspec
import pytest

from anganwadi import events
from anganwadi.events import FaceTemplateRecord, PersonRecord
from anganwadi.ids import PersonId
from anganwadi.people import Person, Sex
from anganwadi.wire.keys import PrivateKeys
from provisioning.demo_facts import CENTRE_ID
from server.storage import news, vault
from server.storage.engine import writing
from tests.chaos.proxy import FaultProxy
from tests.e2e.wire_district import ServerParts, open_kiosk, wait_for

BITS_PER_S = 64_000
DELAY_S = 0.15
LOG_IN_WITHIN_S = 6.0
RECEIPT_WITHIN_S = 5.0


@pytest.fixture
def line(broker):
    with FaultProxy(broker.host, broker.port) as proxy:
        yield proxy


@pytest.fixture
def keys():
    return PrivateKeys.generate(), PrivateKeys.generate()


@pytest.fixture
def parts(tmp_path, broker, keys):
    made = ServerParts(tmp_path, broker, keys[0])
    made.fill(keys[1])
    made.start()
    yield made
    made.stop()


def register_many(parts, district, count: int) -> None:
    noise = random.Random(count)
    with writing(parts.engine) as connection:
        for n in range(count):
            person = Person(
                person_id=PersonId(f"p-new-{n}"), centre_id=CENTRE_ID, household="h-new", name=f"अनूठी {n}",
                name_latin="Anuthi", sex=Sex.FEMALE, born=date(1999, 1, 1), registered=date(2026, 1, 1),
            )  # fmt: skip
            face = FaceTemplateRecord("played", noise.randbytes(1000))
            for record in (
                PersonRecord(person_id=person.person_id, person=person),
                PersonRecord(person_id=person.person_id, template=face),
            ):
                vault.keep(connection, district, record, round(time.time() * 1000))
        news.tell(connection, district, CENTRE_ID)


def test_log_in_and_receipts_do_not_wait_for_a_large_roster_on_a_slow_line(
    tmp_path, broker, keys, parts, line
):
    through_the_line = msgspec.structs.replace(broker, port=line.port)
    kiosk = open_kiosk(tmp_path / "kiosk", through_the_line, *keys)
    try:
        kiosk.log_in("AWW", "2580")
        kiosk.log_out()
        line.shape(delay_s=DELAY_S, bits_per_s=BITS_PER_S)
        register_many(parts, broker.district, 100)
        began = time.monotonic()
        session = kiosk.log_in("AWW", "2580")
        assert time.monotonic() - began < LOG_IN_WITHIN_S
        assert len(session.people) == 80
        slowest = 0.0
        while len(session.people) == 80:
            session.record(events.CentreOpened(session.today()))
            recorded = time.monotonic()
            wait_for(lambda: kiosk.link().receipted == kiosk.link().recorded)
            slowest = max(slowest, time.monotonic() - recorded)
            assert time.monotonic() - began < 60
        assert len(session.people) == 180
        assert slowest < RECEIPT_WITHIN_S
        print(f"\nroster after {time.monotonic() - began:.1f} s, slowest receipt {slowest:.1f} s")  # noqa: T201
    finally:
        kiosk.close()
