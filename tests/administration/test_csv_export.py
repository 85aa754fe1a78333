"""End entities as a file, which another lab reads as they were."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.administration.csv_import import ImportPlan
from estconsole.domain.model import EndEntity
from estconsole.domain.names import DN_FIELDS, Attribute, DistinguishedName
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft
from estconsole.progress import Cancelled, Progress
from estconsole.results import Saved
from tests.administration.site import CA, Site, site_in
from tests.labs import add, certificate_of, enroll, save_alias

ALIASES = ("est", "x-1", "y.2")

# Printable, with what CSV, DNs and spreadsheets read something into.
TEXT = st.text(
    st.sampled_from("aZ9 ,;\t\"'=+-@\\#<>é漢🔑\N{RIGHT-TO-LEFT OVERRIDE}").filter(str.isprintable),
    min_size=1,
    max_size=12,
)


@st.composite
def drafts(draw: st.DrawFn) -> EndEntityDraft:
    fields = {"CN": draw(TEXT), **draw(st.dictionaries(st.sampled_from(["O", "OU"]), TEXT))}
    subject = DistinguishedName(tuple((Attribute(DN_FIELDS[label], value),) for label, value in fields.items()))
    return EndEntityDraft(
        username=draw(TEXT.filter(lambda text: text == text.strip())),
        subject=str(subject),
        issuing_ca=CA,
        subject_alt_names=draw(st.sampled_from(["", "dNSName=a.example, uniformResourceIdentifier=urn:a\\,b"])),
        code=draw(st.none() | TEXT.map(Secret)),
        allowed_requests=draw(st.sampled_from(["", "1", "1000000"])),
        max_failed_logins=draw(st.sampled_from(["", "-1", "3"])),
        aliases=tuple(draw(st.sets(st.sampled_from(ALIASES)))),
    )


def registration(site: Site, entity: EndEntity) -> tuple[object, ...]:
    """What a registration is, as far as another lab can have the same."""
    names = {alias.uid: alias.name for alias in site.administration.aliases.all()}
    return (
        (entity.username, entity.subject, entity.subject_alt_names, entity.issuing_ca),
        (entity.end_entity_profile, entity.certificate_profile, entity.token),
        (entity.allowed_requests, entity.max_failed_logins),
        {names[uid] for uid in entity.aliases},
        site.administration.end_entities.code_of(entity.username),
    )


def registrations(site: Site) -> list[tuple[object, ...]]:
    return [registration(site, entity) for entity in site.administration.end_entities.all()]


def clear(site: Site) -> None:
    for entity in site.administration.end_entities.all():
        site.administration.end_entities.delete(entity.username, entity.revision)


def test_another_lab_reads_what_this_one_writes(site: Site, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with site_in(tmp_path / "other") as other:
        for each in (site, other):
            for name in ALIASES[1:]:
                save_alias(each, name, defaultca=CA)

        @given(st.lists(drafts(), min_size=1, max_size=4, unique_by=lambda draft: draft.username))
        def holds(registered: list[EndEntityDraft]) -> None:
            clear(site)
            clear(other)
            for draft in registered:
                assert isinstance(site.administration.end_entities.add(draft), Saved)
            data = site.administration.end_entities.export_csv(with_codes=True)
            planned = other.administration.end_entities.plan_import(data, issuing_ca="", generate_codes=False)
            assert isinstance(planned, ImportPlan), planned
            assert planned.bad == ()
            assert isinstance(other.administration.end_entities.import_all(planned), Saved)
            assert registrations(other) == registrations(site)

        holds()


def test_an_export_says_what_became_of_each_and_no_code_unless_it_is_asked_to(site: Site) -> None:
    add(site, "b", "s3cret-b")
    add(site, "a", "s3cret-a", allowed_requests="3")
    add(site, "c", None)
    certificate_of(enroll(site, "b", "s3cret-b"))
    certificate_of(enroll(site, "a", "s3cret-a"))
    entities = site.administration.end_entities
    rows = read(entities.export_csv())
    assert [row["username"] for row in rows] == ["a", "b", "c"]
    assert [row["status"] for row in rows] == ["NEW", "GENERATED", "NEW"]
    assert [row["remaining_requests"] for row in rows] == ["2", "0", "1"]
    assert [bool(row["enrolled"]) for row in rows] == [True, True, False]
    assert {row["created"] for row in rows} == {site.clock().isoformat()}
    assert "code" not in rows[0]
    assert b"s3cret" not in entities.export_csv()
    some = read(entities.export_csv(["c", "gone", "a"], with_codes=True))
    assert [(row["username"], row["code"]) for row in some] == [("c", ""), ("a", "s3cret-a")]


def test_an_export_can_be_called_off(site: Site) -> None:
    add(site, "a")
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        site.administration.end_entities.export_csv(progress=progress)


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))
