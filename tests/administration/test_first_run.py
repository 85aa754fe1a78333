"""A lab that nobody furnished: it names its first CA and alias, and serves then; or it stays as empty as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from estconsole.administration.aliases import Aliases
from estconsole.administration.first_run import FirstRecords, default_alias, default_authority
from estconsole.domain.alias_options import AliasDraft
from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.names import SanKind
from estconsole.errors import NoAuthorityError, ReadOnlyError
from estconsole.lab import Lab
from estconsole.pki.certificates import read_certificate
from estconsole.progress import Cancelled, Progress
from estconsole.results import Rejected, Saved
from estconsole.server_control import ServerPhase
from server.service import EstService
from tests.administration.outside import PASSPHRASE, YEAR, Outsider
from tests.administration.site import problem_of
from tests.labs import ANY_PORTS, add, certificate_of, demo_lab, enroll

CA = AuthorityDraft(name="Lab CA", subject="CN=Lab CA", key="EC P-384", validity="5y")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Lab]:
    with unfurnished(tmp_path) as lab:
        yield lab


def unfurnished(directory: Path, *, read_only: bool = False) -> Lab:
    return Lab.open(directory / "lab", owner="a test", settings=ANY_PORTS, furnish=False, read_only=read_only)


class Meddling(Progress):
    """Does something when an act is on its way to its transaction."""

    def __init__(self, deed: Callable[[], object]) -> None:
        super().__init__()
        self._deed = deed

    def step(self, done: int, total: int | None = None, what: str = "") -> None:
        if done + 1 == total:
            self._deed()
        super().step(done, total, what)


def contents(lab: Lab) -> list[object]:
    """Everything that is in a lab, settings too."""
    store = lab._store
    tables = (store.authorities, store.aliases, store.certificates, store.crls)
    return [dict(store.table("settings").rows().items()), *(table.values() for table in tables)]


def first_records(lab: Lab, alias: AliasDraft) -> FirstRecords:
    result = lab.administration.first_run.make(CA, alias)
    assert isinstance(result, Saved), result
    assert result.warnings == ()
    return result.record


def test_the_first_run_names_the_ca_and_the_alias_and_then_the_server_starts(empty: Lab) -> None:
    administration = empty.administration
    service = EstService(empty.settings, empty.engine, administration, empty.handshakes, empty.tls)
    assert administration.first_run.is_due()
    assert (administration.authorities.all(), administration.aliases.all()) == ((), ())
    with pytest.raises(NoAuthorityError, match=r"no CA yet\..*Make one first"):
        service.start()
    assert service.state.phase is ServerPhase.FAILED
    assert isinstance(service.state.problem, NoAuthorityError)

    made = first_records(empty, replace(default_alias(), name="devices"))
    assert not administration.first_run.is_due()
    assert administration.authorities.all() == (made.authority,)
    assert administration.aliases.all() == (made.alias,)
    assert made.alias is not None
    assert (made.alias.name, made.alias.default_ca) == ("devices", "Lab CA")
    try:
        assert service.start().phase is ServerPhase.SERVING
    finally:
        service.stop()
    facts = administration.server.certificate_facts()
    assert facts is not None
    names = {name.value for name in facts.subject_alt_names if name.kind is not SanKind.RFC822_NAME}
    assert names == set(ANY_PORTS.certificate_names())
    assert administration.server.issuing_ca() == "Lab CA"
    add(empty, "device", issuing_ca="Lab CA")
    certificate_of(enroll(empty, "device", alias="devices"))


def test_the_first_ca_stays_the_one_that_issues_the_servers_certificate(tmp_path: Path) -> None:
    with unfurnished(tmp_path) as lab:
        first_records(lab, default_alias())
        lab.administration.authorities.create(replace(CA, name="A second CA", subject="CN=A second CA"))
        revision = lab.administration.authorities.all()[1].revision
        needed = problem_of(lab.administration.authorities.delete("Lab CA", revision), "name")
        assert "the server's certificate" in needed
        before = lab.tls.material().certificate_chain[0]
    with Lab.open(tmp_path / "lab", owner="a test", settings=ANY_PORTS.with_options(names=("lab.example",))) as lab:
        assert [authority.name for authority in lab.administration.authorities.all()] == ["A second CA", "Lab CA"]
        assert lab.tls.material().certificate_chain[0] != before
        assert lab.administration.server.issuing_ca() == "Lab CA"
        lab._store.put_setting("management_ca", "A second CA")  # it is the one that is noted, and no order tells it
        lab._identity.ensure(("localhost",))
        assert lab.administration.server.issuing_ca() == "A second CA"


@pytest.mark.parametrize(
    ("authority", "alias", "field", "words"),
    [
        (replace(CA, name=""), default_alias(), "authority.name", "needed"),
        (replace(CA, subject="Lab CA"), default_alias(), "authority.subject", "CN=device"),
        (replace(CA, key="RSA 1024"), default_alias(), "authority.key", "RSA 2048"),
        (replace(CA, signed_by="Another"), default_alias(), "authority.signed_by", "no CA"),
        (CA, AliasDraft(name="cacerts"), "alias.name", "EST operation"),
        (CA, AliasDraft(name="est", options={"defaultca": "Another"}), "alias.defaultca", "there is Lab CA"),
        (CA, AliasDraft(name="est", options={"tlsunique": "maybe"}), "alias.tlsunique", "off or required"),
    ],
)
def test_a_wrong_field_is_told_as_the_cas_or_the_aliass_and_nothing_is_made(
    empty: Lab, authority: AuthorityDraft, alias: AliasDraft, field: str, words: str
) -> None:
    before = contents(empty)
    assert words in problem_of(empty.administration.first_run.make(authority, alias), field)
    assert contents(empty) == before


def test_both_drafts_are_looked_at_at_once(empty: Lab) -> None:
    result = empty.administration.first_run.make(replace(CA, name=""), AliasDraft(name=""))
    assert isinstance(result, Rejected)
    assert {problem.field for problem in result.problems} == {"authority.name", "alias.name"}


def test_one_that_is_called_off_or_fails_leaves_nothing_and_is_due_again(
    empty: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, first_run = contents(empty), empty.administration.first_run
    progress = Meddling(lambda: progress.cancel())
    with pytest.raises(Cancelled):
        first_run.make(CA, default_alias(), progress)
    assert contents(empty) == before

    def failing(*_: object) -> None:
        raise OSError(28, "No space left on device")  # simulated: the last of what is written

    with monkeypatch.context() as patch:
        patch.setattr(Aliases, "save", failing)
        with pytest.raises(OSError, match="No space"):
            first_run.make(CA, default_alias())
    assert contents(empty) == before
    assert first_run.is_due()
    first_records(empty, default_alias())


def test_a_ca_that_came_meanwhile_is_left_alone_and_serves(empty: Lab) -> None:
    """The server's certificate is issued by a CA that was made by hand as well, as soon as somebody needs it."""
    other = replace(CA, name="Other CA", subject="CN=Other CA")
    progress = Meddling(lambda: empty.administration.authorities.create(other))
    result = empty.administration.first_run.make(CA, default_alias(), progress)
    assert "Other CA" in problem_of(result, "authority.name")
    assert [authority.name for authority in empty.administration.authorities.all()] == ["Other CA"]
    assert empty.administration.aliases.all() == ()
    assert read_certificate(empty.tls.material().certificate_chain[0]).in_date(
        empty.administration.authorities._clock()
    )
    assert empty.administration.server.issuing_ca() == "Other CA"


def test_the_first_ca_in_date_issues_the_servers_certificate_and_stays_the_one(tmp_path: Path) -> None:
    with unfurnished(tmp_path) as lab:
        expired = Outsider.root("CN=Old").renewed(2 * YEAR)
        lab.administration.authorities.import_with_key("Old CA", expired.p12(), PASSPHRASE)
        with pytest.raises(NoAuthorityError, match="No CA of this lab is in date"):
            lab.tls.material()
        lab.administration.authorities.create(CA)
        lab.tls.material()
        assert lab.administration.server.issuing_ca() == "Lab CA"
    with Lab.open(tmp_path / "lab", owner="a test", settings=ANY_PORTS.with_options(names=("lab.example",))) as lab:
        facts = lab.administration.server.certificate_facts()
        assert facts is not None
        assert "lab.example" in {name.value for name in facts.subject_alt_names}


def test_a_lab_that_was_left_empty_is_furnished_by_whoever_cannot_ask(tmp_path: Path) -> None:
    with unfurnished(tmp_path) as lab:
        saved = lab.administration.aliases.save(AliasDraft(name="est", options={"extractusernamecomponent": "UID"}))
        assert isinstance(saved, Saved)
    with Lab.open(tmp_path / "lab", owner="a test", settings=ANY_PORTS) as lab:
        assert lab.administration.aliases.all() == (saved.record,)
        facts = lab.administration.authorities.facts(default_authority().name)
        assert facts is not None
        assert str(facts.key) == "RSA 2048"
        assert lab.administration.server.issuing_ca() == default_authority().name


def test_a_lab_in_which_anything_was_made_is_no_demo(tmp_path: Path) -> None:
    with unfurnished(tmp_path) as lab:
        lab.administration.aliases.save(AliasDraft(name="mine"))
    with pytest.raises(Exception, match="of your own"), demo_lab(tmp_path / "lab"):
        pass


def test_a_read_only_lab_is_opened_empty_and_stays_so(tmp_path: Path) -> None:
    with Lab.open(tmp_path / "lab", owner="a test", settings=ANY_PORTS, read_only=True) as lab:
        assert lab.administration.first_run.is_due()
        with pytest.raises(ReadOnlyError):
            lab.administration.first_run.make(CA, default_alias())
        assert lab.administration.authorities.all() == ()
    with unfurnished(tmp_path) as lab:
        first_records(lab, default_alias())
        add(lab, "device", issuing_ca="Lab CA")
    with unfurnished(tmp_path, read_only=True) as lab:
        certificate_of(enroll(lab, "device"))
        with pytest.raises(ReadOnlyError):
            add(lab, "another", issuing_ca="Lab CA")
