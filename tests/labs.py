"""Labs in temporary directories, and what tests do with them over and over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from estconsole.administration import Administration
from estconsole.domain.alias_options import AliasDraft
from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.decision import Granted, Refused
from estconsole.domain.model import CertificationAuthority, EndEntity, EstAlias
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Operation
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft
from estconsole.engine import Engine, Enrollment
from estconsole.lab import Lab
from estconsole.results import Saved
from estconsole.settings import ServerSettings
from tests.support import Key, csr_der, ec_key, request_of

ANY_PORTS = ServerSettings(http_port=0, tls_port=0, mtls_port=0)
CODE = "password"


@contextmanager
def demo_lab(directory: Path) -> Iterator[Lab]:
    with Lab.open(directory, owner="a test", settings=ANY_PORTS, demo=True) as lab:
        yield lab


class UseCases(Protocol):
    """What a lab and a site without a server have in common."""

    @property
    def administration(self) -> Administration: ...

    @property
    def engine(self) -> Engine: ...


def add(lab: UseCases, username: str, code: str | None = CODE, **fields: object) -> EndEntity:
    """Register an end entity whose subject is its username."""
    draft = EndEntityDraft(
        username=username,
        code=None if code is None else Secret(code),
        **{"subject": f"CN={username}", "issuing_ca": "ManagementCA", **fields},  # type: ignore[arg-type]
    )
    result = lab.administration.end_entities.add(draft)
    assert isinstance(result, Saved), result
    return result.record


def entity_of(lab: UseCases, username: str) -> EndEntity:
    """The end entity of this username, which must be there."""
    entity = lab.administration.end_entities.get(username)
    assert entity is not None, username
    return entity


def unregister(lab: UseCases, username: str) -> None:
    """Delete an end entity, which must be there."""
    result = lab.administration.end_entities.delete(username, entity_of(lab, username).revision)
    assert isinstance(result, Saved), result


def create_ca(lab: UseCases, name: str, **draft: str) -> CertificationAuthority:
    """Make a CA whose subject is its name."""
    made = lab.administration.authorities.create(AuthorityDraft(name=name, subject=f"CN={name}", **draft))
    assert isinstance(made, Saved), made
    return made.record


def authority_of(lab: UseCases, name: str) -> CertificationAuthority:
    """The CA of this name, which must be there."""
    authority = lab.administration.authorities.get(name)
    assert authority is not None, name
    return authority


def alias_of(lab: UseCases, name: str) -> EstAlias:
    """The alias of this name, which must be there."""
    alias = lab.administration.aliases.get(name)
    assert alias is not None, name
    return alias


def save_alias(lab: UseCases, name: str, **options: str) -> EstAlias:
    """Add an alias, or change the options of the one that is there."""
    known = {alias.name: alias for alias in lab.administration.aliases.all()}
    revision = known[name].revision if name in known else None
    result = lab.administration.aliases.save(AliasDraft(name=name, options=options), revision)
    assert isinstance(result, Saved), result
    return result.record


def enroll(
    lab: UseCases, username: str = "123456789", code: str = CODE, key: Key | None = None, alias: str = "est"
) -> Enrollment:
    csr = csr_der(f"CN={username}", key or ec_key(), code)
    return lab.engine.enroll(request_of(Operation.SIMPLEENROLL, csr, alias=alias))


def renew(
    lab: UseCases, certificate: bytes | None, username: str = "123456789", key: Key | None = None, **more: str
) -> Enrollment:
    csr = csr_der(f"CN={username}", key or ec_key())
    return lab.engine.enroll(request_of(Operation.SIMPLEREENROLL, csr, certificate=certificate, **more))


def certificate_of(enrollment: Enrollment) -> bytes:
    assert isinstance(enrollment.decision, Granted), enrollment.decision
    return enrollment.certificates[0]


def reason_of(enrollment: Enrollment) -> RefusalReason:
    assert isinstance(enrollment.decision, Refused)
    assert enrollment.certificates == ()
    return enrollment.decision.reason
