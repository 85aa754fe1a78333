"""csrattrs as a device asks for it: what its profile demands, or nothing (B-32)."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from estconsole.domain.profiles import CertificateProfileDraft
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft
from estconsole.results import Saved
from server.wire import answer_code
from tests.labs import save_alias
from tests.server.devices import Identity, http_request
from tests.server.served import Served, Watch
from tests.support import csr_der, ec_key

CLIENT_AUTH = bytes.fromhex("06082b06010505070302")
EXTENSION_REQUEST = bytes.fromhex("06092a864886f70d01090e")
SECP384R1 = bytes.fromhex("06052b81040022")
CHALLENGE_PASSWORD = bytes.fromhex("06092a864886f70d010907")


def asked(served: Served, alias: str, identity: Identity | None = None) -> bytes:
    answer = served.send(http_request("GET", f"/.well-known/est/{alias}/csrattrs"), identity=identity)
    assert answer.status == 200, answer.text
    assert answer.header("Content-Type") == "application/csrattrs"
    assert answer.header("Content-Transfer-Encoding") == "base64"
    return base64.b64decode(answer.body)


def test_a_device_that_is_not_known_is_told_what_the_aliass_profile_demands(served: Served) -> None:
    """clientAuth; no key type, since the profile leaves it open; and never the code's attribute."""
    told = asked(served, "est")
    assert EXTENSION_REQUEST in told
    assert CLIENT_AUTH in told
    assert CHALLENGE_PASSWORD not in told


def test_an_alias_without_a_profile_has_nothing_to_tell(served: Served, watch: Watch) -> None:
    save_alias(served.lab, "silent", defaultca="ManagementCA", authenticationmodule="ChallengePwd", certprofile="")
    answer = served.send(http_request("GET", "/.well-known/est/silent/csrattrs"))
    assert (answer.status, answer.body) == (204, b"")
    row = watch.wait_for(lambda row: row.alias == "silent")
    assert answer_code(row) == 204


def test_a_device_with_its_certificate_is_told_what_its_own_profile_demands(served: Served) -> None:
    administration = served.lab.administration
    draft = CertificateProfileDraft(name="Strong", key_rules="EC P-384", validity="30d")
    assert isinstance(administration.certificate_profiles.save(draft), Saved)
    entity = EndEntityDraft(
        username="strong",
        subject="CN=strong",
        issuing_ca="ManagementCA",
        certificate_profile="Strong",
        code=Secret("a code to enroll"),
    )
    assert isinstance(administration.end_entities.add(entity), Saved)
    key = ec_key(ec.SECP384R1)
    csr = base64.encodebytes(csr_der("CN=strong", key, "a code to enroll"))
    (certificate,) = served.post("/.well-known/est/simpleenroll", csr).certificates()
    told = asked(served, "est", Identity(certificate.public_bytes(Encoding.DER), key))
    assert SECP384R1 in told
    assert SECP384R1 not in asked(served, "est")
