"""How to bring about what a request is refused for, but for its client certificate, each with its status of B-25."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from estconsole.domain.model import EndEntity
from estconsole.domain.names import parse_dn
from estconsole.domain.profiles import CertificateProfileDraft, EndEntityProfileDraft
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.revocation import RevocationReason
from estconsole.engine import MAX_KEY_GENERATIONS
from estconsole.pki.attributes import DECRYPT_KEY_IDS
from estconsole.pki.certificates import read_certificate
from estconsole.pki.names import to_x509_name
from estconsole.results import Saved
from server.wire import MAX_BODY
from tests.labs import add, save_alias
from tests.server.asking import ENROLL, KEYGEN, ask, ask_the_application, fresh, over_tls_1_2, path_of, request_for
from tests.server.authorities import DAY, Authority
from tests.server.devices import Answer
from tests.server.engines import AbandonedEngine
from tests.server.own_devices import CODE, create_authority, import_own
from tests.server.served import Served
from tests.support import CHALLENGE_PASSWORD, Key, crafted_csr_der, csr_der, ec_key

BringAbout = Callable[[Served], Answer]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that meets a reason, and the status that B-25 gives it. `title` tells several of a reason apart."""

    reason: RefusalReason
    status: int
    bring_about: BringAbout
    title: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.reason.key, self.title)))


# What is no request, or none that can be read


def post(body: bytes, headers: dict[str, str] | None = None) -> BringAbout:
    return lambda served: served.post(path_of(ENROLL), body, headers)


def any_csr(operation: str = ENROLL, alias: str = "est") -> BringAbout:
    return lambda served: ask(served, operation, csr_der("CN=device", code=CODE), alias=alias)


def switched_off(served: Served) -> Answer:
    server = served.lab.administration.server
    server.switch_est(on=False)
    try:
        return any_csr()(served)
    finally:
        server.switch_est(on=True)


def base64_of_pem(served: Served) -> Answer:
    pem = b"-----BEGIN CERTIFICATE REQUEST-----\n" + base64.encodebytes(csr_der("CN=device"))
    return post(base64.b64encode(pem + b"-----END CERTIFICATE REQUEST-----\n"))(served)


def bad_signature(served: Served) -> Answer:
    damaged = bytearray(csr_der("CN=device", code=CODE))
    damaged[-1] ^= 1
    return ask(served, ENROLL, bytes(damaged))


def internal_fault(served: Served) -> Answer:
    """No operator can damage a sealed code, as a disk may: it is put into the store by hand."""
    entity = add(served.lab, fresh("faulty"), CODE)
    served.lab._store.end_entities.put(replace(entity, sealed_code="damaged"))
    return by_challenge(served, entity.username)


# The alias


def on_alias(name: str, **options: str) -> BringAbout:
    """A CSR with a code, on an alias of these options."""

    def bring_about(served: Served) -> Answer:
        save_alias(served.lab, name, **options)
        return any_csr(alias=name)(served)

    return bring_about


def alias_without_ca(served: Served) -> Answer:
    save_alias(served.lab, "without-ca", authenticationmodule="ChallengePwd", defaultca="")
    return served.get(path_of("cacerts", "without-ca"))


# Username and code, where each module looks for them


def by_challenge(served: Served, username: str, operation: str = ENROLL, key: Key | None = None) -> Answer:
    save_alias(served.lab, "challenge", authenticationmodule="ChallengePwd", severkeygenenabled="true")
    return ask(served, operation, csr_der(f"CN={username}", key, CODE), alias="challenge")


def by_dn_part(served: Served, username: str, operation: str = ENROLL) -> Answer:
    save_alias(served.lab, "dn-part", authenticationmodule="DnPartPwd", severkeygenenabled="true")
    return ask(served, operation, csr_der(f"CN={username},OU={CODE}"), alias="dn-part")


def by_basic(served: Served, username: str, operation: str = ENROLL, code: str = CODE) -> Answer:
    save_alias(served.lab, "basic", authenticationmodule="HttpBasicAuth", severkeygenenabled="true")
    return ask(served, operation, csr_der("CN=device"), alias="basic", basic=(username, code))


def entity_unknown(_served: Served) -> str:
    return fresh("unknown")


def entity_of_another_code(served: Served) -> str:
    return add(served.lab, fresh("guessed"), "another code").username


def entity_not_open(served: Served) -> str:
    entity = add(served.lab, fresh("closed"), CODE)
    revoked = served.lab.administration.end_entities.revoke(entity.username, RevocationReason.CESSATION_OF_OPERATION)
    assert isinstance(revoked, Saved)
    return entity.username


def entity_without_code(served: Served) -> str:
    return add(served.lab, fresh("codeless"), None).username


def entity_of_another_alias(served: Served) -> str:
    save_alias(served.lab, "elsewhere", authenticationmodule="ChallengePwd")
    return add(served.lab, fresh("bound"), CODE, aliases=("elsewhere",)).username


NOT_AUTHORISED: dict[RefusalReason, Callable[[Served], str]] = {
    RefusalReason.ENTITY_UNKNOWN: entity_unknown,
    RefusalReason.WRONG_CODE: entity_of_another_code,
    RefusalReason.ENTITY_NOT_OPEN: entity_not_open,
    RefusalReason.ENTITY_WITHOUT_CODE: entity_without_code,
    RefusalReason.ENTITY_OTHER_ALIAS: entity_of_another_alias,
}
"""The usernames, each new, whose requests are refused without telling the client why (B-24)."""

MODULES: dict[str, tuple[int, Callable[[Served, str, str], Answer]]] = {
    "ChallengePwd": (400, by_challenge),
    "DnPartPwd": (400, by_dn_part),
    "HttpBasicAuth": (401, by_basic),
}
"""The modules with the status of what is not authorised, and a request that has a username and a code."""


def not_authorised(module: str, reason: RefusalReason, operation: str = ENROLL) -> Refusal:
    status, request = MODULES[module]
    return Refusal(
        reason,
        status,
        lambda served: request(served, NOT_AUTHORISED[reason](served), operation),
        f"{module} {operation}",
    )


def challenge_csr(subject: str, *codes: str) -> BringAbout:
    """A CSR on an alias with ChallengePwd, with as many challengePasswords as are wanted."""
    values = [b"\x0c" + bytes([len(code)]) + code.encode() for code in codes]
    csr = crafted_csr_der(_name(subject), ec_key(), [(CHALLENGE_PASSWORD.dotted_string, values)] if codes else [])
    return lambda served: ask(served, ENROLL, csr)


def dn_part_csr(subject: str) -> BringAbout:
    def bring_about(served: Served) -> Answer:
        save_alias(served.lab, "dn-part", authenticationmodule="DnPartPwd")
        return ask(served, ENROLL, csr_der(subject), alias="dn-part")

    return bring_about


def no_basic(served: Served, operation: str = ENROLL) -> Answer:
    save_alias(served.lab, "basic", authenticationmodule="HttpBasicAuth", severkeygenenabled="true")
    return ask(served, operation, csr_der("CN=device", code=CODE), alias="basic")


# The link to the TLS session


def tls_unique_absent(served: Served) -> Answer:
    _linked_alias(served)
    return ask(served, ENROLL, csr_der("CN=device"), alias="linked", basic=("device", CODE))  # the client speaks 1.3


def tls_unique_wrong(served: Served) -> Answer:
    _linked_alias(served)
    csr = csr_der("CN=device", code="of another session")
    return over_tls_1_2(served, lambda _: request_for(ENROLL, csr, alias="linked", basic=("device", CODE)))


def _linked_alias(served: Served) -> None:
    save_alias(served.lab, "linked", authenticationmodule="HttpBasicAuth", tlsunique="required")


# Server keys


def server_keys_off(served: Served) -> Answer:
    save_alias(served.lab, "keyless", authenticationmodule="ChallengePwd", severkeygenenabled="false")
    return any_csr(KEYGEN, "keyless")(served)


def key_encryption(oid: x509.ObjectIdentifier) -> BringAbout:
    csr = crafted_csr_der(_name("CN=device"), ec_key(), [(oid.dotted_string, [b"\x04\x01k"])])

    def bring_about(served: Served) -> Answer:
        save_alias(served.lab, "challenge", authenticationmodule="ChallengePwd", severkeygenenabled="true")
        return ask(served, KEYGEN, csr, alias="challenge")

    return bring_about


def keys_being_made(served: Served) -> Answer:
    """Nobody can have four keys being made when a fifth is asked for: their places are taken."""
    username = add(served.lab, fresh("impatient"), CODE).username
    with _places_taken(served):
        return by_challenge(served, username, KEYGEN)


@contextmanager
def _places_taken(served: Served) -> Iterator[None]:
    places = served.lab.engine._key_generations
    for _ in range(MAX_KEY_GENERATIONS):
        assert places.acquire(blocking=False)
    try:
        yield
    finally:
        places.release(MAX_KEY_GENERATIONS)


def server_stopping(served: Served) -> Answer:
    """Who is cut off hears it from `server.guard`; the record is what its thread writes (test_keys_in_flight.py)."""
    save_alias(served.lab, "challenge", authenticationmodule="ChallengePwd", severkeygenenabled="true")
    csr = csr_der(f"CN={add(served.lab, fresh('cut off'), CODE).username}", code=CODE)
    return ask_the_application(served, KEYGEN, csr, None, alias="challenge", engine=AbandonedEngine(served.lab.engine))


# What stands before the certificate


def key_not_allowed(key: Key | None = None) -> BringAbout:
    def bring_about(served: Served) -> Answer:
        return by_challenge(served, add(served.lab, fresh("odd key"), CODE).username, key=key or ec_key(ec.SECP256K1))

    return bring_about


def profile_not_satisfied(served: Served) -> Answer:
    """The profile was edited after the registration."""
    profiles = served.lab.administration.end_entity_profiles
    draft = EndEntityProfileDraft(name=fresh("Strict"))
    saved = profiles.save(draft)
    assert isinstance(saved, Saved)
    username = add(served.lab, fresh("outgrown"), CODE, end_entity_profile=draft.name).username
    assert isinstance(profiles.save(replace(draft, required_fields=("CN", "O")), saved.record.revision), Saved)
    return by_challenge(served, username)


LONG_DIRECTORY_NAME = x509.DirectoryName(
    x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x" * 65, _validate=False)])
)
"""X.520 has 64 characters for a CN; the builder of a certificate raises past that."""


def csr_sans_unusable(served: Served, name: x509.GeneralName) -> Answer:
    """The profile takes the CSR's names, and one of them cannot stand in a certificate."""
    draft = CertificateProfileDraft(name=fresh("Names of the CSR"), san_from_request=True)
    assert isinstance(served.lab.administration.certificate_profiles.save(draft), Saved)
    username = add(served.lab, fresh("device"), CODE, certificate_profile=draft.name).username
    return ask(served, ENROLL, csr_der(f"CN={username}", ec_key(), CODE, [name]))


def issuing_ca_missing(served: Served) -> Answer:
    """An operator cannot delete a CA that an end entity names: it is taken out of the store by hand."""
    name = create_authority(served, fresh("Lost CA")).name
    entity = _of(served, name)
    served.lab._store.authorities.remove(name)
    return by_challenge(served, entity.username)


def issuing_ca_not_in_date(served: Served, **dates: object) -> Answer:
    name = fresh("Out of date CA")
    import_own(served, Authority.named(name, **(dates or {"ends": -DAY / 2})), name)  # type: ignore[arg-type]
    return by_challenge(served, _of(served, name).username)


def issuing_ca_revoked(served: Served) -> Answer:
    authority = create_authority(served, fresh("Revoked CA"), signed_by="ManagementCA")
    entity = _of(served, authority.name)
    sha256 = read_certificate(authority.certificate).sha256
    revoked = served.lab.administration.certificates.revoke(sha256, RevocationReason.CA_COMPROMISE)
    assert isinstance(revoked, Saved)
    return by_challenge(served, entity.username)


def _of(served: Served, issuing_ca: str) -> EndEntity:
    return add(served.lab, fresh("device"), CODE, issuing_ca=issuing_ca)


def _name(subject: str) -> x509.Name:
    return to_x509_name(parse_dn(subject))


REFUSALS: tuple[Refusal, ...] = (
    Refusal(RefusalReason.UNKNOWN_OPERATION, 404, any_csr("simpleenrol")),
    Refusal(RefusalReason.WRONG_METHOD, 405, lambda served: served.get(path_of(ENROLL))),
    Refusal(RefusalReason.FULLCMC, 501, any_csr("fullcmc")),
    Refusal(RefusalReason.EST_SWITCHED_OFF, 403, switched_off),
    Refusal(RefusalReason.BODY_TOO_LARGE, 413, post(b"A" * (MAX_BODY + 1))),
    Refusal(RefusalReason.WRONG_MEDIA_TYPE, 415, post(b"AAAA", {"Content-Type": "application/pkcs7-mime"})),
    Refusal(RefusalReason.BODY_EMPTY, 400, post(b"")),
    Refusal(RefusalReason.BODY_NOT_BASE64, 400, post(b"this is no base64!")),
    Refusal(RefusalReason.BODY_BASE64_OF_PEM, 400, base64_of_pem),
    Refusal(RefusalReason.CSR_UNDECODABLE, 400, post(b"MIIB")),
    Refusal(RefusalReason.CSR_BAD_SIGNATURE, 400, bad_signature),
    Refusal(RefusalReason.INTERNAL_FAULT, 500, internal_fault),
    Refusal(RefusalReason.UNKNOWN_ALIAS, 400, any_csr(alias="nowhere")),
    Refusal(RefusalReason.INCOMPLETE_ALIAS, 400, on_alias("incomplete", authenticationmodule="")),
    Refusal(RefusalReason.INCOMPLETE_ALIAS, 400, on_alias("no-vendor", vendorcertificatemode="true"), "vendor mode"),
    Refusal(RefusalReason.ALIAS_WITHOUT_CA, 400, alias_without_ca),
    Refusal(RefusalReason.USERNAME_ABSENT, 400, challenge_csr("O=device", CODE)),
    Refusal(RefusalReason.USERNAME_REPEATED, 400, challenge_csr("CN=device,CN=device", CODE)),
    Refusal(RefusalReason.CODE_ABSENT, 400, challenge_csr("CN=device")),
    Refusal(RefusalReason.CODE_ABSENT, 400, challenge_csr("CN=device", ""), "empty"),
    Refusal(RefusalReason.CODE_REPEATED, 400, challenge_csr("CN=device", CODE, "b")),
    Refusal(RefusalReason.DN_CODE_ABSENT, 400, dn_part_csr("CN=device")),
    Refusal(RefusalReason.DN_CODE_REPEATED, 400, dn_part_csr(f"CN=device,OU={CODE},OU={CODE}")),
    Refusal(RefusalReason.BASIC_ABSENT, 401, no_basic),
    Refusal(RefusalReason.BASIC_ABSENT, 401, partial(no_basic, operation=KEYGEN), KEYGEN),
    Refusal(RefusalReason.BASIC_ABSENT, 401, lambda served: by_basic(served, "device", code=""), "empty"),
    *(not_authorised(module, reason) for module in MODULES for reason in NOT_AUTHORISED),
    *(not_authorised("HttpBasicAuth", reason, KEYGEN) for reason in NOT_AUTHORISED),
    Refusal(RefusalReason.TLS_UNIQUE_ABSENT, 400, tls_unique_absent),
    Refusal(RefusalReason.TLS_UNIQUE_WRONG, 400, tls_unique_wrong),
    Refusal(RefusalReason.SERVERKEYGEN_DISABLED, 400, server_keys_off),
    *(
        Refusal(RefusalReason.KEY_ENCRYPTION_ASKED, 400, key_encryption(oid), oid.dotted_string)
        for oid in DECRYPT_KEY_IDS
    ),
    Refusal(RefusalReason.KEYGEN_BUSY, 503, keys_being_made),
    Refusal(RefusalReason.SERVER_STOPPING, 503, server_stopping),
    Refusal(RefusalReason.KEY_NOT_ALLOWED, 400, key_not_allowed()),
    Refusal(RefusalReason.PROFILE_NOT_SATISFIED, 400, profile_not_satisfied),
    Refusal(RefusalReason.CSR_SANS_UNUSABLE, 400, partial(csr_sans_unusable, name=x509.DNSName("no host name"))),
    Refusal(
        RefusalReason.CSR_SANS_UNUSABLE, 400, partial(csr_sans_unusable, name=LONG_DIRECTORY_NAME), "directoryName"
    ),
    Refusal(RefusalReason.ISSUING_CA_MISSING, 400, issuing_ca_missing),
    Refusal(RefusalReason.ISSUING_CA_NOT_IN_DATE, 400, issuing_ca_not_in_date),
    Refusal(RefusalReason.ISSUING_CA_NOT_IN_DATE, 400, partial(issuing_ca_not_in_date, starts=DAY), "not yet"),
    Refusal(RefusalReason.ISSUING_CA_REVOKED, 400, issuing_ca_revoked),
)
