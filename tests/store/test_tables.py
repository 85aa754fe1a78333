from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.store.tables import Change, Tables, Transaction, apply, encode_change

NAMES = st.sampled_from(["a", "b"])
KEYS = st.sampled_from("klmno")
ROWS = st.fixed_dictionaries({"v": st.integers(0, 9)})
CHANGES = st.lists(
    st.one_of(
        st.tuples(NAMES, KEYS, ROWS).map(list),
        st.tuples(NAMES, KEYS).map(list),
        st.tuples(NAMES).map(list),
        st.tuples(NAMES, st.none()).map(list),
    ),
    max_size=15,
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=5,
)


def possible(tables: Tables, change: Change) -> bool:
    """Whether the storage would make this change: it removes only what is there."""
    if len(change) != 2:
        return True
    return change[0] in tables and (change[1] is None or change[1] in tables[change[0]])


def carried_out(changes: list[Change]) -> tuple[Tables, list[Change]]:
    tables: Tables = {}
    made = []
    for change in changes:
        if possible(tables, change):
            apply(tables, change)
            made.append(change)
    return tables, made


@given(CHANGES, CHANGES, st.integers(0, 15))
def test_a_transaction_sees_what_its_commit_will_give_in_the_same_order(
    earlier: list[Change], changes: list[Change], mark: int
) -> None:
    committed, _ = carried_out(earlier)
    untouched = json.dumps(committed)
    _, every = carried_out(earlier + changes)
    made = every[len(carried_out(earlier)[1]) :]
    transaction = Transaction(committed, sync=True)
    for change in made:
        transaction.add(change)
    for kept in (len(made), min(mark, len(made))):
        transaction.withdraw(kept)
        expected = json.loads(untouched)
        for change in made[:kept]:
            apply(expected, change)
        assert transaction.names() == set(expected)
        assert json.loads(transaction.encoded()) == transaction.changes == made[:kept]
        for name in ("a", "b"):
            rows = transaction.rows(name)
            assert list(rows.items()) == list(rows.copy().items()) == list(expected.get(name, {}).items())
            assert len(rows) == len(expected.get(name, {}))
            assert all((key in rows) == (key in expected.get(name, {})) for key in "klmno")
    assert json.dumps(committed) == untouched


@given(st.dictionaries(st.text(st.characters()), ANYTHING))
def test_memory_holds_just_what_reading_the_line_gives(row: dict[str, Any]) -> None:
    text, change = encode_change(["table", "key", row])
    assert text.isascii()
    assert "\n" not in text
    assert repr(change) == repr(json.loads(text))


def test_the_caller_keeps_no_way_into_the_row() -> None:
    inner = [1]
    row = {"flat": 1, "inner": inner}
    _, change = encode_change(["table", "key", row])
    inner.append(2)
    row["flat"] = 2
    assert change[2] == {"flat": 1, "inner": [1]}


@pytest.mark.parametrize("value", [b"bytes", object(), float("nan"), float("inf"), {1, 2}])
def test_what_json_cannot_hold_is_refused_and_the_transaction_goes_on_without_it(value: object) -> None:
    transaction = Transaction({}, sync=True)
    transaction.add(["a", "k", {"v": 1}])
    with pytest.raises((TypeError, ValueError)):
        transaction.add(["a", "l", {"v": value}])
    assert transaction.encoded() == b'[["a","k",{"v":1}]]'
    assert list(transaction.rows("a")) == ["k"]


def test_two_halves_of_a_sign_become_it_in_memory_as_in_the_file() -> None:
    halves = "\ud83d" + "\ude00"
    _, change = encode_change(["table", halves, {halves: halves}])
    assert change == ["table", "\U0001f600", {"\U0001f600": "\U0001f600"}]
