"""What holds for every test."""

from hypothesis import settings

settings.register_profile("timeless", deadline=None)
"""No test asserts a time: a busy machine is not a broken rule. Speed is measured by `make bench`."""
settings.load_profile("timeless")
