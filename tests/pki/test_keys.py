"""Keys of every kind that CAs and server-side key generation use."""

from __future__ import annotations

import pytest

from estconsole.domain.certificate import CA_KEY_KINDS, KeyAlgorithm, KeyKind
from estconsole.pki.keys import (
    SigningKey,
    generate_key,
    load_private_key,
    load_public_key,
    private_key_der,
    public_key_der,
    public_key_facts,
    signature_hash,
)
from tests.support import rsa_key

# The larger RSA keys take seconds to make, and differ in a number only.
KINDS = [kind for kind in CA_KEY_KINDS if kind.bits < 3000]


@pytest.fixture(params=KINDS, ids=str, scope="module")
def kind_and_key(request: pytest.FixtureRequest) -> tuple[KeyKind, SigningKey]:
    return request.param, rsa_key() if request.param.algorithm is KeyAlgorithm.RSA else generate_key(request.param)


def test_a_key_is_of_the_kind_that_was_asked_for(kind_and_key: tuple[KeyKind, SigningKey]) -> None:
    """B-42."""
    kind, key = kind_and_key
    assert public_key_facts(key.public_key()).kind == kind


def test_a_key_survives_writing_and_loading(kind_and_key: tuple[KeyKind, SigningKey]) -> None:
    _, key = kind_and_key
    assert private_key_der(load_private_key(private_key_der(key))) == private_key_der(key)
    assert public_key_facts(load_public_key(public_key_der(key))) == public_key_facts(key.public_key())


def test_an_rsa_key_has_the_size_that_was_asked_for() -> None:
    assert public_key_facts(generate_key(KeyKind(KeyAlgorithm.RSA, 2048)).public_key()).bits == 2048


def test_a_signature_is_as_strong_as_its_key(kind_and_key: tuple[KeyKind, SigningKey]) -> None:
    kind, key = kind_and_key
    expected = {"P-384": "sha384", "P-521": "sha512"}.get(kind.curve, "sha256")
    digest = signature_hash(key)
    assert (digest.name if digest else "") == ("" if kind.algorithm is KeyAlgorithm.ED25519 else expected)


@pytest.mark.parametrize(
    "kind",
    [
        KeyKind(KeyAlgorithm.RSA, 1024),
        KeyKind(KeyAlgorithm.RSA, 16384),
        KeyKind(KeyAlgorithm.EC, 256, "secp256k1"),
        KeyKind(KeyAlgorithm.OTHER, 256),
    ],
    ids=str,
)
def test_other_kinds_are_not_made(kind: KeyKind) -> None:
    with pytest.raises(ValueError, match="no keys of kind"):
        generate_key(kind)
