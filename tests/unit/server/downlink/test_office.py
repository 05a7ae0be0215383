"""What the office writes and sets, and that a running server notices."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from anganwadi.ids import CentreId
from server.downlink import kiosk_settings, messages
from server.storage import tables
from server.storage.engine import writing
from server.storage.news import News
from tests.unit.server.downlink.kiosk_district import CENTRE, DISTRICT

OTHER = CentreId("09123456702")


def post(district, text="कल बैठक है", centre=CENTRE):
    with writing(district.engine) as connection:
        return messages.post(connection, DISTRICT, centre, "o-1", text, district.clock.now)


def change(district, centre=CENTRE, **changes):
    with writing(district.engine) as connection:
        return kiosk_settings.change(connection, DISTRICT, centre, changes)


def shown(district):
    with district.engine.connect() as connection:
        found = messages.for_kiosk(connection, DISTRICT, CENTRE, district.clock.now)
    return [message.text for message in found.messages]


def test_kiosk_shows_the_newest_messages_of_two_months_oldest_first(district, clock):
    post(district, "old")
    clock.now += messages.SHOWN_FOR + timedelta(minutes=1)
    for n in range(messages.SHOWN + 5):
        clock.pass_by(minutes=1)
        post(district, f"m {n}")
    post(district, "elsewhere", OTHER)
    assert shown(district) == [f"m {n}" for n in range(5, messages.SHOWN + 5)]


@pytest.mark.parametrize("text", ["", "   ", "x" * 501])
def test_message_with_nothing_or_too_much_to_read_is_not_written(district, text):
    with pytest.raises(messages.BadMessage, match="1 to 500"):
        post(district, text)


def test_nobody_reads_a_message_to_a_centre_that_is_not_there(district):
    with pytest.raises(messages.NoSuchCentre, match="no centre 09999999999"):
        post(district, centre=CentreId("09999999999"))


def test_message_nobody_wrote_cannot_be_taken_back(district):
    with pytest.raises(messages.NoSuchMessage), writing(district.engine) as connection:
        messages.withdraw(connection, DISTRICT, "m-0", district.clock.now)


def test_settings_are_changed_one_by_one_and_given_back_to_the_kiosk(district):
    change(district, language="ur", days_covered="25")
    now = change(district, language="", batch_seconds="0.5")
    assert (now.language, now.days_covered, now.batch_seconds) == (None, 25, 0.5)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"colour": "red"}, "no setting colour: there are language"),
        ({"language": "fr"}, "language"),
        ({"days_covered": "32"}, "days_covered"),
        ({"idle_minutes": "soon"}, "idle_minutes"),
    ],
)
def test_setting_that_cannot_be_is_refused_and_says_which(district, wrong, said):
    with pytest.raises(kiosk_settings.BadSetting, match=said):
        change(district, **wrong)
    with district.engine.connect() as connection:
        assert connection.execute(sa.select(tables.kiosk_settings)).all() == []


def test_server_sees_news_of_every_centre_once(district):
    news = News(DISTRICT)

    def since_last():
        with district.engine.connect() as connection:
            return news.since_last(connection)

    post(district)
    assert since_last() == []
    post(district)
    post(district)
    assert since_last() == [CENTRE]
    assert since_last() == []
    change(district, OTHER, language="ur")
    assert since_last() == [OTHER]
    change(district, kiosk_settings.EVERYWHERE, language="hi")
    assert set(since_last()) == {CENTRE, OTHER}
