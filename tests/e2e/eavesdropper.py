"""Whoever runs the broker and is curious: hears all of a district's traffic, and unpacks whatever in it unpacks."""

import re
import subprocess
from pathlib import Path

import zstandard


def listen(broker, lines: Path) -> subprocess.Popen:
    """Write every message of the district into `lines`, as topic and hexadecimal payload, until terminated."""
    observer = broker.credentials("observer")
    command = [
        "stdbuf", "-oL", "mosquitto_sub", "-h", broker.host, "-p", str(broker.port), "--cafile", str(broker.ca),
        "--cert", str(observer.certificate), "--key", str(observer.key), "--tls-version", "tlsv1.3",
        "-V", "mqttv5", "-q", "1", "-t", "aangan/#", "-F", "%t %x", "-d",
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=lines.open("wb"))


def unpacked(raw: bytes) -> bytes:
    """The bytes, and whatever in them unpacks."""
    found = [raw]
    for match in re.finditer(rb"\x28\xb5\x2f\xfd", raw):
        try:
            found.append(zstandard.ZstdDecompressor().decompressobj().decompress(raw[match.start() :]))
        except zstandard.ZstdError:
            continue
    return b"".join(found)
