"""End entities from a CSV file: every row is looked at before, and all of them come or none (B-8)."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.administration import csv_format
from estconsole.administration.csv_format import CsvError, read_rows
from estconsole.administration.csv_import import ImportPlan
from estconsole.domain.alias_options import AliasDraft
from estconsole.domain.model import TLS_CLIENT_EE_PROFILE, EndEntity, EntityStatus
from estconsole.domain.names import format_sans
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft
from estconsole.progress import Cancelled, Progress
from estconsole.results import Rejected, Saved
from tests.administration.site import CA, Site, problem_of
from tests.labs import add, certificate_of, enroll, entity_of, save_alias, unregister

FILE = """\
username,dn,altname,caname,eeprofile,certprofile,password,allowedrequests,maxfailedlogins,aliases,status
dev-1,"CN=dev-1,O=Lab",dNSName=one.example,ManagementCA,TLSClientEEProfile,TLSEndEntityCertProfile,=1+1 🔑,2,-1,est,NEW
dev-2,,,,,,,,,,GENERATED
"""


def plan(site: Site, text: str | bytes, *, generate_codes: bool = False) -> ImportPlan:
    data = text if isinstance(text, bytes) else text.encode()
    result = site.administration.end_entities.plan_import(data, issuing_ca=CA, generate_codes=generate_codes)
    assert isinstance(result, ImportPlan), result
    return result


def imported(site: Site, planned: ImportPlan, *, only_good: bool = False) -> Saved[tuple[EndEntity, ...]]:
    result = site.administration.end_entities.import_all(planned, only_good=only_good)
    assert isinstance(result, Saved), result
    return result


def in_quotes(text: str) -> str:
    """As some programs write it: every field in quotes, and semicolons between them."""
    rows = csv.reader(io.StringIO(text))
    return "".join(";".join(f'"{cell}"' for cell in row) + "\n" for row in rows)


def usernames(site: Site) -> list[str]:
    return [entity.username for entity in site.administration.end_entities.all()]


def problems_of(planned: ImportPlan) -> dict[int, list[tuple[str, str]]]:
    return {row.line: [(problem.field, problem.message) for problem in row.problems] for row in planned.bad}


def test_ejbcas_words_name_the_columns_and_what_is_missing_takes_the_defaults(site: Site) -> None:
    result = imported(site, plan(site, FILE))
    assert result.warnings == ()
    assert result.record == site.administration.end_entities.all()
    first, second = result.record
    assert (str(first.subject), format_sans(first.subject_alt_names)) == ("CN=dev-1,O=Lab", "dNSName=one.example")
    assert (first.allowed_requests, first.remaining_requests, first.max_failed_logins) == (2, 2, -1)
    est = site.administration.aliases.get("est")
    assert est is not None
    assert first.aliases == {est.uid}
    assert site.administration.end_entities.code_of("dev-1") == Secret("=1+1 🔑")
    assert (str(second.subject), second.issuing_ca, second.end_entity_profile) == ("CN=dev-2", CA, "TLSClientEEProfile")
    assert (second.certificate_profile, second.allowed_requests) == ("TLSEndEntityCertProfile", 1)
    assert (second.status, second.sealed_code, second.aliases) == (EntityStatus.NEW, None, frozenset())


@pytest.mark.parametrize(
    "form",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: b"\n\n" + text.replace("\n", ",,,,,,,,,,\n\n").encode() + b",,,\n",
        lambda text: text.replace(",", ";").replace("CN=dev-1;O=Lab", "CN=dev-1,O=Lab").encode(),
        lambda text: text.replace(",", "\t").replace("CN=dev-1\tO=Lab", "CN=dev-1,O=Lab").encode(),
        lambda text: text.replace("username,dn", '"User Name","Subject-DN"').encode(),
        lambda text: in_quotes(text).encode(),
    ],
    ids=[
        "bom",
        "utf-16-le",
        "utf-16-be",
        "crlf",
        "cr",
        "empty fields and lines",
        "semicolon",
        "tab",
        "quoted header",
        "all in quotes",
    ],
)
def test_files_of_every_kind_say_the_same(site: Site, form: Callable[[str], bytes]) -> None:
    expected = [(row.draft, row.problems) for row in plan(site, FILE).rows]
    assert [(row.draft, row.problems) for row in plan(site, form(FILE)).rows] == expected


def test_each_row_that_cannot_come_says_why_and_nothing_comes_with_it(site: Site) -> None:
    """A thousand rows, of which a few are bad; the others come if the operator says so, in one transaction."""
    add(site, "there")
    rows = [f"dev-{number},CN=dev-{number},," for number in range(2, 1002)]
    rows[100] = "dev-102,,Nobody,"
    rows[200] = "dev-7,,,"
    rows[300] = "there,O=Lab,,0"
    rows[400] = "dev-402,CN=dev-402,O=Lab,,,"
    rows[500] = f"dev-502,CN={'x' * 5000},,"
    planned = plan(site, "\n".join(["username,subject,ca,allowed_requests", *rows]))
    assert (len(planned.rows), len(planned.good)) == (1000, 995)
    problems = problems_of(planned)
    assert problems[102] == [("issuing_ca", "no CA of this lab is named 'Nobody'; there is ManagementCA")]
    assert problems[202] == [("username", "line 7 has it too; name each end entity once")]
    assert [field for field, _ in problems[302]] == ["username", "subject", "allowed_requests"]
    assert "registered already" in problems[302][0][1]
    assert problems[402] == [("row", "6 fields for 4 columns; quote a field that holds the separator")]
    misplaced = EndEntityDraft(username="dev-402", subject="", issuing_ca="")
    assert [row.draft for row in planned.bad if row.line == 402] == [misplaced]
    assert problems[502] == [("row", "a field is longer than 4096 characters")]

    result = site.administration.end_entities.import_all(planned)
    assert isinstance(result, Rejected)
    assert [problem.message.split(":")[0] for problem in result.problems][:3] == ["line 102", "line 202", "line 302"]
    assert usernames(site) == ["there"]
    changes: list[frozenset[str]] = []
    with site.administration.subscribe(changes.append):
        assert len(imported(site, planned, only_good=True).record) == 995
    assert changes == [frozenset({"end_entities"})]
    assert len(usernames(site)) == 996
    again = site.administration.end_entities.import_all(planned, only_good=True)
    assert isinstance(again, Rejected)
    assert again.problems[-1].message == "975 rows more have problems"


def test_a_row_is_told_by_the_line_on_which_it_begins(site: Site) -> None:
    assert set(problems_of(plan(site, 'username,subject\n"a\nb",CN=a\n\nc,CN=c\nd,Lab\n'))) == {2, 6}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is empty"),
        (b"PK\x03\x04\x14\x00", "a spreadsheet"),
        (b"username\ndev-1\nd\xe9v-2\n", "line 3 is not in UTF-8"),
        (codecs.BOM_UTF16_LE + b"u\x00\x00\xd8", "not in UTF-16"),
        (b"username,code\n", "no row below"),
        (b"username,certificate_profil\ndev-1,x", "did you mean certificate_profile?"),
        (b"usrname;subject\ndev-1;x", "'usrname': did you mean username?"),
        (b"username,token\ndev-1,P12", "no column is named 'token'; there is username, subject,"),
        (b"username,dn,Subject DN\ndev-1,CN=a,CN=b", "more than one column is subject"),
        (b"username,,code\ndev-1,,x", "no column is named ''"),
        (b'username,code\ndev-1,"a"b\n', "line 2 cannot be read"),
        (b'username\ndev-1\n"dev-2\n' + b"x\n" * 200, "line 3 does not end"),
        (b'username\ndev-1\n"dev-2\n', "line 3 cannot be read"),
        (b"username\n" + b"x" * 70_000, "line 2 is longer"),
    ],
)
def test_a_file_that_is_none_says_what_would_be_right(site: Site, data: bytes, words: str) -> None:
    result = site.administration.end_entities.plan_import(data, issuing_ca=CA, generate_codes=False)
    assert words in problem_of(result, "data")


def test_a_file_is_read_within_bounds(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_format, "MAX_ROWS", 2)
    assert len(plan(site, "username\na\nb\n").rows) == 2
    result = site.administration.end_entities.plan_import(b"username\na\nb\nc", issuing_ca=CA, generate_codes=False)
    assert "more than 2 rows" in problem_of(result, "data")
    monkeypatch.setattr(csv_format, "MAX_BYTES", 1024 * 1024)
    result = site.administration.end_entities.plan_import(b"a" * 1024 * 1025, issuing_ca=CA, generate_codes=False)
    assert "larger than 1 MiB" in problem_of(result, "data")


@given(data=st.binary() | st.text(alphabet='",;\t\r\nusername=\\é\0').map(str.encode))
def test_no_file_is_worse_than_unreadable(data: bytes) -> None:
    for content in (data, b"username\n" + data):
        with suppress(CsvError):
            assert all(row.line > 0 and "username" in row.cells for row in read_rows(content))


def test_a_code_is_in_no_problem_and_no_repr(site: Site) -> None:
    """B-45: in a file without a header the first row may hold one; so may a field that is not where it belongs."""
    for data in (b"dev-1,s3cret-code,CN=dev-1", b"dev-1,CN=dev-1,usernam,s3cret-code"):
        result = site.administration.end_entities.plan_import(data, issuing_ca=CA, generate_codes=False)
        assert "s3cret" not in repr(result)
    planned = plan(site, "username,subject,code\ndev-1,CN=dev-1,s3cret-code\ndev-2,CN=a,O=s3cret-code,s3cret-code")
    result = site.administration.end_entities.import_all(planned, only_good=True)
    assert "s3cret" not in repr(planned) + repr(result)
    assert site.administration.end_entities.code_of("dev-1") == Secret("s3cret-code")


def test_codes_are_made_for_those_without_one(site: Site) -> None:
    profile = replace(TLS_CLIENT_EE_PROFILE, name="WithCode", code_required=True)
    site.store.end_entity_profiles.put(profile)
    text = "username,eeprofile,code\ndev-1,WithCode,\ndev-2,,given\ndev-3,,null\ndev-4,WithCode,null\n"
    assert set(problems_of(plan(site, text))) == {2, 5}
    planned = plan(site, text, generate_codes=True)
    assert set(problems_of(planned)) == {5}
    imported(site, planned, only_good=True)
    codes = {name: site.administration.end_entities.code_of(name) for name in usernames(site)}
    made = codes["dev-1"]
    assert made is not None
    assert len(made.reveal()) == 16
    assert (codes["dev-2"], codes["dev-3"]) == (Secret("given"), None)
    certificate_of(enroll(site, "dev-1", made.reveal()))


def test_what_is_odd_is_said_once_for_all_of_them(site: Site) -> None:
    """B-8, B-14."""
    save_alias(site, "vendor", vendorcertificatemode="true", defaultca=CA)
    text = "username,code,aliases\na,abc,\nb,abc,est vendor\nc,abcd,est;vendor\nd,abcd,"
    warnings = imported(site, plan(site, text)).warnings
    assert {warning.partition(":")[0] for warning in warnings} == {"2 end entities"}
    assert "4 to 20 bytes; this has 3" in warnings[0]
    assert "its code alone opens est as well" in warnings[1]


class Meddling(Progress):
    """Does something once when an import is on its way to its transaction."""

    def __init__(self, deed: Callable[[], object]) -> None:
        super().__init__()
        self._deeds = [deed]

    def step(self, done: int, total: int | None = None, what: str = "") -> None:
        if what == "Saving" and self._deeds:
            self._deeds.pop()()
        super().step(done, total, what)


@pytest.mark.parametrize("late", [False, True], ids=["since the plan", "just before the transaction"])
@pytest.mark.parametrize("change", ["username", "alias"])
def test_rows_that_do_not_hold_any_more_are_not_registered(site: Site, change: str, late: bool) -> None:
    alias = save_alias(site, "other", authenticationmodule="ChallengePwd", defaultca=CA)
    entities = site.administration.end_entities

    def meddle() -> object:
        if change == "username":
            return add(site, "b")
        return site.administration.aliases.remove("other", alias.revision)

    def undo() -> object:
        if change == "username":
            return unregister(site, "b")
        return site.administration.aliases.save(AliasDraft(name="other"))

    words = "registered already" if change == "username" else "no alias other"
    planned = plan(site, "username,aliases\na,\nb,other\nc,")
    for only_good in (False, True):
        progress = Meddling(meddle) if late else Progress()
        if not late:
            meddle()
        result = entities.import_all(planned, only_good=only_good, progress=progress)
        if only_good:
            assert isinstance(result, Saved)
            assert [entity.username for entity in result.record] == ["a", "c"]
            assert "1 row was left out that was good before: line 3: " in result.warnings[0]
            assert words in result.warnings[0]
        else:
            assert words in problem_of(result, "username" if change == "username" else "aliases")
            assert {"a", "c"}.isdisjoint(usernames(site))
            undo()
            alias = site.administration.aliases.get("other") or alias
    assert entity_of(site, "a").status is EntityStatus.NEW


def test_one_that_is_called_off_leaves_nothing(site: Site) -> None:
    planned = plan(site, FILE)
    at_the_start, at_the_end = Progress(), Meddling(lambda: at_the_end.cancel())
    at_the_start.cancel()
    for progress in (at_the_start, at_the_end):
        with pytest.raises(Cancelled):
            site.administration.end_entities.import_all(planned, progress=progress)
        assert usernames(site) == []
    with pytest.raises(Cancelled):
        site.administration.end_entities.plan_import(
            FILE.encode(), issuing_ca=CA, generate_codes=False, progress=at_the_start
        )
    watched = Progress()
    site.administration.end_entities.import_all(planned, progress=watched)
    assert (watched.now().done, watched.now().total, watched.now().what) == (2, 2, "Saving")
