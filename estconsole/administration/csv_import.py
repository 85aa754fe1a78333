"""Many end entities from a CSV file: shown row by row first, then registered in one transaction, or none of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from estconsole.administration.csv_format import CsvError, CsvRow, read_rows
from estconsole.administration.dependents import counted
from estconsole.administration.registering import CheckedDraft, RegistrationRules, registered, taken_problem
from estconsole.domain.model import EndEntity
from estconsole.domain.names import name_of_one
from estconsole.domain.problems import FieldProblem
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft
from estconsole.progress import NO_PROGRESS, Progress
from estconsole.results import Rejected, Saved
from estconsole.store.store import Store
from estconsole.store.tables import EncodedChange
from estconsole.vault import Vault

MAX_PROBLEMS = 20
"""How many rows a rejection tells of; the plan tells of all."""

_STEP = 256
_ROW = "row"
_PROFILES = ("end_entity_profile", "certificate_profile")
_ANY_OF_SEVERAL = str.maketrans(";,", "  ")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """A row of a file as it would be registered, the line on which it begins, and what is wrong with it.

    A problem is of a draft's field, or of the field `row`. Then the draft holds no more than its username.
    """

    line: int
    draft: EndEntityDraft
    problems: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import would bring; nothing is changed yet."""

    rows: tuple[PlannedRow, ...]

    @property
    def good(self) -> tuple[PlannedRow, ...]:
        """The rows that can be registered."""
        return tuple(row for row in self.rows if not row.problems)

    @property
    def bad(self) -> tuple[PlannedRow, ...]:
        """The rows with problems."""
        return tuple(row for row in self.rows if row.problems)


@dataclass(frozen=True, slots=True)
class _Ready:
    """Rows that can be written as they are, what is odd about them, and the rows that cannot."""

    entities: tuple[EndEntity, ...]
    encoded: tuple[EncodedChange, ...]
    oddities: Counter[str]
    refused: tuple[PlannedRow, ...]


def plan_import(
    store: Store,
    data: bytes,
    *,
    issuing_ca: str,
    new_code: Callable[[], Secret] | None,
    progress: Progress = NO_PROGRESS,
) -> ImportPlan | Rejected:
    """Read a file and check each row, and change nothing. Raises Cancelled.

    `issuing_ca` is that of rows that name none, and `new_code` makes the code of those without one.
    """
    progress.step(0, what="Reading the file")
    try:
        read = list(read_rows(data))
    except CsvError as error:
        return Rejected.because("data", str(error))
    rules, taken = RegistrationRules(store), frozenset(store.end_entities.keys())
    lines: dict[str, int] = {}
    rows = []
    for number, row in enumerate(read):
        if number % _STEP == 0:
            progress.step(number, len(read), "Checking the rows")
        draft = _draft(row, issuing_ca, new_code)
        problems = (FieldProblem(_ROW, row.problem),) if row.problem else _problems(rules.check(draft))
        if draft.username in taken:
            problems = (taken_problem(draft.username), *problems)
        if draft.username and (first := lines.setdefault(draft.username, row.line)) != row.line:
            problems = (FieldProblem("username", f"line {first} has it too; name each end entity once"), *problems)
        rows.append(PlannedRow(line=row.line, draft=draft, problems=problems))
    return ImportPlan(rows=tuple(rows))


def import_all(
    store: Store, vault: Vault, now: datetime, plan: ImportPlan, *, only_good: bool, progress: Progress = NO_PROGRESS
) -> Saved[tuple[EndEntity, ...]] | Rejected:
    """Register every row of a plan in one transaction, or with `only_good` those that hold. Raises Cancelled.

    Each is checked again, by what the lab has when it is written: a row that does not hold any more counts as bad. All
    that takes time comes before the transaction: other threads wait only while the rows are written.
    """
    if plan.bad and not only_good:
        return Rejected(_told(plan.bad))
    rows = plan.good
    while True:
        rules = RegistrationRules(store)
        ready = _prepared(store, vault, now, rules, rows, progress)
        if rejection := _rejection(ready, only_good=only_good):
            return rejection
        progress.step(len(rows), len(rows), "Saving")
        with store.transaction():
            taken = {entity.username for entity in ready.entities if store.end_entities.get(entity.username)}
            if rules.are_those_of(store) and not taken:
                store.end_entities.put_encoded(ready.encoded)
                return Saved(ready.entities, _warnings(ready))


def _draft(row: CsvRow, issuing_ca: str, new_code: Callable[[], Secret] | None) -> EndEntityDraft:
    cells = row.cells
    username = cells.get("username", "")
    if row.problem:
        return EndEntityDraft(username=username, subject="", issuing_ca="")
    typed = cells.get("code", "")
    code = Secret(typed) if typed else new_code and new_code()
    return EndEntityDraft(
        username=username,
        subject=cells.get("subject", "") or str(name_of_one("CN", username)),
        issuing_ca=cells.get("issuing_ca", "").strip() or issuing_ca,
        subject_alt_names=cells.get("subject_alt_names", ""),
        code=code,
        allowed_requests=cells.get("allowed_requests", ""),
        max_failed_logins=cells.get("max_failed_logins", ""),
        aliases=tuple(dict.fromkeys(cells.get("aliases", "").translate(_ANY_OF_SEVERAL).split())),
        **_profiles(cells),
    )


def _profiles(cells: Mapping[str, str]) -> dict[str, str]:
    """The profiles that a row names; a draft has the built-in ones of itself."""
    return {name: cell for name in _PROFILES if (cell := cells.get(name, "").strip())}


def _problems(checked: CheckedDraft | tuple[FieldProblem, ...]) -> tuple[FieldProblem, ...]:
    return checked if isinstance(checked, tuple) else ()


def _prepared(
    store: Store, vault: Vault, now: datetime, rules: RegistrationRules, rows: Sequence[PlannedRow], progress: Progress
) -> _Ready:
    taken = frozenset(store.end_entities.keys())
    entities, encoded, refused = [], [], []
    oddities: Counter[str] = Counter()
    for number, row in enumerate(rows):
        if number % _STEP == 0:
            progress.step(number, len(rows), "Preparing")
        checked = rules.check(row.draft)
        if row.draft.username in taken or isinstance(checked, tuple):
            problems = (taken_problem(row.draft.username),) if row.draft.username in taken else _problems(checked)
            refused.append(PlannedRow(line=row.line, draft=row.draft, problems=problems))
            continue
        entity = registered(checked, vault, now)
        entities.append(entity)
        encoded.append(store.end_entities.encoded(entity))
        oddities.update(rules.warnings(row.draft, entity))
    return _Ready(tuple(entities), tuple(encoded), oddities, tuple(refused))


def _rejection(ready: _Ready, *, only_good: bool) -> Rejected | None:
    if ready.refused and not only_good:
        return Rejected(_told(ready.refused))
    if ready.entities:
        return None
    return Rejected(_told(ready.refused)) if ready.refused else Rejected.because("data", "no row of it is good")


def _told(rows: Sequence[PlannedRow]) -> tuple[FieldProblem, ...]:
    """The problems of the first rows that have any, each with its line, and how many rows more have some."""
    problems = [
        FieldProblem(problem.field, f"line {row.line}: {problem.message}")
        for row in rows[:MAX_PROBLEMS]
        for problem in row.problems
    ]
    more = len(rows) - MAX_PROBLEMS
    if more > 0:
        problems.append(FieldProblem(_ROW, f"{counted(more, 'row more has', 'rows more have')} problems"))
    return tuple(problems)


def _warnings(ready: _Ready) -> tuple[str, ...]:
    odd = tuple(
        f"{counted(count, 'end entity', 'end entities')}: {words}"
        for words, count in ready.oddities.most_common(MAX_PROBLEMS)
    )
    if not ready.refused:
        return odd
    left_out = counted(len(ready.refused), "row was left out that was", "rows were left out that were")
    told = "; ".join(problem.message for problem in _told(ready.refused))
    return (f"{left_out} good before: {told}", *odd)
