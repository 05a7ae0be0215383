"""Kill -9 right after "saved": what the page called saved is on the server all the same."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import psutil
import pytest

from provisioning import demo_facts as facts
from tests.e2e.whole_stack import HOUSE, Centre, begin, wait_until

JSON = {"Accept": "application/json"}


@pytest.fixture
def own_centre(tmp_path) -> Iterator[Centre]:
    """A stack of this test's own, since a kiosk dies in it. Batches wait long, so that the events are still singles."""
    with pytest.MonkeyPatch.context() as patch, begin(tmp_path / "district") as stack:
        patch.setenv("AANGAN_KIOSK_BATCH_SECONDS", "600")
        list(stack.start())
        yield Centre(stack)


def kiosk_process(centre: Centre) -> psutil.Process:
    config = str(centre.stack.district.kiosk_settings)
    return next(
        each
        for each in psutil.process_iter(["cmdline"])
        if config in (each.info["cmdline"] or []) and "edge" in each.info["cmdline"]
    )


def test_kill_of_the_kiosk_right_after_saved_loses_nothing(own_centre: Centre):
    with httpx.Client(base_url=own_centre.kiosk, headers=JSON, trust_env=False, timeout=20) as client:
        client.post("/login", data={"post": "AWW", "pin": facts.WORKER_PIN}).raise_for_status()
        client.post("/centre/open").raise_for_status()
        saved = client.post("/attendance/all")
        kiosk_process(own_centre).kill()
    assert saved.headers["Aangan-Accepted"] == "attendance=25"
    assert own_centre.stored() == []

    config = str(own_centre.stack.district.kiosk_settings)
    again = subprocess.Popen([sys.executable, "-m", "edge", "run", "--config", config], cwd=HOUSE)
    try:
        wait_until(lambda: len(own_centre.stored()) == 26, 40)
    finally:
        again.terminate()
        again.wait(15)
    assert own_centre.stored() == [(1, "centre_opened"), *((n, "attendance") for n in range(2, 27))]
