"""A kiosk's TPM 2.0: running tpm2-tools on it, and preparing it once before the kiosk is used.

    prepare(Tpm("device:/dev/tpm0"), new_lockout_password())

Secrets go to the tools through their standard input and through files that exist in memory only (`memfd`), never by
command line, environment or disk. The tools save their sessions between calls, which the kernel's own resource manager
(`/dev/tpmrm0`) drops: take `/dev/tpm0`, which nobody but the kiosk uses.
"""

import contextlib
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator

import msgspec

MAX_TRIES = 5
RECOVERY_S = 3600
"""After how long the TPM forgets one wrong PIN. With five tries and a grace of 72 h a thief has 77 of 10,000 PINs."""
LOCKOUT_RECOVERY_S = 86_400
"""How long nobody may try the lock-out password again after a wrong one."""

_PATIENCE_S = 10.0
_RESPONSE_CODE = re.compile(r"\(0x([0-9A-Fa-f]+)\)")


class TpmError(RuntimeError):
    """A tool failed; `code` is the TPM's response code, None where the TPM said nothing."""

    def __init__(self, tool: str, code: int | None) -> None:
        said = "did not do it" if code is None else f"answered 0x{code:x}"
        super().__init__(f"{tool}: the TPM {said}")
        self.code = code


class TpmTaken(RuntimeError):
    """The TPM has a lock-out password already."""

    def __init__(self) -> None:
        super().__init__(
            "this TPM has a lock-out password already: clear it with `tpm2_clear`, then prepare it again; "
            "what it kept is lost, and workers log in at the server once"
        )


class LockoutState(msgspec.Struct, frozen=True):
    """How the TPM counts wrong PINs: `wrong` so far of `most`; one is forgotten every `recovery_s` seconds. `guarded`
    says that only a password clears the count."""

    wrong: int
    most: int
    recovery_s: int
    guarded: bool

    @property
    def prepared(self) -> bool:
        """Whether `prepare` was done: a TPM as it comes from the factory lets a thief try too often."""
        return self.guarded and self.most <= MAX_TRIES and self.recovery_s >= RECOVERY_S


class Memory:
    """A file in memory only, which a tool reads or writes by its `path`."""

    def __init__(self, content: bytes = b"") -> None:
        self.descriptor = os.memfd_create("tpm")
        os.write(self.descriptor, content)
        os.lseek(self.descriptor, 0, os.SEEK_SET)

    @property
    def path(self) -> str:
        return f"/dev/fd/{self.descriptor}"

    def read(self) -> bytes:
        return os.pread(self.descriptor, 1 << 16, 0)


class Tpm:
    """One TPM, by its tpm2-tss transmission interface: `device:/dev/tpm0`, or `swtpm:path=SOCKET`. One caller at a
    time; nobody else uses the TPM."""

    def __init__(self, tcti: str) -> None:
        self._tcti = tcti
        self._hangs = False
        self._files: list[Memory] = []

    @contextlib.contextmanager
    def work(self) -> Iterator[None]:
        """Around a piece of work with the TPM: leave no key, no session and no file in memory behind.

        The TPM is told of a shut-down at the end of each, since it counts a power cut after a PIN was tried as a wrong
        PIN.

        Raises:
            TpmError: the TPM does not answer.
        """
        self._hangs = False
        self._flush()  # what a kiosk left that was killed at its work
        try:
            yield
        finally:
            for file in self._files:
                os.close(file.descriptor)
            self._files.clear()
            if not self._hangs:
                self._tidy()

    def file(self, content: bytes = b"") -> Memory:
        """A file in memory that lasts until the `work` ends."""
        made = Memory(content)
        self._files.append(made)
        return made

    def run(self, tool: str, *arguments: str, given: bytes = b"") -> bytes:
        """Run `tpm2_<tool>` with `given` on its standard input; its output.

        Raises:
            TpmError: it failed.
        """
        name = f"tpm2_{tool}"
        try:
            ended = subprocess.run(
                [name, "--tcti", self._tcti, *arguments],
                input=given,
                capture_output=True,
                env={"PATH": os.environ.get("PATH", os.defpath), "TSS2_LOG": "all+NONE"},
                pass_fds=[file.descriptor for file in self._files],
                timeout=_PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            self._hangs = True
            raise TpmError(name, None) from error
        except OSError as error:
            raise TpmError(name, None) from error
        if ended.returncode:
            codes = _RESPONSE_CODE.findall(ended.stderr.decode(errors="replace"))
            raise TpmError(name, int(codes[-1], 16) if codes else None)
        return ended.stdout

    def free_objects(self) -> None:
        """Make room: the TPM holds three keys at once, and every tool leaves its own there."""
        self.run("flushcontext", "--transient-object")

    def _tidy(self) -> None:
        with contextlib.suppress(TpmError):  # it is gone; what failed before says more
            self._flush()
            self.run("shutdown", "--clear")

    def _flush(self) -> None:
        for kind in ("--transient-object", "--saved-session", "--loaded-session"):
            self.run("flushcontext", kind)

    def clock_ms(self) -> int:
        """The TPM's own clock: the milliseconds it was powered since it was made or cleared. It only goes forward."""
        found = re.search(rb"^\s*clock: (\d+)$", self.run("readclock"), re.MULTILINE)
        if found is None:
            raise TpmError("tpm2_readclock", None)
        return int(found[1])

    def lockout(self) -> LockoutState:
        said = self.run("getcap", "properties-variable").decode()
        values = dict(re.findall(r"^\s*(\w+):\s+(0x[0-9A-Fa-f]+|\d+)\s*$", said, re.MULTILINE))
        try:
            return LockoutState(
                wrong=int(values["TPM2_PT_LOCKOUT_COUNTER"], 16),
                most=int(values["TPM2_PT_MAX_AUTH_FAIL"], 16),
                recovery_s=int(values["TPM2_PT_LOCKOUT_INTERVAL"], 16),
                guarded=values["lockoutAuthSet"] == "1",
            )
        except KeyError as error:
            raise TpmError("tpm2_getcap", None) from error


def tools_are_here() -> bool:
    """Whether tpm2-tools are installed."""
    return shutil.which("tpm2_unseal") is not None


def prepare(
    tpm: Tpm, lockout_password: str, *, max_tries: int = MAX_TRIES, recovery_s: int = RECOVERY_S
) -> None:
    """Set how often a PIN may be wrong, then close that setting with a password of the district's.

    Without the password nobody changes the setting or clears the count, but by clearing the TPM, and that makes what
    it keeps useless. The password may be thrown away: the count clears itself with time.

    Raises:
        TpmError: the TPM does not answer.
        TpmTaken: somebody set another password already.
    """
    with tpm.work():
        if tpm.lockout().guarded:
            raise TpmTaken
        tpm.run(
            "dictionarylockout",
            "--setup-parameters",
            f"--max-tries={max_tries}",
            f"--recovery-time={recovery_s}",
            f"--lockout-recovery-time={LOCKOUT_RECOVERY_S}",
        )
        tpm.run("changeauth", "--object-context=lockout", "file:-", given=b"str:" + lockout_password.encode())


def new_lockout_password() -> str:
    """128 random bits, as text."""
    return secrets.token_hex(16)
