"""Rules that serverkeygen adds to those of the request that it stands for (B-22)."""

from __future__ import annotations

from estconsole.domain.certificate import CURVES, KeyAlgorithm
from estconsole.domain.checks import Finding, Rule
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.rules_request import csr_of
from estconsole.domain.situation import Case

RSA_BITS = range(2048, 4097)
"""The RSA keys that are made for a device: smaller ones are weak, larger ones take minutes, and any client may ask."""


def alias_makes_keys(case: Case) -> Finding:
    """The alias has server side key generation switched on (B-3)."""
    on = case.alias.server_key_generation
    return Finding(
        "server side key generation switched on",
        "on" if on else "off",
        None if on else RefusalReason.SERVERKEYGEN_DISABLED,
    )


def key_may_go_in_clear(case: Case) -> Finding:
    """The CSR does not ask to have the key enciphered: a key that was to be hidden never goes out open."""
    asks = csr_of(case).asks_for_key_encryption
    return Finding(
        "no DecryptKeyIdentifier",
        "one" if asks else "none",
        RefusalReason.KEY_ENCRYPTION_ASKED if asks else None,
    )


def key_can_be_made(case: Case) -> Finding:
    """The new key has the algorithm and size of the CSR's; only kinds that take seconds are made (B-22)."""
    key = csr_of(case).key
    can = (
        (key.algorithm is KeyAlgorithm.RSA and key.bits in RSA_BITS)
        or (key.algorithm is KeyAlgorithm.EC and key.curve in CURVES)
        or key.algorithm is KeyAlgorithm.ED25519
    )
    expected = f"RSA from {RSA_BITS[0]} to {RSA_BITS[-1]}, EC {', '.join(CURVES)}, or Ed25519"
    return Finding(expected, f"a new {key}" if can else str(key), None if can else RefusalReason.KEY_NOT_ALLOWED)


SWITCHED_ON: tuple[Rule[Case], ...] = (
    Rule("alias makes keys", alias_makes_keys),
    Rule("key may go in clear", key_may_go_in_clear),
)
"""What a serverkeygen request meets before it is authorised."""

MAKING: tuple[Rule[Case], ...] = (Rule("key can be made here", key_can_be_made),)
"""What it meets before its key is made; the profile has its say as for every key."""
