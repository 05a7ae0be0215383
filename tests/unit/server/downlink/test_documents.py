"""When a document gets a new version, and what is in it."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from anganwadi.ids import PersonId
from anganwadi.wire.downlink import DistrictSettings, Forms, Kind, Messages
from anganwadi.wire.login import Roster
from server.downlink import kiosk_settings, messages
from server.downlink.documents import IDENTITIES_AFTER, NEIGHBOURS_AFTER, REGISTERS_AFTER, Library, NotAKiosk
from server.storage import origins, rotations, tables
from server.storage.engine import writing
from tests.unit.server.downlink.kiosk_district import CENTRE, DISTRICT, KIOSK


def test_version_stands_as_long_as_the_content_does(district, clock):
    district.keep("p-1")
    first = district.version()
    clock.pass_by(days=100)
    assert district.version() == first > 0


def test_what_the_office_changes_is_a_new_version_at_once(district):
    district.keep("p-1")
    seen = [district.version()]
    district.keep("p-1", name="सुनीता देवी")
    seen.append(district.version())
    district.keep("p-2")
    seen.append(district.version())
    district.erase("p-2")
    seen.append(district.version())
    district.face("p-1")
    seen.append(district.version())
    district.weighs("p-1", 9000, origin="server")
    seen.append(district.version())
    assert seen == sorted(set(seen))


def test_what_the_kiosk_weighed_itself_does_not_send_the_roster_down_again(district, clock):
    district.keep("p-1")
    first = district.version()
    district.weighs("p-1", 9000, sequence=district.records("weighed"))
    assert district.version() == first
    clock.now += REGISTERS_AFTER
    assert district.version() > first
    assert [weight.grams for weight in district.read(Kind.ROSTER, Roster).entries[0].weights] == [9000]


def test_what_another_kiosk_of_the_centre_weighed_comes_within_minutes_not_with_every_child(district, clock):
    district.keep("p-1")
    first = district.version()
    district.weighs("p-1", 9000, origin="kiosk-b")
    assert district.version() == first
    clock.now += NEIGHBOURS_AFTER
    assert district.version() > first


def test_face_the_kiosk_enrolled_itself_comes_back_a_day_later_so_that_its_journal_can_forget_it(
    district, clock
):
    district.keep("p-1")
    first = district.version()
    sequence = district.records("person_record")
    district.face("p-1")
    assert district.version() == first
    clock.now += IDENTITIES_AFTER
    assert district.version() > first
    roster = district.read(Kind.ROSTER, Roster)
    assert roster.stored_through == sequence
    assert roster.entries[0].template is not None


def test_one_version_always_says_the_same_of_the_kiosks_own_events(district):
    district.keep("p-1")
    district.version()
    before = district.library.parts(district.device, Kind.ROSTER)
    district.weighs("p-1", 9000, sequence=district.records("weighed"))
    after = Library(district.engine, district.clock)
    assert after.parts(district.device, Kind.ROSTER) == before


def test_roster_says_what_the_kiosk_shows_of_everybody(district):
    district.keep("p-1")
    district.face("p-1")
    district.weighs("p-1", 8800, origin="server", sequence=1)
    district.weighs("p-1", 9000, origin="server", sequence=2)
    roster = district.read(Kind.ROSTER, Roster)
    assert roster.version == district.version()
    assert [entry.person.person_id for entry in roster.entries] == [PersonId("p-1")]
    assert [weight.grams for weight in roster.entries[0].weights] == [9000]


def test_kiosk_that_has_a_version_of_a_life_that_was_lost_gets_a_newer_one(district):
    district.keep("p-1")
    lost = district.version() + 500
    assert district.version(roster=lost) == lost + 1
    assert district.version(roster=lost + 1) == lost + 1


def test_versions_of_a_restored_server_are_above_those_it_gave_out_before(district, clock):
    district.keep("p-1")
    district.version()
    with district.engine.connect() as connection:
        backup = connection.execute(sa.select(tables.documents)).mappings().all()
    clock.pass_by(hours=1)
    district.keep("p-1", name="another")
    given_out = district.version()
    with writing(district.engine) as connection:
        connection.execute(sa.delete(tables.documents))
        connection.execute(sa.insert(tables.documents), [dict(row) for row in backup])
    clock.pass_by(hours=1)
    district.keep("p-1", name="a third")
    assert district.version() > given_out


def test_new_card_of_the_kiosk_gets_everything_anew(district):
    district.keep("p-1")
    first = district.version()
    keys = district.device.keys
    with writing(district.engine) as connection:
        origins.register(connection, DISTRICT, KIOSK, 2, CENTRE, keys)
    assert district.version() > first


def test_centre_that_was_never_written_to_gets_no_messages_and_no_settings(district):
    assert set(district.library.versions(district.device, {})) == {Kind.ROSTER, Kind.FORMS}


def test_message_written_and_taken_back_is_a_version_each(district, clock):
    with writing(district.engine) as connection:
        written = messages.post(connection, DISTRICT, CENTRE, "o-1", " कल बैठक है ", clock.now)
    first = district.version(Kind.MESSAGES)
    assert [message.text for message in district.read(Kind.MESSAGES, Messages).messages] == ["कल बैठक है"]
    with writing(district.engine) as connection:
        messages.withdraw(connection, DISTRICT, written, clock.now)
    assert district.version(Kind.MESSAGES) > first
    assert district.read(Kind.MESSAGES, Messages) == Messages()


def test_settings_of_the_centre_stand_over_those_of_the_district(district):
    with writing(district.engine) as connection:
        everywhere = {"language": "hi", "idle_minutes": "10"}
        kiosk_settings.change(connection, DISTRICT, kiosk_settings.EVERYWHERE, everywhere)
        kiosk_settings.change(connection, DISTRICT, CENTRE, {"language": "ur"})
    assert district.read(Kind.SETTINGS, DistrictSettings) == DistrictSettings(language="ur", idle_minutes=10)


def test_forms_name_every_item_in_three_languages(district):
    forms = district.read(Kind.FORMS, Forms)
    assert [form.form_id for form in forms.forms] == ["supervision_checklist"]
    assert all({"en", "hi", "ur"} <= item.labels.keys() for item in forms.forms[0].items)


def test_nothing_is_for_the_server_itself(district):
    device = district.device
    device.centre_id = None
    with pytest.raises(NotAKiosk):
        district.library.versions(device, {})


def test_version_is_the_time_it_was_made_where_it_can_be(district):
    assert district.version() == int(datetime(2026, 11, 21, 6, tzinfo=UTC).timestamp())


def test_roster_brings_the_secret_its_templates_are_turned_by(district):
    district.keep("p-1")
    first = district.version()
    roster = district.read(Kind.ROSTER, Roster)
    assert roster.rotation is not None
    assert district.version() == first


def test_renewed_templates_come_down_at_once_with_their_new_secret(district):
    district.keep("p-1")
    first = district.version()
    before = district.read(Kind.ROSTER, Roster).rotation
    with writing(district.engine) as connection:
        rotations.renew(connection, DISTRICT, CENTRE, 0)
    assert district.version() > first
    rotation = district.read(Kind.ROSTER, Roster).rotation
    assert before is not None
    assert rotation is not None
    assert rotation.number == before.number + 1
