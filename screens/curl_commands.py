"""How a device calls EST by curl, and what its files are called: the same in every command that is shown or copied."""

from __future__ import annotations

import shlex

TRUSTED = "ca.cacert.pem"
"""The CA of the server's certificate; a CA's name may have signs that a shell reads."""

OWN = "--cert device-cert.pem --key device.key"
VENDORS_OWN = "--cert vendor-cert.pem --key vendor-key.pem"

_HEADERS = '-H "Content-Type: application/pkcs10" -H "Content-Transfer-Encoding: base64"'


def fetching_ca(url: str) -> str:
    """The command that fetches the CA's certificate, from a TLS port unverified: nothing vouches for that yet."""
    unverified = "-k " if url.startswith("https:") else ""
    return f"curl {unverified}-o {TRUSTED} {shlex.quote(url)}"


def getting(answer: str, url: str) -> str:
    """The command that fetches what an EST URL answers into a file."""
    return _curl(f"-o {answer}", url)


def posting(csr: str, answer: str, url: str, credentials: str = "") -> str:
    """The command that sends a file with a CSR in base64 to an EST URL, and writes the answer into another."""
    options = f"{credentials} " if credentials else ""
    return _curl(f"{options}--data @{csr} -o {answer} \\\n  {_HEADERS}", url)


def _curl(options: str, url: str) -> str:
    """A refusal ends it with an exit status; why it was refused is then in the file of the answer."""
    return f"curl --fail-with-body --cacert {TRUSTED} {options} \\\n  {shlex.quote(url)}"
