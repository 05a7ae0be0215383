"""What the fuzzer starts from: the test vectors, each behind the doors it belongs to."""

from collections.abc import Iterator
from pathlib import Path

from anganwadi.wire import packing
from tests.fuzz import doors
from tests.fuzz.doors import VECTORS, through


def seeds() -> Iterator[bytes]:
    """Every input to start from."""
    for each in VECTORS["frames"].values():
        yield through(doors.whole_frame, bytes.fromhex(each["frame"]))
        yield through(doors.header, bytes.fromhex(each["header_bytes"]))
        count = bytes((len(each["events"]),))
        yield through(doors.packed_events, count + bytes.fromhex(each["packed"]))
        yield through(doors.plain_events, count + bytes.fromhex(each["plain"]))
    for each in VECTORS["events"].values():
        yield through(doors.one_event, bytes.fromhex(each))
    yield through(doors.server_receipt, bytes.fromhex(VECTORS["receipt"]["receipt"])[:-64])
    yield through(doors.key_announcement, bytes.fromhex(VECTORS["announcement"]["announcement"])[:-64])
    for each in VECTORS["letters"].values():
        yield through(doors.letter_envelope, bytes.fromhex(each["letter"])[:-64])
        yield through(doors.letter_content, bytes.fromhex(each["content"]))
    yield through(doors.letter_down, bytes.fromhex(VECTORS["document"]["part"]))
    many = b"\xdd\x00\x3f\x00\x00" + b"\x80" * 0x3F0000  # of empty maps, each sixty times its size in memory
    old = b"\x83\xa6schema\x01\xa4body\x81\xa4type\xadcentre_opened\xa1x" + many
    for bomb in (many, b"\x91" + many, b"\x91" + old):
        yield through(doors.packed_events, b"\x01" + packing.pack(bomb))
    for bomb in (bytes(16 << 20), b"\x81\xa1x" + many, b"\x81\xa4have" + many, b"\x81\xa7notices" + many):
        yield through(doors.packed_letter, packing.pack(bomb))
    yield through(doors.document, packing.pack(b"\x81\xa5forms" + many))
    yield through(doors.topic, b"aangan/1/namuna/kiosk-a/up/frame")
    for each in VECTORS["refused"]:
        if each["kind"] == "frame":
            yield through(doors.whole_frame, bytes.fromhex(each["bytes"]))


def write(folder: Path) -> None:
    """Put the seeds into a corpus folder, beside whatever the fuzzer found before."""
    folder.mkdir(parents=True, exist_ok=True)
    for n, seed in enumerate(seeds()):
        (folder / f"seed-{n:03}").write_bytes(seed)
