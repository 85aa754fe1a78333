"""Files with several things in them, as openssl and others write them."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs7
from hypothesis import given, settings
from hypothesis import strategies as st

from estconsole.domain.names import parse_dn
from estconsole.domain.secret import Secret
from estconsole.pki.bundles import KeyBundle, pkcs12, read_certificates, read_key_bundle
from estconsole.pki.certificates import Issuer, certificate_pem, issue_root
from estconsole.pki.keys import private_key_der, public_key_der
from tests.interop.programs import needs
from tests.pki.damage import damaged
from tests.support import ec_key, rsa_key

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
ROOT_KEY, KEY = ec_key(), ec_key()
ROOT = issue_root(ROOT_KEY, parse_dn("CN=Root"), NOW, YEAR)
SUB = Issuer(ROOT, ROOT_KEY).issue_authority(public_key_der(KEY), parse_dn("CN=Sub"), NOW, YEAR)
BUNDLE = KeyBundle(private_key_der(KEY), SUB, (ROOT,))
PASSPHRASE = Secret("planted-pässphrase")
PEM = certificate_pem(ROOT).encode() + certificate_pem(SUB).encode()


def key_pem(key: PrivateKeyTypes = KEY, form: PrivateFormat = PrivateFormat.PKCS8, passphrase: str = "") -> bytes:
    encryption = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, encryption)


def p7(encoding: Encoding) -> bytes:
    return pkcs7.serialize_certificates([x509.load_der_x509_certificate(der) for der in (ROOT, SUB)], encoding)


@pytest.mark.parametrize(
    "data",
    {
        "PEM": PEM,
        "words around": "Zertifikat für München\n".encode("latin-1")
        + PEM.replace(b"-----\n-", b"-----\nmore words\n-"),
        "CRLF": PEM.replace(b"\n", b"\r\n"),
        "with a key": key_pem() + PEM,
        "one of them twice": PEM + certificate_pem(ROOT).encode(),
        "P7 PEM": p7(Encoding.PEM),
        "P7 DER": p7(Encoding.DER),
    }.items(),
    ids=lambda item: item[0],
)
def test_certificates_are_read_in_every_form(data: tuple[str, bytes]) -> None:
    """B-42."""
    assert set(read_certificates(data[1])) == {ROOT, SUB}


def test_one_certificate_is_a_bundle_too_and_order_is_kept() -> None:
    assert read_certificates(ROOT) == (ROOT,)
    assert read_certificates(PEM) == (ROOT, SUB)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no certificate in it; give PEM or DER"),
        (b"junk", "no certificate in it; give PEM or DER"),
        (key_pem(), "no certificate in it; give PEM or DER"),
        (PEM[:300], "no certificate in it; give PEM or DER"),
        (
            PEM + b"\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            r"the CERTIFICATE on line \d+ cannot",
        ),
        (
            p7(Encoding.DER).replace(bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a8648ce3d0277"), 1),
            "certificate 1 of 2 cannot be read",
        ),
    ],
)
def test_what_is_no_certificate_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_certificates(data)


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("passphrase", ["", "planted"])
def test_a_key_with_its_certificates_is_read_from_pem(form: PrivateFormat, passphrase: str) -> None:
    """B-42."""
    secret = Secret(passphrase) if passphrase else None
    assert read_key_bundle(PEM + key_pem(KEY, form, passphrase), secret) == BUNDLE


def test_an_rsa_key_is_read_too() -> None:
    root = issue_root(rsa_key(), parse_dn("CN=RSA"), NOW, YEAR)
    bundle = read_key_bundle(key_pem(rsa_key()) + certificate_pem(root).encode(), None)
    assert bundle == KeyBundle(private_key_der(rsa_key()), root, ())


def test_what_is_written_as_pkcs12_is_read_again() -> None:
    data = pkcs12("Sub", BUNDLE.private_key, SUB, [ROOT], PASSPHRASE)
    assert read_key_bundle(data, PASSPHRASE) == BUNDLE


def in_ber(der: bytes) -> bytes:
    """The same value with an indefinite length at its outside, as Windows and Java write files."""
    return b"\x30\x80" + der[2 + (der[1] & 0x7F) :] + b"\x00\x00"


def test_ber_is_read_too() -> None:
    """RFC 7292 and RFC 2315 allow it."""
    assert read_key_bundle(in_ber(OPEN_P12), None) == KeyBundle(private_key_der(KEY), SUB, ())
    assert read_certificates(in_ber(p7(Encoding.DER))) == (ROOT, SUB)


def test_no_warning_writes_over_the_screen() -> None:
    """In a process of its own, with Python's own filters: pytest sets others."""
    read = f"from estconsole.pki.bundles import *; read_key_bundle({in_ber(OPEN_P12)!r}, None)"
    read += f"; read_certificates({in_ber(p7(Encoding.DER))!r})"
    ended = subprocess.run([sys.executable, "-c", read], check=True, capture_output=True)
    assert ended.stderr == ended.stdout == b""


def test_a_key_leaves_under_a_passphrase_only() -> None:
    """B-45."""
    with pytest.raises(ValueError, match="give one"):
        pkcs12("Sub", BUNDLE.private_key, SUB, [], Secret(""))
    assert "private_key" not in repr(BUNDLE)


P12 = pkcs12("Sub", BUNDLE.private_key, SUB, [ROOT], PASSPHRASE)
OPEN_P12 = serialization.pkcs12.serialize_key_and_certificates(
    None, KEY, x509.load_der_x509_certificate(SUB), None, NoEncryption()
)
NO_KEY_P12 = serialization.pkcs12.serialize_key_and_certificates(
    None, None, None, [x509.load_der_x509_certificate(SUB)], NoEncryption()
)
WEAK_KEYS: list[PrivateKeyTypes] = [
    rsa.generate_private_key(65537, 1024),  # noqa: S505 - to be refused
    ec.generate_private_key(ec.SECP256K1()),
    dsa.generate_private_key(1024),  # noqa: S505
    x25519.X25519PrivateKey.generate(),
]


@pytest.mark.parametrize(
    ("data", "passphrase", "words"),
    [
        (P12, Secret("planted-wrong"), "the passphrase is wrong"),
        (P12, Secret("planted-\ud800"), "the passphrase is wrong"),
        (P12, None, "is encrypted; give its passphrase"),
        (P12[:-20], PASSPHRASE, "the passphrase is wrong, or the private key is damaged"),
        (OPEN_P12, Secret("planted"), "is not encrypted; leave the passphrase empty"),
        (NO_KEY_P12, None, "no private key is in it"),
        (PEM + key_pem(passphrase="right"), Secret("planted-wrong"), "the passphrase is wrong"),
        (PEM + key_pem(passphrase="right"), None, "is encrypted; give its passphrase"),
        (PEM + key_pem(), Secret("planted"), "is not encrypted; leave the passphrase empty"),
        (PEM + key_pem().replace(b"MIG", b"MIH"), None, "the private key cannot be read"),
        (PEM + key_pem() + key_pem(ROOT_KEY), None, "more than one private key"),
        (key_pem(), None, "no certificate for the private key"),
        (PEM + key_pem(ec_key()), None, "no certificate for the private key"),
        (PEM, None, "neither PKCS#12 nor PEM with a private key"),
        (SUB, PASSPHRASE, "neither PKCS#12 nor PEM with a private key"),
        (b"", None, "neither PKCS#12 nor PEM with a private key"),
        *((key_pem(key) + PEM, None, "a CA's key is RSA from 2048") for key in WEAK_KEYS),
    ],
)
def test_what_is_no_key_bundle_is_refused_in_words(data: bytes, passphrase: Secret | None, words: str) -> None:
    """B-45: none of which is the passphrase."""
    with pytest.raises(ValueError, match=words) as refused:
        read_key_bundle(data, passphrase)
    assert "planted" not in f"{refused.value!r} {refused.value.__cause__!r}"


def test_an_rsa_key_that_is_none_is_refused() -> None:
    """A key from outside is validated: with a wrong prime it would sign nothing, or give itself away."""
    numbers = rsa_key().private_numbers()
    wrong = rsa.RSAPrivateNumbers(
        numbers.p, numbers.q, numbers.d + 2, numbers.dmp1, numbers.dmq1, numbers.iqmp, numbers.public_numbers
    ).private_key(unsafe_skip_rsa_key_validation=True)
    with pytest.raises(ValueError, match="cannot be read; it is damaged"):
        read_key_bundle(key_pem(wrong), None)


@given(st.one_of(damaged([ROOT, PEM, p7(Encoding.PEM), p7(Encoding.DER)]), st.binary(max_size=50)))
@settings(max_examples=300)
def test_no_bytes_make_anything_but_certificates_or_a_value_error(data: bytes) -> None:
    try:
        assert read_certificates(data)
    except ValueError as error:
        assert ";" in str(error)  # noqa: PT017 - either outcome is right


@given(st.one_of(damaged([PEM + key_pem(), OPEN_P12]), st.binary(max_size=50)), st.sampled_from([None, PASSPHRASE]))
@settings(max_examples=300)
def test_no_bytes_make_anything_but_a_key_bundle_or_a_value_error(data: bytes, passphrase: Secret | None) -> None:
    try:
        assert isinstance(read_key_bundle(data, passphrase), KeyBundle)
    except ValueError as error:
        assert "planted" not in str(error)  # noqa: PT017 - either outcome is right


@needs("openssl")
@pytest.mark.parametrize("options", [[], ["-legacy"], ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40"]])
def test_openssl_s_pkcs12_is_read(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "all.pem").write_bytes(key_pem() + PEM)
    providers = ["-provider", "legacy", "-provider", "default"] if "-keypbe" in options else []
    arguments = ["pkcs12", "-export", "-in", "all.pem", "-out", "all.p12", "-passout", "pass:pässphrase", *options]
    subprocess.run(["openssl", *arguments, *providers], cwd=tmp_path, check=True, capture_output=True)
    assert read_key_bundle((tmp_path / "all.p12").read_bytes(), Secret("pässphrase")) == BUNDLE


@needs("openssl")
def test_openssl_reads_what_is_written_as_pkcs12(tmp_path: Path) -> None:
    (tmp_path / "sub.p12").write_bytes(P12)
    arguments = ["pkcs12", "-in", "sub.p12", "-noenc", "-passin", f"pass:{PASSPHRASE.reveal()}"]
    done = subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)
    assert read_key_bundle(done.stdout, None) == BUNDLE
