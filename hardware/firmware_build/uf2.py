"""Writing a flash image as UF2: the file that a Pico in BOOTSEL mode takes by copying it onto its drive.

UF2 is blocks of 512 bytes, each with the address its 256 bytes go to (https://github.com/microsoft/uf2).
"""

import struct
from typing import Final

MAGIC_START: Final = (0x0A324655, 0x9E5D5157)
MAGIC_END: Final = 0x0AB16F30
FAMILY_PRESENT: Final = 0x2000
RP2040_FAMILY: Final = 0xE48BFF56
FLASH_START: Final = 0x10000000
PAYLOAD: Final = 256  # the RP2040's boot ROM takes a flash page a block
_BLOCK: Final = struct.Struct("<8I476sI")


def to_uf2(image: bytes, address: int = FLASH_START) -> bytes:
    """Write `image`, which belongs at `address` of the flash, as an RP2040 UF2 file.

    The last page is filled with 0xFF, as erased flash reads.

    Raises:
        ValueError: there is nothing to write, or `address` is not at a page's start.
    """
    if not image or address % PAYLOAD:
        raise ValueError("an image of at least one byte, at the start of a flash page, is needed")
    pages = [image[start : start + PAYLOAD] for start in range(0, len(image), PAYLOAD)]
    return b"".join(
        _BLOCK.pack(
            *MAGIC_START,
            FAMILY_PRESENT,
            address + number * PAYLOAD,
            PAYLOAD,
            number,
            len(pages),
            RP2040_FAMILY,
            page.ljust(PAYLOAD, b"\xff"),
            MAGIC_END,
        )
        for number, page in enumerate(pages)
    )
