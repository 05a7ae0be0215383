"""What holds for every test."""

import pytest
import xdist
from hypothesis import settings

settings.register_profile("timeless", deadline=None)
"""No test asserts a time: a busy machine is not a broken rule. Speed is measured by `make bench`."""
settings.load_profile("timeless")

SLOW_ROOMS = ("chaos", "e2e", "contract")


def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Where two processes share the files (`make test`), the long ones go first: both then end at about one time."""
    if xdist.is_xdist_worker(session):
        items.sort(key=lambda item: not any(room in item.path.parts for room in SLOW_ROOMS))
