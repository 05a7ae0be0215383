"""A card held before a camera: the printed sheet rendered, cut, photographed badly on purpose. All of it synthetic."""

from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2

from server.cards.sheet import CARD_MM, PER_PAGE

SCALE = 4
"""Pixels of the rendered page a point."""
PX_PER_MM = SCALE * 72 / 25.4
PICTURE = (480, 640)
"""Height and width of the kiosk's pictures."""


@dataclass(frozen=True)
class Shot:
    """How the card is held and lit: its width in the picture in pixels, turned and tilted in degrees, blur and noise as
    standard deviations (pixels, grey levels), light as a share of full."""

    width_px: float = 320.0
    turned: float = 0.0
    tilted: float = 0.0
    blur: float = 0.8
    noise: float = 4.0
    light: float = 1.0


def cards_of(pdf: bytes) -> list[np.ndarray]:
    """The cards of a sheet's first page, cut out, as RGB pictures of `PX_PER_MM`."""
    page = pypdfium2.PdfDocument(pdf)[0]
    whole = np.asarray(page.render(scale=SCALE).to_numpy())[..., ::-1]
    height, width = whole.shape[:2]
    wide, high = (round(side * PX_PER_MM) for side in CARD_MM)
    left, top = round(width / 2 - wide), round((height - PER_PAGE * high) / 2)
    return [
        np.ascontiguousarray(whole[top + n * high : top + (n + 1) * high, left : left + wide])
        for n in range(PER_PAGE)
    ]


def photograph(card: np.ndarray, shot: Shot, rng: np.random.Generator) -> np.ndarray:
    """The picture a camera takes of it, before a brown background."""
    high, wide = card.shape[:2]
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    flat = (corners - [wide / 2, high / 2]) * (shot.width_px / wide)
    turn, tilt = np.deg2rad(shot.turned), np.deg2rad(shot.tilted)
    away = flat[:, 0] * np.sin(tilt)
    near = 1 / (1 + away / 900.0)  # a focal length of about 900 pixels
    seen = np.stack([flat[:, 0] * np.cos(tilt) * near, flat[:, 1] * near], axis=1)
    spun = seen @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    target = (spun + np.array(PICTURE[::-1]) / 2).astype(np.float32)
    picture = np.full((*PICTURE, 3), (120, 96, 70), np.uint8)
    cv2.warpPerspective(
        card, cv2.getPerspectiveTransform(corners, target), PICTURE[::-1], dst=picture,
        flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT,
    )  # fmt: skip
    blurred = cv2.GaussianBlur(picture, (0, 0), shot.blur) if shot.blur else picture
    lit = blurred.astype(np.float32) * shot.light + rng.normal(0, shot.noise, picture.shape)
    return np.clip(lit, 0, 255).astype(np.uint8)
