"""Planted secrets are nowhere: not in the files, the lines, the log or what a fault prints (B-45)."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from estconsole.lab import Lab
from estconsole.pki.keys import SigningKey, load_private_key
from tests.interop.serving import serving
from tests.labs import ANY_PORTS, add
from tests.support import csr_der, ec_key, rsa_key
from tests.wire import WireClient

CODE = "PlantedCodeZ9"
WRONG = "PlantedWrongZ9"


def forms_of(secret: str) -> list[bytes]:
    """A secret as it would stand in clear: as text, in UTF-16, in hex, and in base64 at each of its three offsets."""
    raw = secret.encode()
    shifted = [base64.b64encode(b"\0" * offset + raw)[offset + 1 : -4] for offset in range(3)]
    return [raw, secret.encode("utf-16-be"), raw.hex().encode(), raw.hex().upper().encode(), *shifted]


def test_no_code_and_no_key_is_in_a_file_a_line_or_a_log_in_clear(tmp_path: Path) -> None:
    lab_dir = tmp_path / "lab"
    with Lab.open(lab_dir, owner="a test", settings=ANY_PORTS) as lab:
        add(lab, "planted", CODE, allowed_requests="5")
        issuer = lab.engine._keyring.issuer(lab.administration.authorities.all()[0])
        private_numbers = [
            _private_number(issuer._key),
            _private_number(load_private_key(lab.tls.material().private_key)),
        ]
    with serving(lab_dir) as process:
        client = WireClient(process.urls["http"], process.urls["tls"], process.urls["mtls"])
        key = ec_key()
        assert client.enroll("planted", WRONG).status == 400
        enrolled = client.enroll("planted", CODE, key)
        assert enrolled.status == 200
        with_code = base64.encodebytes(csr_der("CN=planted", rsa_key(), CODE))
        assert client.post("simplereenroll", with_code, certificate=enrolled.certificate, key=key).status == 200
        assert client.post("simpleenroll", with_code.replace(b"M", b"!", 1)).status == 400
        # Base64 of something around the code that is no CSR: the row may not quote it.
        assert client.post("simpleenroll", base64.b64encode(f"junk {CODE} junk".encode())).status == 400
        process.wait_for(lambda line: line.get("reason") == "csr_undecodable")
        answers = b"".join(client.enroll("planted", code, key).body for code in (WRONG, WRONG))
        status, errors = process.end()
        assert status == 0
        lines = repr(process.lines).encode() + errors.encode() + answers
    kept = b"".join(file.read_bytes() for file in lab_dir.iterdir() if file.name != "vault.key")
    for secret in (CODE, WRONG):
        for form in forms_of(secret):
            assert form not in kept
            assert form not in lines
    for number in private_numbers:
        assert number not in kept
        assert number.hex().encode() not in kept.lower()
        for offset in range(3):
            assert base64.b64encode(b"\0" * offset + number)[4:-4] not in kept
    assert (lab_dir / "vault.key").read_bytes() not in kept


def _private_number(key: SigningKey) -> bytes:
    """The part of a private key that is in nothing public."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.private_numbers().p.to_bytes(key.key_size // 16)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key.private_numbers().private_value.to_bytes(32)


def test_the_search_for_secrets_would_find_one() -> None:
    """The forms above are what a leak looks like: each of them is found where the secret really is."""
    for offset in range(3):
        leak = base64.b64encode(b"x" * offset + CODE.encode() + b"yyyy")
        assert any(form in leak for form in forms_of(CODE))
