"""Ends the process groups of a stack whose starter is gone: the one program that outlives a `kill -9`.

It runs on its own, `python warden.py`, and reads lines on its standard input: `+PGID` when a group was started, `-PGID`
when it was ended in good order. When the input closes, because its starter ended in whatever way, it asks the groups
left to end and kills them three seconds later. It imports nothing of the project, so that it starts in milliseconds.
"""

import contextlib
import os
import signal
import sys
import time

GRACE_SECONDS = 3.0


def main() -> None:
    """Keep the list until the input closes, then clear it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    _end(groups)


def _end(groups: set[int]) -> None:
    for group in groups:
        _send(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while groups and time.monotonic() < deadline:
        groups = {group for group in groups if _send(group, 0)}
        time.sleep(0.05)
    for group in groups:
        _send(group, signal.SIGKILL)


def _send(group: int, number: int) -> bool:
    """Send a signal; whether there was anybody to take it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()
