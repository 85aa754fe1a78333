"""What may come instead of a DER file: the file with bytes flipped, put in, taken out or cut off, and other values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st


def tlv(tag: int, *contents: bytes) -> bytes:
    """A DER value of a tag, short or long."""
    body = b"".join(contents)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1)
    return bytes([tag]) + (size if len(body) < 128 else bytes([0x80 | len(size)]) + size) + body


@st.composite
def damaged(draw: Callable[[st.SearchStrategy[int]], int], originals: Sequence[bytes]) -> bytes:
    """One of the originals with a few wounds; half of them keep lengths as they were, so that readers get deep."""
    raw = bytearray(draw(st.sampled_from(originals)))
    keeps_lengths = draw(st.booleans())
    for _ in range(draw(st.integers(1, 4))):
        position = draw(st.integers(0, max(0, len(raw) - 1)))
        match "flip" if keeps_lengths else draw(st.sampled_from(["flip", "insert", "delete", "cut"])):
            case "flip" if raw:
                raw[position] = draw(st.integers(0, 255))
            case "insert":
                raw.insert(position, draw(st.integers(0, 255)))
            case "delete":
                del raw[position : position + draw(st.integers(1, 8))]
            case _:
                del raw[position:]
    return bytes(raw)
