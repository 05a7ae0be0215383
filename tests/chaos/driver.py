"""Hands for one kiosk: a worker who goes on working through the kiosk's own pages, whatever happens around her.

She logs in where she can, opens the centre, marks, weighs by hand, serves, hands out; while nobody can log in she
records sealed. Every answer goes into the ledger before she does the next thing.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping

import httpx

from anganwadi.bodies import Meal
from anganwadi.verification import AttestationReason
from provisioning import demo_facts as facts
from tests.chaos.ledger import Ledger

ACCEPTED = "Aangan-Accepted"
PAUSE_S = 0.12
"""Between two deeds, on average."""
REST_S = 0.3
"""After the kiosk was not there."""
PATIENCE_S = 20.0
LOG_OUT_EVERY = 40
"""So many deeds a log-in has, about."""

Tokens = tuple[str, ...]


class Driver:
    """Works on a thread of its own from `start` to `stop`. `failure` is set where the kiosk did what it may not."""

    def __init__(self, url: str, ledger: Ledger, chance: random.Random) -> None:
        self._ledger = ledger
        self._chance = chance
        self._client = httpx.Client(
            base_url=url, headers={"Accept": "application/json"}, timeout=PATIENCE_S, trust_env=False
        )
        self._people: list[dict] = []
        self._logged_in = False
        self._try_again_at = 0.0
        self._serial = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="driver", daemon=True)
        self.asking = threading.Event()
        """Set while a deed is asked for and not answered."""
        self.failure: BaseException | None = None
        self.deeds: dict[str, int] = {}
        """How often each kind of deed was accepted."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(2 * PATIENCE_S)
        self._client.close()
        self._ledger.close()

    def accepted(self) -> int:
        return self._ledger.accepted

    def is_drained(self) -> bool:
        """Whether the kiosk has everything receipted."""
        try:
            link = httpx.get(f"{self._client.base_url}/api/status", trust_env=False, timeout=5).json()["link"]
        except (httpx.HTTPError, ValueError, KeyError):
            return False
        return link["connected"] and link["receipted"] == link["recorded"]

    # --- on the driver's thread -----------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._stopping.wait(self._chance.expovariate(1 / PAUSE_S))
                try:
                    self._do_something()
                except httpx.TransportError:  # killed: it comes back, and with nobody logged in
                    self._logged_in = False
                    self._stopping.wait(REST_S)
        except BaseException as error:
            self.failure = error
            raise

    def _do_something(self) -> None:
        if not self._logged_in and time.monotonic() >= self._try_again_at:
            self._log_in()
        if not self._logged_in:
            self._record_sealed()
        elif self._chance.random() < 1 / LOG_OUT_EVERY:
            self._client.post("/logout")
            self._logged_in = False
            self._try_again_at = time.monotonic() + self._chance.uniform(0, 3)
        else:
            deeds = (self._mark, self._mark, self._weigh, self._weigh, self._serve, self._hand_out)
            self._chance.choice(deeds)()

    def _log_in(self) -> None:
        """Ask in. Where the server does not answer, work on without and try again soon."""
        answer = self._client.post("/login", data={"post": facts.WORKER_POST, "pin": facts.WORKER_PIN})
        if answer.is_success:
            people = self._client.get("/api/people").json()
            self._people = people if isinstance(people, list) else []
        self._logged_in = answer.is_success and bool(self._people)
        if not self._logged_in:
            self._try_again_at = time.monotonic() + self._chance.uniform(2, 5)

    def _record_sealed(self) -> None:
        self._serial += 1
        deed = self._chance.choice(("meal", "card", "open"))
        if deed == "meal":
            self._serve(prefix="/sealed")
        elif deed == "card":
            self._post(
                "sealed_ration",
                "/sealed/ration",
                {"card": f"UP-{self._serial:06}"},
                ("ration_without_roster",),
            )
        else:
            self._post("sealed_open", "/sealed/open", {}, ("centre_opened",))

    def _mark(self) -> None:
        who = self._someone(lambda person: person["attends_preschool"])
        present = self._chance.random() < 0.8
        self._post("attendance", f"/attendance/{who}", {"present": present}, (f"attendance:{who}:{present}",))

    def _weigh(self) -> None:
        who = self._someone(lambda person: person["is_weighed"])
        grams = self._chance.randrange(300, 2500) * 10
        fields = {"kg": f"{grams / 1000:.2f}", "reason": "scale_away"}
        self._client.post(f"/weigh/{who}/manual", data=fields)
        self._post("weighed", f"/weigh/{who}/save", {"confirmed": True}, (f"weighed:{who}:{grams}",))

    def _serve(self, prefix: str = "") -> None:
        meal, count = self._chance.choice(list(Meal)), self._chance.randrange(300)
        token = f"meal_served:{meal}:{count}"
        self._post(
            f"{prefix.strip('/') or 'open'}_meal", f"{prefix}/meals", {"meal": meal, "count": count}, (token,)
        )

    def _hand_out(self) -> None:
        who = self._someone(lambda person: person["owed_ration"])
        if self._chance.random() < 0.5:
            self._post(
                "refused", f"/ration/{who}/refuse", {"reason": "family_left"}, (f"ration_refused:{who}",)
            )
            return
        fields = {"reason": AttestationReason.CAMERA_BROKEN, "witness": facts.HELPER_POST, "heard": "1"}
        self._post("ration", f"/ration/{who}/attest", fields, (f"ration_collected:{who}",))

    def _someone(self, fits: Callable[[dict], bool]) -> str:
        return self._chance.choice([person for person in self._people if fits(person)])["person_id"]

    def _post(self, deed: str, path: str, fields: Mapping[str, object], tokens: Tokens) -> None:
        """Do it, and enter what came of it; a refusal is dealt with as the worker would."""
        self.asking.set()
        try:
            answer = self._client.post(path, data={name: str(value) for name, value in fields.items()})
        except httpx.ConnectError:
            raise  # it was never asked
        except httpx.TransportError:
            self._ledger.leave_open(tokens)
            raise
        finally:
            self.asking.clear()
        header = answer.headers.get(ACCEPTED)
        if header is not None:
            self._ledger.accept(tokens, header)
            self.deeds[deed] = self.deeds.get(deed, 0) + 1
        elif answer.is_server_error:
            self._ledger.leave_open(tokens)
        elif answer.status_code in {401, 403}:
            self._logged_in = False
        elif "not_open" in answer.text:
            self._post("open", "/centre/open", {}, ("centre_opened",))
