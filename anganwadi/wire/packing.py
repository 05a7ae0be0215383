"""What is sealed is packed first: one zstd frame that says how much it holds, so that nobody unpacks more than that."""

import zstandard


class CannotUnpack(ValueError):
    """Not one zstd frame, or one that would unpack to more than it may."""


def pack(plain: bytes) -> bytes:
    """Compress; level 3, zstd's own choice between time and size."""
    return zstandard.ZstdCompressor(level=3, write_content_size=True).compress(plain)


def unpack(packed: bytes, limit: int) -> bytes:
    """What `pack` was given, if it is no longer than `limit` bytes; that is known before any of it is unpacked.

    Raises:
        CannotUnpack: malformed, longer, empty, of a length not said, or with something after it.
    """
    try:
        if not 0 < zstandard.frame_content_size(packed) <= limit:
            raise CannotUnpack("would unpack to more than it may, or to nothing, or does not say to how much")
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=limit, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise CannotUnpack(f"cannot be unpacked: {error}") from error
