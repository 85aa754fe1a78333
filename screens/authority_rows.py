"""The rows of CAs: a tree of roots and of the CAs under them, with what depends on each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from estconsole.administration.authorities import AuthorityOverview
from estconsole.domain.certificate import grouped
from screens.certificate_text import in_words, time_left
from screens.columns import Column
from screens.lab_view import Clock
from screens.record_rows import Order, RecordColumn, RecordRows
from screens.table import Cell
from screens.text import NONE, shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityNode:
    """A CA in its tree: `branch` is what stands before its name there, and `text` is what a search sees.

    The text holds that of the CAs under it too: what a search finds is shown with the CAs above.
    """

    overview: AuthorityOverview
    branch: str
    text: str

    @property
    def name(self) -> str:
        return self.overview.name


@dataclass(frozen=True, slots=True)
class _Line:
    overview: AuthorityOverview
    branch: str
    depth: int


def in_tree(overviews: Sequence[AuthorityOverview]) -> tuple[AuthorityNode, ...]:
    """The CAs in the order of their tree: roots first, each CA under the one that signed it."""
    known = {each.name for each in overviews}
    below: defaultdict[str, list[AuthorityOverview]] = defaultdict(list)
    for each in overviews:
        below[each.parent if each.parent in known else ""].append(each)
    tops = sorted(below[""], key=lambda each: not each.facts.is_root)
    lines = [line for top in tops for line in _lines(_Line(top, "", 0), "", below)]
    # CAs that signed one another in a circle stand below no top, and are shown all the same.
    shown = {line.overview.name for line in lines}
    lines += [_Line(each, "", 0) for each in overviews if each.name not in shown]
    return tuple(
        AuthorityNode(overview=line.overview, branch=line.branch, text=_searched(line, lines[place + 1 :]))
        for place, line in enumerate(lines)
    )


def authority_rows(now: Clock) -> RecordRows[AuthorityNode]:
    """The rows of the list of CAs; the tree is seen as long as they stand in its order."""

    def name_cell(node: AuthorityNode) -> Cell:
        return Cell((node.branch if rows.order == Order() else "") + shortened(node.name) + _elsewhere(node.overview))

    columns: tuple[RecordColumn[AuthorityNode], ...] = (
        RecordColumn(
            column=Column(title="CA", least=24, most=48),
            cell=name_cell,
            order=lambda node: node.name,
        ),
        RecordColumn(
            column=Column(title="key", least=8, most=9),
            cell=lambda node: Cell(str(node.overview.facts.key), "faint"),
            order=lambda node: str(node.overview.facts.key),
        ),
        RecordColumn(
            column=Column(title="expires", least=17, most=22),
            cell=lambda node: state_cell(node.overview, now()),
            order=lambda node: node.overview.facts.not_after,
        ),
        _counts("certs", 6, lambda overview: overview.certificates),
        _counts("entities", 8, lambda overview: overview.end_entities),
        _counts("aliases", 7, lambda overview: len(overview.aliases)),
        RecordColumn(
            column=Column(title="CRL", least=20, most=28),
            cell=lambda node: crl_cell(node.overview, now()),
        ),
    )
    rows = RecordRows(columns, key=lambda node: node.name, text=lambda node: node.text, noun=("CA", "CAs"))
    return rows


def state_cell(overview: AuthorityOverview, now: datetime) -> Cell:
    """Whether a CA is good, and for how long."""
    if overview.revocation is not None:
        return Cell("✗ revoked", "bad")
    return time_left(overview.facts.not_before, overview.facts.not_after, now)


def crl_cell(overview: AuthorityOverview, now: datetime) -> Cell:
    """A CA's CRL by its number, and how long it still holds."""
    if (crl := overview.crl) is None:
        return Cell("▲ none", "attention")
    number = "without number" if crl.number is None else f"no. {crl.number:,}"
    if crl.next_update is None:
        return Cell(number)
    if crl.next_update < now:
        return Cell(f"▲ {number} is overdue", "attention")
    return Cell(f"{number}, {in_words(crl.next_update - now)}")


def _counts(title: str, width: int, number: Callable[[AuthorityOverview], int]) -> RecordColumn[AuthorityNode]:
    """A column of how many of something depend on a CA."""
    return RecordColumn(
        column=Column(title=title, least=width, right=True),
        cell=lambda node: Cell(f"{number(node.overview):,}" if number(node.overview) else NONE, "faint"),
        order=lambda node: number(node.overview),
    )


def _elsewhere(overview: AuthorityOverview) -> str:
    """What is above a CA whose signer is no CA of this lab, right after its name: the tree cannot show it."""
    if overview.facts.is_root or overview.parent:
        return ""
    return f" (under {shortened(overview.vendor or str(overview.facts.issuer))})"


def _lines(line: _Line, indent: str, below: Mapping[str, list[AuthorityOverview]]) -> Iterator[_Line]:
    """A CA's line, and those of all that are under it."""
    yield line
    under = below.get(line.overview.name, [])
    for number, each in enumerate(under, 1):
        sign, further = ("└ ", "  ") if number == len(under) else ("├ ", "│ ")
        yield from _lines(_Line(each, indent + sign, line.depth + 1), indent + further, below)


def _searched(line: _Line, after: Sequence[_Line]) -> str:
    under = takewhile(lambda other: other.depth > line.depth, after)
    return "\n".join(_own_text(each.overview) for each in (line, *under))


def _own_text(overview: AuthorityOverview) -> str:
    facts = overview.facts
    return f"{overview.name}\n{facts.subject}\n{facts.issuer}\n{facts.key}\n{facts.sha256}\n{grouped(facts.sha256)}"
