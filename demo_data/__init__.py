"""What the demo lab holds (B-7): the specification's walks through client mode and vendor mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from types import MappingProxyType

from estconsole.domain.alias_options import AliasDraft
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft

LAB_NAME = "demo lab"

SPECIFICATION_CODE = "password"
"""The code that the specification's commands type at openssl's prompt."""

VENDOR_CAS: Mapping[str, str] = MappingProxyType(
    {
        "Vendor Root CA": "VendorRootCAEC384.cacert.pem",
        "Vendor Sub CA": "VendorSubCAEC384.cacert.pem",
    }
)
"""The external CAs of the specification, by name. The key of a device of theirs is published: never trust them outside
a demo.
"""

VENDOR_ALIAS = AliasDraft(
    name="estvendor",
    options={
        "operationmode": "client",
        "extractusernamecomponent": "CN",
        "authenticationmodule": "",
        "defaultca": "ManagementCA",
        "vendorcertificatemode": "true",
        "vendorcaids": "Vendor Sub CA",
        "allowchangesubjectname": "true",
        "allowupdatewithsamekey": "false",
        "severkeygenenabled": "false",
    },
)
"""The specification's alias `estvendor`, with exactly its settings."""

VENDOR_DEVICE = EndEntityDraft(
    username="1234.primekey.com", subject="CN=1234.primekey.com,O=PrimeKey,C=SE", issuing_ca="ManagementCA"
)
"""The device of the specification's vendor certificate: registered without a code, so that none opens it."""


def client_entities(generate_code: Callable[[], Secret]) -> tuple[EndEntityDraft, ...]:
    """The end entities of client mode; `registered_client` gets a code of its own in each lab."""
    return (
        EndEntityDraft(
            username="123456789",
            subject="CN=123456789",
            issuing_ca="ManagementCA",
            code=Secret(SPECIFICATION_CODE),
        ),
        EndEntityDraft(
            username="registered_client",
            subject="CN=registered_client",
            issuing_ca="ManagementCA",
            code=generate_code(),
        ),
    )


def vendor_ca(file_name: str) -> bytes:
    """The PEM of one of the vendor's CAs."""
    return files(__name__).joinpath(file_name).read_bytes()
