"""What a picture of the kiosk's camera looks like where it should not be."""

import cv2
import numpy as np

from edge.kiosk.viewfinder import JPEG_QUALITY

TABLES = 150
"""Bytes from a JPEG's beginning that depend on the encoder and its quality alone: the tables before the first size."""


def picture_beginning() -> bytes:
    """The bytes every picture of the live view begins with, and hardly anything else does."""
    done, jpeg = cv2.imencode(
        ".jpg", np.zeros((16, 16, 3), np.uint8), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    )
    assert done
    return jpeg.tobytes()[:TABLES]
