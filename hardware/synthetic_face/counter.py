"""What else is held or stands before a centre's camera: a ration card in a hand, and a group of children to be counted.

The group is made of copies of the two portraits, in rows as for a class photograph; synthetic, and nobody's children.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import zxingcpp

from hardware.synthetic_face.head import Place, SyntheticHead
from hardware.synthetic_face.sheet import Hand, Sheet, held, wall

CARD_PX = (430, 270)
"""A card of ID-1 size, in its own pixels."""
CARD_RGB = (250, 248, 242)
CODE_PX = 200
MODULE_PX = 6
PREFIX = "AANGAN:"
"""What the text of a card's code begins with (`anganwadi.cards`)."""
IN_A_ROW = 6
HEAD_SHARE = 0.075
"""Width of a head in a group picture, as a share of the picture's width."""
SWAY = 0.004
"""How far they sway, as a share of it."""


class CardInHand:
    """A ration card with its QR code, held a little unsteadily."""

    def __init__(self, number: str, seed: int) -> None:
        """`number` is what is printed on the card; separators and case do not matter."""
        self._sheet, self._hand = card(number), Hand(seed, width=0.55)

    def hear(self, prompt: str, at: float) -> None:
        """A card is deaf."""

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        return held(self._sheet, self._hand.hold(at), size)


class Group:
    """So many people in rows before the camera, standing almost still."""

    def __init__(self, heads: Sequence[SyntheticHead], count: int) -> None:
        self._heads, self._count = heads, count

    def hear(self, prompt: str, at: float) -> None:
        """They are told nothing."""

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        canvas = wall(size)
        rows = -(-self._count // IN_A_ROW)
        for index in range(self._count):
            row, column = divmod(index, IN_A_ROW)
            here = min(IN_A_ROW, self._count - row * IN_A_ROW)
            sway = SWAY * float(np.sin(1.3 * at + index))
            x, y = (column + 0.5) / here + sway, (row + 0.5) / rows
            _stand(canvas, self._heads[index % len(self._heads)], x, y)
        return canvas


def card(number: str) -> Sheet:
    """The card's face: the code on the left, lines for what is printed beside it."""
    rgb = np.full((CARD_PX[1], CARD_PX[0], 3), CARD_RGB, np.uint8)
    text = PREFIX + "".join(character for character in number.upper() if character.isalnum())
    code = np.array(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=MODULE_PX))
    square = cv2.resize(code, (CODE_PX, CODE_PX), interpolation=cv2.INTER_AREA)
    top = (CARD_PX[1] - CODE_PX) // 2
    rgb[top : top + CODE_PX, top : top + CODE_PX] = square[..., None]
    for line in range(3):
        at = top + 30 + 50 * line
        cv2.line(rgb, (top + CODE_PX + 20, at), (CARD_PX[0] - 24 - 40 * line, at), (70, 70, 70), 8)
    return Sheet(rgb, (CARD_PX[0] / 2, CARD_PX[1] / 2), CARD_PX[0])


def _stand(canvas: np.ndarray, head: SyntheticHead, x: float, y: float) -> None:
    """Put a head and shoulders on the canvas, its middle at these shares of the picture."""
    height, width = canvas.shape[:2]
    side = round(HEAD_SHARE * width * 2.2)
    figure = head.photograph((side, side), Place(x=0.5, y=0.45, width=1 / 2.2))
    left = int(np.clip(x * width - side / 2, 0, width - side))
    top = int(np.clip(y * height - side / 2, 0, height - side))
    canvas[top : top + side, left : left + side] = figure
