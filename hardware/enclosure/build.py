"""Build the cases, check them against the parts they hold, and write STEP and STL: `make cad`. Needs build123d."""

# pyright: reportMissingImports=false

from collections.abc import Callable
from pathlib import Path
from typing import Any

from build123d import export_step, export_stl

from hardware.enclosure import kiosk, scale_box
from hardware.enclosure.layout import Block, box_blocks, kiosk_blocks
from hardware.enclosure.solids import cuboid

HERE = Path(__file__).resolve().parent
FINEST_MM = 0.08  # how far a triangle may lie from the true surface
MAX_SHARED_MM3 = 0.5
SAME_DATE = "2026-01-01T00:00:00"  # so that an unchanged case is an unchanged file

PIECES: dict[str, tuple[Callable[[], Any], Callable[[], list[Block]]]] = {
    "kiosk_case": (kiosk.front, kiosk_blocks),
    "kiosk_back": (kiosk.back, kiosk_blocks),
    "scale_box": (scale_box.box, box_blocks),
    "scale_lid": (scale_box.lid, box_blocks),
}
PAIRS = (("kiosk_case", "kiosk_back"), ("scale_box", "scale_lid"))


class DoesNotFit(Exception):
    """A case is not one sound solid, or stands where a part is to go."""


def check(name: str, solid: Any, blocks: list[Block]) -> None:
    """See that the piece is one valid solid and leaves every part its room.

    Raises:
        DoesNotFit: it is not, or does not.
    """
    if len(solid.solids()) != 1 or not solid.is_valid:
        raise DoesNotFit(f"{name} is {len(solid.solids())} solids, valid: {solid.is_valid}")
    for block in blocks:
        shared = shared_volume(solid, cuboid(block.low, block.high))
        if shared > MAX_SHARED_MM3:
            raise DoesNotFit(f"{name} takes {shared:.1f} mm3 of the room of: {block.name}")


def shared_volume(one: Any, other: Any) -> float:
    """Volume in mm3 that two solids share."""
    common = one & other
    return 0.0 if common is None else float(getattr(common, "volume", 0.0))


def main() -> None:
    """Build all, check all, then write."""
    solids = {name: make() for name, (make, _) in PIECES.items()}
    for name, solid in solids.items():
        check(name, solid, PIECES[name][1]())
    for one, other in PAIRS:
        if shared_volume(solids[one], solids[other]) > MAX_SHARED_MM3:
            raise DoesNotFit(f"{one} and {other} share room")
    for name, solid in solids.items():
        export_step(solid, str(HERE / f"{name}.step"), timestamp=SAME_DATE)
        export_stl(solid, str(HERE / f"{name}.stl"), tolerance=FINEST_MM, angular_tolerance=0.4)


if __name__ == "__main__":
    main()
