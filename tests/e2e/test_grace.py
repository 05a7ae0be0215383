"""A kiosk with a TPM while the server is away: log-in, work, and everything arrives later; and without any log-in."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import CentreOpened, Meal, MealServed, Proof, RationWithoutRoster
from anganwadi.ids import NOBODY
from anganwadi.people import attends_preschool
from anganwadi.wire.keys import PrivateKeys
from edge.kiosk.session import KeyStanding, Kiosk, LoginRefused, ServerUnreachable
from edge.settings import KeySettings
from server.storage import log
from tests.contract.running_tpm import RunningTpm
from tests.e2e.wire_district import GRACE, KIOSK, ServerParts, open_kiosk, wait_for

PIN = "2580"
CARD = "UP-4471-093"


class District:
    """A server and a kiosk with a TPM, each of which comes and goes."""

    def __init__(self, folder: Path, broker, patience: pytest.MonkeyPatch) -> None:
        self.folder, self._broker, self._device = folder, broker, PrivateKeys.generate()
        self._patience = patience
        self._server_keys = PrivateKeys.generate()
        self.tpm = RunningTpm(folder / "tpm")
        self.server = ServerParts(folder, broker, self._server_keys)
        self.server.fill(self._device)
        self.server.start()
        self._server_is_there = True
        self.kiosk = self._open()

    def _open(self) -> Kiosk:
        keys = KeySettings(provider="tpm", tcti=self.tpm.tcti)
        return open_kiosk(self.folder / "kiosk", self._broker, self._server_keys, self._device, keys)

    def lose_the_server(self) -> None:
        """It ends, and the kiosk does not wait for it for long."""
        self.server.stop()
        self._server_is_there = False
        self._patience.setattr("edge.sync.login.ANSWER_S", 0.2)

    def find_the_server(self) -> None:
        self._patience.undo()
        self.server.start()
        self._server_is_there = True

    def restart_kiosk(self) -> None:
        self.kiosk.close()
        self.tpm.power_cycle()
        self.kiosk = self._open()

    def stored(self) -> list[events.Event]:
        """What the kiosk's events became, in order."""
        with self.server.engine.connect() as connection:
            entries = log.after(connection, self._broker.district, 0, 10_000)
        return [events.decode(each.raw) for each in entries if each.origin == KIOSK and each.raw is not None]

    def wait_receipted(self) -> None:
        wait_for(lambda: self.kiosk.link().receipted == self.kiosk.link().recorded, 30)

    def close(self) -> None:
        self.kiosk.close()
        if self._server_is_there:
            self.server.stop()
        self.tpm.cut_power()


@pytest.fixture
def district(tmp_path, broker, monkeypatch):
    made = District(tmp_path, broker, monkeypatch)
    yield made
    made.close()


def test_worker_logs_in_without_the_server_and_her_work_arrives_with_the_tpm_s_proof(district):
    session = district.kiosk.log_in("AWW", PIN)
    session.record(CentreOpened(session.today()))
    assert (district.kiosk.state().state, session.proof) == (KeyStanding.LOGGED_IN, Proof.SERVER)
    district.wait_receipted()
    district.lose_the_server()
    district.restart_kiosk()
    until = district.kiosk.state().offline_until
    assert district.kiosk.state().state is KeyStanding.SEALED_ONLY

    session = district.kiosk.log_in("AWW", PIN)
    assert (district.kiosk.state().state, session.proof) == (KeyStanding.GRACE, Proof.TPM)
    assert session.expires == until
    assert until is not None
    assert session.worker.post == "AWW"
    assert len(session.people) == 80
    assert session.day().is_open
    child = next(
        each.person for each in session.people.values() if attends_preschool(each.person, session.today())
    )
    session.record(events.AttendanceMarked(session.today(), child.person_id, True))
    district.kiosk.log_out()

    district.find_the_server()
    district.wait_receipted()
    assert [each.proof for each in district.stored()] == [Proof.SERVER, Proof.TPM]


def test_wrong_pins_without_the_server_are_counted_by_the_tpm(district):
    district.kiosk.log_in("AWW", PIN)
    district.kiosk.log_out()
    district.lose_the_server()
    said = []
    for _ in range(5):
        with pytest.raises(LoginRefused) as refused:
            district.kiosk.log_in("AWW", "9999")
        said.append((refused.value.reason, refused.value.tries_left))
    assert said == [("wrong_pin", 4), ("wrong_pin", 3), ("wrong_pin", 2), ("wrong_pin", 1), ("locked", 0)]
    with pytest.raises(LoginRefused, match="locked"):
        district.kiosk.log_in("AWW", PIN)
    with pytest.raises(ServerUnreachable):
        district.kiosk.log_in("AWH", "1470")


def test_after_the_grace_only_the_server_lets_her_in(district):
    district.kiosk.log_in("AWW", PIN)
    district.kiosk.log_out()
    district.lose_the_server()
    district.tpm.let_pass(GRACE.total_seconds())
    with pytest.raises(ServerUnreachable):
        district.kiosk.log_in("AWW", PIN)
    assert district.kiosk.state().offline_until is None
    district.find_the_server()
    assert district.kiosk.log_in("AWW", PIN).proof is Proof.SERVER


def test_a_dead_tpm_stops_no_log_in_at_the_server(district):
    district.tpm.cut_power()
    assert district.kiosk.log_in("AWW", PIN).proof is Proof.SERVER
    assert district.kiosk.state().offline_until is None
    district.tpm.start()


def test_a_kiosk_nobody_ever_logged_in_at_records_what_it_cannot_read_back(district):
    district.lose_the_server()
    kiosk = district.kiosk
    today = kiosk.today()
    ration = RationWithoutRoster(day=today, days_covered=25, card=CARD)
    kiosk.record_sealed(CentreOpened(today), MealServed(today, Meal.HOT_COOKED_MEAL, 24))
    kiosk.record_sealed(ration)
    assert kiosk.link().recorded == 3
    kept = b"".join(path.read_bytes() for path in (district.folder / "kiosk").rglob("*") if path.is_file())
    assert CARD.encode() not in kept

    district.restart_kiosk()
    district.find_the_server()
    district.wait_receipted()
    with district.server.engine.connect() as connection:
        origins = connection.execute(sa.text("select stored_through from origins where origin = 'kiosk-a'"))
        assert origins.scalar_one() == 3
    stored = district.stored()
    assert {(each.worker_id, each.proof) for each in stored} == {(NOBODY, Proof.NONE)}
    assert [type(each.body) for each in stored][:2] == [CentreOpened, MealServed]
