"""Reading a ration card: the QR code on it, in the picture of the same camera that looks at faces.

The picture is searched in RAM and nothing of it is kept; what comes back is the card's number or nothing. zxing-cpp
turns, straightens and thresholds by itself, so that she may hold the card as she likes.
"""

import numpy as np
import zxingcpp

from anganwadi.cards import PREFIX, BadCardNumber, CardNumber, parse

_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def read_card(rgb: np.ndarray) -> CardNumber | None:
    """The number of the card in a picture (height x width x 3, uint8), None where none can be read.

    A QR code of something else is no card, nor is one whose check character is wrong.
    """
    green = np.ascontiguousarray(rgb[..., 1])  # black on white shows in any channel
    for code in zxingcpp.read_barcodes(green, formats=_FORMATS):
        if code.text.startswith(PREFIX):
            try:
                return parse(code.text)
            except BadCardNumber:
                continue
    return None
