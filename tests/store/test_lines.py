from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.store.lines import DamagedLineError, encode_line, read_lines

SEED = "0123456789abcdef"
CHANGES = [b'[["a","k",{"v":1}]]', b'[["a","k"]]', b'[["b"],["b","x",{"v":"%s"}]]' % (b"y" * 30)]


def journal(changes: list[bytes]) -> tuple[bytes, list[int]]:
    content, ends, checksum = b"", [0], SEED
    for one in changes:
        line, checksum = encode_line(one, checksum)
        content += line
        ends.append(len(content))
    return content, ends


CONTENT, ENDS = journal(CHANGES)


@given(st.lists(st.binary().filter(lambda changes: b"\n" not in changes)))
def test_what_was_written_is_read(changes: list[bytes]) -> None:
    content, ends = journal(changes)
    lines = read_lines(content, SEED)
    assert list(lines.changes) == changes
    assert list(lines.offsets) == ends[:-1]
    assert (lines.end, lines.unfinished) == (len(content), False)


def test_a_line_is_json() -> None:
    checksum, changes = json.loads(CONTENT[: ENDS[1]])
    assert len(checksum) == 24
    assert changes == json.loads(CHANGES[0])


@pytest.mark.parametrize("zeros", [0, 1, 500])
def test_a_line_that_was_not_finished_is_told_from_those_before_it(zeros: int) -> None:
    for size in range(ENDS[-1]):
        whole = max(end for end in ENDS if end <= size)
        if zeros and size + 1 in ENDS:
            continue  # all of the line but its newline, and zeros: looks like a newline that was overwritten
        lines = read_lines(CONTENT[:size] + bytes(zeros), SEED)
        assert lines.end == whole
        assert lines.unfinished == (size > whole or zeros > 0)
        assert len(lines.changes) == ENDS.index(whole)


def test_every_flipped_bit_and_byte_is_damage_at_its_line() -> None:
    for position in range(len(CONTENT)):
        for flip in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            changed = bytearray(CONTENT)
            changed[position] ^= flip
            with pytest.raises(DamagedLineError) as caught:
                read_lines(bytes(changed), SEED)
            assert caught.value.offset == max(end for end in ENDS if end <= position)


def test_a_newline_that_is_gone_is_damage_also_before_an_unfinished_line() -> None:
    changed = bytearray(CONTENT[:-5])
    changed[ENDS[2] - 1] = 0
    with pytest.raises(DamagedLineError):
        read_lines(bytes(changed), SEED)


def test_lines_that_are_lost_doubled_or_swapped_are_damage() -> None:
    first, second, third = (CONTENT[start:end] for start, end in pairwise(ENDS))
    for content in (second + third, first + third, first + first, second + first, first + second + second):
        with pytest.raises(DamagedLineError):
            read_lines(content, SEED)


def test_a_journal_of_another_snapshot_is_damage() -> None:
    with pytest.raises(DamagedLineError) as caught:
        read_lines(CONTENT, SEED[::-1])
    assert caught.value.offset == 0
