"""No core dump of the kiosk: its memory holds faces and the data key, and a crash must not write them to the card.

Two locks, since either may be undone from outside: the size of a core file is limited to nothing, and the process is
marked as one that the kernel does not dump (prctl(2), PR_SET_DUMPABLE), not even to a helper named in `core_pattern`,
which heeds no limit. The second also keeps other programs of the same user from reading its memory (ptrace(2)).
"""

import ctypes
import os
import resource

PR_GET_DUMPABLE, PR_SET_DUMPABLE = 3, 4


class DumpsNotForbidden(OSError):
    """The kernel does not let this process forbid core dumps of itself."""


def forbid_dumps() -> None:
    """Forbid core dumps of this process and of those it starts from now on.

    Raises:
        DumpsNotForbidden: the kernel refuses.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise DumpsNotForbidden(number, f"core dumps cannot be forbidden: {os.strerror(number)}")


def dumps_are_forbidden() -> bool:
    """Whether neither lock is open."""
    libc = ctypes.CDLL(None, use_errno=True)
    return resource.getrlimit(resource.RLIMIT_CORE) == (0, 0) and libc.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0
