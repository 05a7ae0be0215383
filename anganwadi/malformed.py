"""What msgspec raises on bytes that are not what they should be: beside its own errors, two of Python's."""

import msgspec

MALFORMED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
