"""Object identifiers by name: what extensions are called, and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cryptography import x509

EXTENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "2.5.29.9": "Subject Directory Attributes",
        "2.5.29.14": "Subject Key Identifier",
        "2.5.29.15": "Key Usage",
        "2.5.29.16": "Private Key Usage Period",
        "2.5.29.17": "Subject Alternative Name",
        "2.5.29.18": "Issuer Alternative Name",
        "2.5.29.19": "Basic Constraints",
        "2.5.29.20": "CRL Number",
        "2.5.29.27": "Delta CRL Indicator",
        "2.5.29.28": "Issuing Distribution Point",
        "2.5.29.30": "Name Constraints",
        "2.5.29.31": "CRL Distribution Points",
        "2.5.29.32": "Certificate Policies",
        "2.5.29.33": "Policy Mappings",
        "2.5.29.35": "Authority Key Identifier",
        "2.5.29.36": "Policy Constraints",
        "2.5.29.37": "Extended Key Usage",
        "2.5.29.46": "Freshest CRL",
        "2.5.29.54": "Inhibit Any Policy",
        "1.2.840.113533.7.65.0": "Entrust Version",
        "1.2.840.113549.1.9.15": "S/MIME Capabilities",
        "1.3.36.8.3.3": "Admission",
        "1.3.6.1.4.1.11129.2.4.2": "CT Precertificate SCTs",
        "1.3.6.1.4.1.11129.2.4.3": "CT Precertificate Poison",
        "1.3.6.1.4.1.11129.2.4.5": "CT Certificate SCTs",
        "1.3.6.1.4.1.311.20.2": "Microsoft Certificate Template Name",
        "1.3.6.1.4.1.311.21.1": "Microsoft CA Version",
        "1.3.6.1.4.1.311.21.2": "Microsoft Previous CA Certificate Hash",
        "1.3.6.1.4.1.311.21.7": "Microsoft Certificate Template",
        "1.3.6.1.4.1.311.21.10": "Microsoft Application Policies",
        "1.3.6.1.4.1.311.25.2": "Microsoft Security Identifier",
        "1.3.6.1.5.5.7.1.1": "Authority Information Access",
        "1.3.6.1.5.5.7.1.2": "Biometric Info",
        "1.3.6.1.5.5.7.1.3": "qcStatements",
        "1.3.6.1.5.5.7.1.7": "sbgp-ipAddrBlock",
        "1.3.6.1.5.5.7.1.8": "sbgp-autonomousSysNum",
        "1.3.6.1.5.5.7.1.11": "Subject Information Access",
        "1.3.6.1.5.5.7.1.14": "Proxy Certificate Information",
        "1.3.6.1.5.5.7.1.24": "TLS Feature",
        "1.3.6.1.5.5.7.48.1.5": "OCSP No Check",
        "2.16.840.1.113730.1.1": "Netscape Cert Type",
        "2.16.840.1.113730.1.2": "Netscape Base Url",
        "2.16.840.1.113730.1.3": "Netscape Revocation Url",
        "2.16.840.1.113730.1.4": "Netscape CA Revocation Url",
        "2.16.840.1.113730.1.8": "Netscape CA Policy Url",
        "2.16.840.1.113730.1.12": "Netscape SSL Server Name",
        "2.16.840.1.113730.1.13": "Netscape Comment",
    }
)
"""Extensions by OID, called as openssl's text calls them."""

_NAMES = {
    "1.3.6.1.4.1.311.2.1.21": "Microsoft individual code signing",
    "1.3.6.1.4.1.311.2.1.22": "Microsoft commercial code signing",
    "1.3.6.1.4.1.311.10.3.1": "Microsoft trust list signing",
    "1.3.6.1.4.1.311.10.3.4": "Microsoft encrypting file system",
    "1.3.6.1.4.1.311.10.3.12": "Microsoft document signing",
    "1.3.6.1.4.1.311.20.2.1": "Microsoft certificate request agent",
    "1.3.6.1.4.1.311.20.2.2": "Microsoft smartcard logon",
    "1.3.6.1.4.1.311.20.2.3": "Microsoft user principal name",
    "1.3.6.1.4.1.11129.2.4.4": "CT precertificate signing",
    "1.3.6.1.5.2.2": "Kerberos principal name",
    "1.3.6.1.5.2.3.4": "Kerberos client authentication",
    "1.3.6.1.5.2.3.5": "Kerberos KDC",
    "1.3.6.1.5.5.7.3.1": "TLS server authentication",
    "1.3.6.1.5.5.7.3.2": "TLS client authentication",
    "1.3.6.1.5.5.7.3.3": "code signing",
    "1.3.6.1.5.5.7.3.4": "e-mail protection",
    "1.3.6.1.5.5.7.3.5": "IPsec end system",
    "1.3.6.1.5.5.7.3.6": "IPsec tunnel",
    "1.3.6.1.5.5.7.3.7": "IPsec user",
    "1.3.6.1.5.5.7.3.8": "time stamping",
    "1.3.6.1.5.5.7.3.9": "OCSP signing",
    "1.3.6.1.5.5.7.3.13": "EAP over PPP",
    "1.3.6.1.5.5.7.3.14": "EAP over LAN",
    "1.3.6.1.5.5.7.3.17": "IPsec IKE",
    "1.3.6.1.5.5.7.3.21": "SSH client authentication",
    "1.3.6.1.5.5.7.3.22": "SSH server authentication",
    "1.3.6.1.5.5.7.3.27": "CMC CA",
    "1.3.6.1.5.5.7.3.28": "CMC registration authority",
    "1.3.6.1.5.5.7.3.36": "document signing",
    "1.3.6.1.5.5.7.8.4": "hardware module name",
    "1.3.6.1.5.5.7.8.5": "XMPP address",
    "1.3.6.1.5.5.7.48.1": "OCSP",
    "1.3.6.1.5.5.7.48.2": "CA issuers",
    "1.3.6.1.5.5.7.48.3": "time stamping",
    "1.3.6.1.5.5.7.48.5": "CA repository",
    "2.5.29.32.0": "any policy",
    "2.5.29.37.0": "any purpose",
    "2.16.840.1.113730.4.1": "Netscape server gated crypto",
    "2.23.140.1.1": "extended validation (CA/Browser Forum)",
    "2.23.140.1.2.1": "domain validated (CA/Browser Forum)",
    "2.23.140.1.2.2": "organization validated (CA/Browser Forum)",
    "2.23.140.1.2.3": "individual validated (CA/Browser Forum)",
}

_UNNAMED = "Unknown OID"
"""What cryptography calls an OID that it has no name for."""


def name_of(oid: x509.ObjectIdentifier) -> str:
    """What an OID stands for, in words where it has them; one without a name is itself, in dots."""
    if words := _NAMES.get(oid.dotted_string):
        return words
    # The registry's names are the only place where cryptography keeps them.
    name = getattr(oid, "_name", _UNNAMED)
    return oid.dotted_string if name == _UNNAMED else name
