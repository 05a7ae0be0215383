"""The CPU time of a thread, told to one stage of its work after the other."""

import time


class Laps:
    """What each stage spent is kept here until it is `taken`: counting it at once costs more than some stages do."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}
        self._last = time.thread_time()

    def begin(self) -> None:
        """What was spent until now was spent on something else."""
        self._last = time.thread_time()

    def end(self, stage: str) -> None:
        """What was spent since the last stage ended was spent on this one."""
        now = time.thread_time()
        self._spent[stage] = self._spent.get(stage, 0.0) + now - self._last
        self._last = now

    def taken(self) -> dict[str, float]:
        """CPU seconds by stage since this was asked last."""
        spent, self._spent = self._spent, {}
        return spent
