"""What needs a CA or a profile, in words: it is not deleted from under them."""

from __future__ import annotations

from collections.abc import Collection

from estconsole.domain.model import CertificationAuthority
from estconsole.pki.certificates import read_certificate
from estconsole.pki.chains import Paths
from estconsole.store.store import Store


def dependents_of_authority(
    store: Store, authority: CertificationAuthority, server_certificate: bytes | None
) -> tuple[str, ...]:
    """What would stop working without a CA of this lab. The server's own certificate (DER) is one of these."""
    words = [
        f"the alias {alias.name} (CA Name)" for alias in store.aliases.values() if alias.default_ca == authority.name
    ]
    words += [f"the alias {name} (List of Vendor CAs)" for name in aliases_that_list(store, authority.name)]
    if entities := store.end_entities.count(lambda _, row: bool(row["issuing_ca"] == authority.name)):
        words.append(counted(entities, "end entity", "end entities"))
    paths = Paths([authority.certificate])
    words += [f"the sub CA {other.name}" for other in store.authorities.values() if paths.above(other.certificate)]
    if server_certificate is not None:
        record = store.certificates.get(read_certificate(server_certificate).sha256)
        if record is not None and record.issuing_ca == authority.name:
            words.append("the server's certificate, which it renews")
    return tuple(words)


def aliases_that_list(store: Store, ca_name: str) -> tuple[str, ...]:
    """The aliases that have a CA in their List of Vendor CAs, by name."""
    return tuple(sorted(alias.name for alias in store.aliases.values() if ca_name in alias.vendor_cas))


def names_in_aliases(store: Store) -> frozenset[str]:
    """Every CA name that aliases have, be it of a CA or of one that is gone: a new CA would come into its place."""
    return frozenset(name for alias in store.aliases.values() for name in (*alias.vendor_cas, alias.default_ca) if name)


def name_warnings(store: Store, name: str, *, own: bool, trusted: bool = True) -> tuple[str, ...]:
    """What a new CA comes into by its name, where aliases have kept it from one that is gone (B-3, B-17)."""
    warnings = []
    if aliases := aliases_that_list(store, name):
        since = "from now on" if trusted else "once it is trusted"
        warnings.append(f"{', '.join(aliases)} {lists(aliases)} this name: devices of this CA enroll there {since}")
    if own and (named := sorted(alias.name for alias in store.aliases.values() if alias.default_ca == name)):
        warnings.append(f"the CA Name of {', '.join(named)} is this one: cacerts returns this CA there from now on")
    return tuple(warnings)


def users_of_certificate_profile(store: Store, name: str) -> tuple[str, ...]:
    """The end entities and aliases that name a certificate profile."""
    entities = store.end_entities.count(lambda _, row: bool(row["certificate_profile"] == name))
    words = [counted(entities, "end entity", "end entities")] if entities else []
    aliases = sorted(alias.name for alias in store.aliases.values() if alias.certificate_profile == name)
    return (*words, *(f"the alias {alias}" for alias in aliases))


def users_of_end_entity_profile(store: Store, name: str) -> tuple[str, ...]:
    """The end entities of an end entity profile."""
    entities = store.end_entities.count(lambda _, row: bool(row["end_entity_profile"] == name))
    return (counted(entities, "end entity", "end entities"),) if entities else ()


def lists(aliases: Collection[str]) -> str:
    """The verb of what one alias does, or several."""
    return "lists" if len(aliases) == 1 else "list"


def counted(number: int, one: str, several: str) -> str:
    """A number with its noun, as in `1 end entity` and `2 end entities`."""
    return f"{number} {one if number == 1 else several}"
