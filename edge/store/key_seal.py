"""Sealing the data key (DK) inside a TPM: under a PIN whose wrong tries the TPM counts, and until a time on its clock.

Two objects, both made under the TPM's own storage key and useless to any other TPM: the *gate*, whose password is the
PIN, and DK, whose policy says "the gate's password, and the clock is before that time". The TPM itself refuses after
it, whatever the kiosk's clock says.

DK crosses between processor and TPM encrypted to the TPM's key (a salted session). So does the PIN when it is kept;
when it is tried it crosses as it is, since tpm2-tools take a PIN for an encrypted session on the command line only.
"""

import hashlib
import struct

import msgspec

from provisioning.tpm import Memory, Tpm

_STORAGE_KEY = "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|decrypt|noda"
_GATE = "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign"
"""Without `noda`: wrong passwords are counted."""
_DATA_KEY = "fixedtpm|fixedparent|noda"
"""Without `userwithauth`: it opens by its policy alone."""

# From TCG, TPM 2.0 Library, part 2: constants that a policy's digest is made of.
_SHA256 = b"\x00\x0b"
_CC_POLICY_SECRET = b"\x00\x00\x01\x51"
_CC_POLICY_COUNTER_TIMER = b"\x00\x00\x01\x6d"
_CLOCK_OFFSET = 8
"""Where the clock stands in TPMS_TIME_INFO."""
_UNSIGNED_LESS_THAN = 5


class TpmObject(msgspec.Struct, frozen=True):
    """An object as the TPM gave it out, its private part as the TPM's own ciphertext."""

    public: bytes
    private: bytes

    @property
    def name(self) -> bytes:
        """What the TPM calls it: the hash of its public part, whose first two bytes are its length."""
        return _SHA256 + hashlib.sha256(self.public[2:]).digest()


class SealedKey(msgspec.Struct, frozen=True):
    """DK sealed in a TPM until its clock says `clock_ms`."""

    clock_ms: int
    gate: TpmObject
    data_key: TpmObject


def seal(tpm: Tpm, data_key: bytes, pin: str, clock_ms: int) -> SealedKey:
    """Seal `data_key` under `pin` until the TPM's clock says `clock_ms`.

    Raises:
        TpmError: the TPM does not answer.
    """
    parent = _storage_key(tpm)
    session = _session(tpm, parent, "--hmac-session", "--enable-decrypt")
    under = (f"--parent-context={parent.path}", f"--parent-auth=session:{session.path}")
    gate = _create(
        tpm,
        *under,
        f"--attributes={_GATE}",
        "--key-algorithm=hmac",
        "--key-auth=file:-",
        given=_password(pin),
    )
    policy = tpm.file(_policy(gate, clock_ms))
    sealed = _create(
        tpm, *under, f"--attributes={_DATA_KEY}", f"--policy={policy.path}", "--sealing-input=-", given=data_key
    )  # fmt: skip
    return SealedKey(clock_ms, gate, sealed)


def unseal(tpm: Tpm, sealed: SealedKey, pin: str) -> bytes:
    """The data key again.

    Raises:
        TpmError: it is not this PIN, too many were not, the time is over, it is another TPM, or it does not answer.
    """
    parent = _storage_key(tpm)
    gate = _load(tpm, parent, sealed.gate)
    session = _session(tpm, parent, "--policy-session", "--enable-encrypt")
    tpm.run(
        "policysecret", f"--session={session.path}", f"--object-context={gate.path}", "file:-", given=_password(pin)
    )  # fmt: skip
    tpm.run("policycountertimer", f"--session={session.path}", "--ult", f"clock={sealed.clock_ms}")
    tpm.free_objects()
    data_key = _load(tpm, parent, sealed.data_key)
    return tpm.run("unseal", f"--object-context={data_key.path}", f"--auth=session:{session.path}")


def _storage_key(tpm: Tpm) -> Memory:
    """The TPM's own key that ours hang on: it makes the same one anew each time."""
    context = tpm.file()
    tpm.run(
        "createprimary", "--hierarchy=o", "--key-algorithm=ecc", f"--attributes={_STORAGE_KEY}",
        f"--key-context={context.path}",
    )  # fmt: skip
    tpm.free_objects()
    return context


def _session(tpm: Tpm, parent: Memory, kind: str, encryption: str) -> Memory:
    """A session salted to the TPM's key; `encryption` says which of a command's contents cross encrypted."""
    session = tpm.file()
    tpm.run("startauthsession", kind, f"--session={session.path}", f"--tpmkey-context={parent.path}")
    tpm.free_objects()
    tpm.run("sessionconfig", session.path, encryption)
    return session


def _create(tpm: Tpm, *options: str, given: bytes) -> TpmObject:
    public, private = tpm.file(), tpm.file()
    tpm.run("create", *options, f"--public={public.path}", f"--private={private.path}", given=given)
    tpm.free_objects()
    return TpmObject(public.read(), private.read())


def _load(tpm: Tpm, parent: Memory, made: TpmObject) -> Memory:
    context, public, private = tpm.file(), tpm.file(made.public), tpm.file(made.private)
    tpm.run(
        "load", f"--parent-context={parent.path}", f"--public={public.path}", f"--private={private.path}",
        f"--key-context={context.path}",
    )  # fmt: skip
    tpm.free_objects()
    return context


def _policy(gate: TpmObject, clock_ms: int) -> bytes:
    """The digest of DK's policy, as the TPM will compute it from the commands of `unseal` (TPM 2.0 Library, part 3,
    PolicySecret and PolicyCounterTimer)."""
    argument = struct.pack(">QHH", clock_ms, _CLOCK_OFFSET, _UNSIGNED_LESS_THAN)
    digest = _hash(_hash(bytes(32), _CC_POLICY_SECRET, gate.name))  # and once more, for the empty policyRef
    return _hash(digest, _CC_POLICY_COUNTER_TIMER, _hash(argument))


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _password(pin: str) -> bytes:
    """The PIN as the tools read it from a file: with this prefix nothing in it has a meaning."""
    return b"str:" + pin.encode()
