"""A device that knows nothing but openssl and curl, driven with the specification's own commands."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from estconsole.activity import Activity
from estconsole.domain.checks import CheckState
from estconsole.domain.revocation import RevocationReason
from estconsole.lab import Lab
from estconsole.results import Saved
from estconsole.server_control import ServerUrls
from server.service import EstService

OPENSSL_CONF = """\
[ req ]
distinguished_name     = req_distinguished_name
attributes             = req_attributes

[ req_distinguished_name ]
commonName                     = Common Name (eg, YOUR name)
commonName_max                 = 64

[ req_attributes ]
challengePassword              = A challenge password
challengePassword_min          = 4
challengePassword_max          = 20
"""
"""The specification's openssl.conf, as printed."""

PARSE_SERVER_KEYGEN_RESPONSE = r"""#!/bin/bash

line_nums=($(grep -wn "\-\-CONTENTBOUNDARY" $1| cut -d: -f1))

priv_key_start=$((${line_nums[0]} + 4))
priv_key_end=$((${line_nums[1]} - 1))
cert_start=$((${line_nums[1]} + 4))
cert_end=$((${line_nums[2]} - 1))

# only for RSA keys
echo "-----BEGIN RSA PRIVATE KEY-----" > enrolled-key.key
sed -n -e "$priv_key_start,${priv_key_end}p" $1 >> enrolled-key.key
echo "-----END RSA PRIVATE KEY-----" >> enrolled-key.key

echo "-----BEGIN CERTIFICATE-----" > device-p7.b64
sed -n -e "$cert_start,${cert_end}p" $1 >> device-p7.b64
echo "-----END CERTIFICATE-----" >> device-p7.b64
"""
"""The specification's script, as printed."""


@dataclass(kw_only=True)
class Device:
    """One device's directory, and the lab it talks to."""

    directory: Path
    lab: Lab
    service: EstService
    urls: ServerUrls
    base: str = field(default=".well-known/est/est")

    def __post_init__(self) -> None:
        (self.directory / "openssl.conf").write_text(OPENSSL_CONF)

    def run(self, command: str, *, answers: str = "", check: bool = True) -> str:
        """Run one shell command where the device lives; `answers` are typed at its prompts. What it prints."""
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.directory, input=answers, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def fetch_ca_certificate(self) -> str:
        """ManagementCA's certificate from the plain port; its SHA-256 fingerprint as openssl prints it."""
        self.run(f"curl -sS --fail -o ManagementCA.cacert.pem {self.urls.http}/ca/ManagementCA.cacert.pem")
        return self.run("openssl x509 -in ManagementCA.cacert.pem -noout -fingerprint -sha256").strip()

    def request(self, username: str, code: str) -> None:
        """Make a key and a CSR with a code at the specification's prompts: device.key, and device.b64 to be sent."""
        self.run(
            "openssl req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout device.key -out device.csr "
            "-config openssl.conf && openssl req -in device.csr -outform DER | openssl base64 -e -out device.b64",
            answers=f"{username}\n{code}\n",
        )

    def crl(self) -> str:
        """ManagementCA's CRL from the plain port, checked, in openssl's words."""
        self.run(f"curl -sS --fail -o ca.crl {self.urls.http}/crl/ManagementCA.crl")
        return self.run("openssl crl -inform DER -in ca.crl -noout -text -CAfile ManagementCA.cacert.pem")

    def post(self, operation: str, body: str, answer: str, *, port: str | None = None, certificate: str = "") -> str:
        """The specification's curl command for an enrollment; the HTTP status as text."""
        return self.run(
            f"curl -sS --cacert ManagementCA.cacert.pem {certificate} --data @{body} -o {answer} -w '%{{http_code}}' "
            '-H "Content-Type: application/pkcs10" -H "Content-Transfer-Encoding: base64" '
            f"{port or self.urls.tls}/{self.base}/{operation}"
        ).strip()

    def split_server_keygen(self, answer: str) -> None:
        """Run the specification's script: enrolled-key.key and device-p7.b64."""
        script = self.directory / "parse_server_keygen_response"
        script.write_text(PARSE_SERVER_KEYGEN_RESPONSE)
        script.chmod(0o755)
        self.run(f"./parse_server_keygen_response {answer}")

    def revoke(self, certificate: str, reason: RevocationReason = RevocationReason.SUPERSEDED) -> None:
        """What the operator does about one of the device's certificates."""
        result = self.lab.administration.certificates.revoke(self._sha256(certificate), reason)
        assert isinstance(result, Saved), result

    def release(self, certificate: str) -> None:
        result = self.lab.administration.certificates.release(self._sha256(certificate))
        assert isinstance(result, Saved), result

    def _sha256(self, certificate: str) -> str:
        words = self.run(f"openssl x509 -in {certificate} -noout -fingerprint -sha256")
        return words.strip().partition("=")[2].replace(":", "").lower()

    def unpack(self, answer: str, certificate: str) -> str:
        """Decode an enroll answer with the specification's commands; the certificate in words."""
        self.run(f"openssl base64 -in {answer} -out {answer}.der -d")
        self.run(f"openssl pkcs7 -inform DER -in {answer}.der -print_certs -out {certificate}")
        self.run(f"openssl verify -CAfile ManagementCA.cacert.pem {certificate}")
        return self.run(f"openssl x509 -in {certificate} -text -noout")

    def last_row(self) -> tuple[Activity, str]:
        """The newest row of the log, and the check that failed in it, or nothing."""
        row = self.lab.feed.recent()[-1]
        detail = self.lab.administration.activities.detail(row.id)
        assert detail is not None
        return row, next((check.name for check in detail.checks if check.state is CheckState.FAILED), "")
