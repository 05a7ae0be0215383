"""Plays the scripted day through a running stack and says whether all went, and arrived, as it should."""

import subprocess
import sys
import time
from contextlib import closing

import msgspec
from rich.console import Console

from provisioning import demo_facts as facts
from provisioning.demo import report
from provisioning.demo.driver import KioskDriver, Surroundings
from provisioning.demo.ledger import Ledger, ServerCounts
from provisioning.demo.script import Day, Outcome
from provisioning.parts import HOUSE
from provisioning.processes import ProgramFailed
from provisioning.stack import Stack

RECEIPT_PATIENCE = 20.0
_POLL = 0.1


def play_day(stack: Stack, console: Console) -> bool:
    """Play, wait for the receipts, count, print; whether every outcome and every count is right.

    Raises:
        ProgramFailed: one of the stack's programs ended.
    """
    district = stack.district
    ledger = Ledger(district.kiosk / "state" / "outbox.db")
    with closing(KioskDriver(stack.url("kiosk"), ledger)) as kiosk:
        day = Day(kiosk, Surroundings(kiosk, district.scale_control, district.scene))
        outcomes: list[Outcome] = []
        began = time.monotonic()
        for outcome in day.play():
            outcomes.append(outcome)
            report.print_outcome(console, outcome, time.monotonic() - began)
            stack.check()
    _wait_for_receipts(stack, ledger)
    server = _count_on_server(stack)
    differences = ledger.differences(facts.ORIGIN, server)
    report.print_counts(console, ledger.counts(facts.ORIGIN, server))
    report.print_scores(console, day.scores)
    report.print_measured(console, day.measured)
    report.print_differences(console, differences)
    return all(outcome.good for outcome in outcomes) and not differences and ledger.last > 0


def _wait_for_receipts(stack: Stack, ledger: Ledger) -> None:
    """Wait until the last accepted event is receipted, or for `RECEIPT_PATIENCE`; the count tells which it was."""
    deadline = time.monotonic() + RECEIPT_PATIENCE
    while ledger.receipted_through() < ledger.last and time.monotonic() < deadline:
        stack.check()
        time.sleep(_POLL)


def _count_on_server(stack: Stack) -> ServerCounts:
    settings = str(stack.district.server_settings)
    command = [sys.executable, "-m", "server", "counts", "--config", settings, "--json"]
    counted = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
    if counted.returncode != 0:
        raise ProgramFailed(f"`python -m server counts` failed: {counted.stderr.strip()[-500:]}")
    return msgspec.json.decode(counted.stdout, type=ServerCounts)
