"""How to bring about what a request is refused for its client certificate, each with its status of B-25."""

from __future__ import annotations

from functools import partial

from cryptography import x509

from estconsole.domain.profiles import CertificateProfileDraft
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.revocation import RevocationReason
from estconsole.domain.validation import EndEntityDraft
from estconsole.results import Saved
from tests.labs import add, save_alias, unregister
from tests.server.asking import ENROLL, RENEW, ask, ask_the_application, fresh
from tests.server.authorities import DAY, Authority
from tests.server.devices import Answer
from tests.server.own_devices import (
    CODE,
    certify_by_hand,
    enrolled,
    import_own,
    release,
    renew,
    renewal_csr,
    revoke,
    the_server,
)
from tests.server.request_refusals import BringAbout, Refusal
from tests.server.served import Served
from tests.server.vendors import Vendor, change_of_name, import_vendor, name_change_csr, take_crl
from tests.support import csr_der

# The vendor certificate


def no_vendor_certificate(served: Served) -> Answer:
    return ask(served, ENROLL, csr_der("CN=device", code=CODE), alias=Vendor.listed(served).name)


def other_vendors_certificate(served: Served) -> Answer:
    return Vendor.listed(served).enroll(Vendor.listed(served).device(fresh("device")))


def sub_ca_as_device(served: Served) -> Answer:
    vendor = Vendor.listed(served)
    return vendor.enroll(vendor.sub.sub_authority("device").identity)


def vendor_certificate_not_in_date(served: Served, **dates: object) -> Answer:
    vendor = Vendor.listed(served)
    return vendor.enroll(vendor.sub.issue("device", **dates))  # type: ignore[arg-type]


def vendor_certificate_revoked(served: Served) -> Answer:
    vendor = Vendor.listed(served)
    device = vendor.device(fresh("device"))
    vendor.take_crl(vendor.sub.crl(device.certificate))
    return vendor.enroll(device)


def vendor_crl_stale(served: Served) -> Answer:
    vendor = Vendor.listed(served)
    vendor.take_crl(vendor.sub.crl(issued=-2 * DAY, ends=-DAY))
    return vendor.enroll(vendor.device(fresh("device")))


def vendor_ca_expired(served: Served) -> Answer:
    vendor = Vendor.listed(served)
    expired = vendor.root.sub_authority("Expired CA", ends=-DAY / 2)
    import_vendor(served, expired, f"{vendor.name} Expired CA")
    save_alias(served.lab, vendor.name, vendorcaids=f"{vendor.name} Expired CA")
    return vendor.enroll(expired.issue("device"))


def vendor_subject(subject: str) -> BringAbout:
    """The name that a vendor certificate has."""

    def bring_about(served: Served) -> Answer:
        vendor = Vendor.listed(served)
        return vendor.enroll(vendor.sub.issue(subject))

    return bring_about


def csr_of_another_device(served: Served) -> Answer:
    vendor = Vendor.listed(served)
    return vendor.enroll(vendor.device(fresh("device")), csr_der("CN=another"))


def registered_otherwise(served: Served) -> Answer:
    vendor, username = Vendor.listed(served), fresh("device")
    vendor.device(username, subject=f"CN={username},O=Operator")
    return vendor.enroll(vendor.sub.issue(f"CN={username}"))


def change(*values: bytes, allowed: str = "true") -> BringAbout:
    """A vendor's device that asks for another name."""

    def bring_about(served: Served) -> Answer:
        vendor, username = Vendor.listed(served, allowchangesubjectname=allowed), fresh("device")
        return vendor.enroll(vendor.device(username), name_change_csr(f"CN={username}", *values))

    return bring_about


# The certificate that is to be renewed


def no_certificate(served: Served) -> Answer:
    return ask(served, RENEW, csr_der("CN=device", code=CODE))


def no_certificate_but_a_password(served: Served) -> Answer:
    """A password cannot renew, whatever the alias takes for an initial request (B-25)."""
    save_alias(served.lab, "basic", authenticationmodule="HttpBasicAuth", severkeygenenabled="true")
    username = add(served.lab, fresh("device"), CODE).username
    return ask(served, RENEW, csr_der(f"CN={username}"), alias="basic", basic=(username, CODE))


def vendor_certificate(served: Served) -> Answer:
    vendor = Vendor.listed(served)
    return renew(served, vendor.device(fresh("device")), alias=vendor.name)


def server_certificate(served: Served) -> Answer:
    return renew(served, the_server(served))


def revoked_certificate(served: Served) -> Answer:
    device, _ = enrolled(served)
    revoke(served, device)
    return renew(served, device)


def expired_certificate(served: Served) -> Answer:
    """The lab issued it three years ago: no operator can do that today, so its record is put there by hand."""
    return renew(served, certify_by_hand(served, add(served.lab, fresh("device")), age=3 * 365 * DAY))


def ca_above_with_a_stale_crl(served: Served) -> Answer:
    """The issuing CA moved in with its key; the root above it is a vendor CA here, whose CRL nobody renewed."""
    above, name = fresh("Root CA"), fresh("Sub CA")
    root = Authority.named(above)
    import_vendor(served, root, above)
    import_own(served, root.sub_authority(name), name)
    device, _ = enrolled(served, issuing_ca=name)
    take_crl(served, above, root.crl(issued=-2 * DAY, ends=-DAY))
    return renew(served, device)


def wrong_usage(served: Served) -> Answer:
    """A certificate without clientAuth dies in the handshake, by OpenSSL: the application is called past TLS."""
    profile = CertificateProfileDraft(name=fresh("Servers only"), extended_key_usages=("serverAuth",))
    assert isinstance(served.lab.administration.certificate_profiles.save(profile), Saved)
    device, _ = enrolled(served, certificate_profile=profile.name)
    return ask_the_application(served, RENEW, renewal_csr(device), device.certificate)


def registration_deleted(served: Served) -> Answer:
    device, entity = enrolled(served)
    unregister(served.lab, entity.username)
    return renew(served, device)


def registration_closed(served: Served) -> Answer:
    """The end entity is put on hold, and then its certificate alone is released."""
    device, entity = enrolled(served)
    held = served.lab.administration.end_entities.revoke(entity.username, RevocationReason.CERTIFICATE_HOLD)
    assert isinstance(held, Saved)
    release(served, device)
    return renew(served, device)


def other_alias(served: Served) -> Answer:
    save_alias(served.lab, "other-policy", authenticationmodule="ChallengePwd")
    return renew(served, enrolled(served)[0], alias="other-policy")


def registered_name_changed(served: Served) -> Answer:
    device, entity = enrolled(served)
    draft = EndEntityDraft(
        username=entity.username, subject=f"{entity.subject},O=Renamed", issuing_ca=entity.issuing_ca
    )
    assert isinstance(served.lab.administration.end_entities.edit(draft, entity.revision), Saved)
    return renew(served, device)


def other_subject(served: Served) -> Answer:
    device, _ = enrolled(served)
    return renew(served, device, renewal_csr(device, subject="CN=another"))


def other_sans(served: Served) -> Answer:
    device, _ = enrolled(served)
    return renew(served, device, renewal_csr(device, sans=[x509.DNSName("another.example")]))


def same_key(served: Served) -> Answer:
    save_alias(served.lab, "new-keys", authenticationmodule="ChallengePwd", allowupdatewithsamekey="false")
    device, _ = enrolled(served, "new-keys")
    return renew(served, device, renewal_csr(device, key=device.key), alias="new-keys")


def change_of_name_at_renewal(served: Served) -> Answer:
    device, entity = enrolled(served)
    return renew(served, device, name_change_csr(str(entity.subject), change_of_name("CN=another")))


REFUSALS: tuple[Refusal, ...] = (
    Refusal(RefusalReason.VENDOR_CERTIFICATE_ABSENT, 400, no_vendor_certificate),
    Refusal(RefusalReason.VENDOR_CERTIFICATE_FOREIGN, 400, other_vendors_certificate),
    Refusal(RefusalReason.VENDOR_CERTIFICATE_UNUSABLE, 400, sub_ca_as_device),
    Refusal(RefusalReason.VENDOR_CERTIFICATE_NOT_IN_DATE, 400, partial(vendor_certificate_not_in_date, ends=-DAY / 2)),
    Refusal(
        RefusalReason.VENDOR_CERTIFICATE_NOT_IN_DATE,
        400,
        partial(vendor_certificate_not_in_date, starts=DAY / 2),
        "yet",
    ),
    Refusal(RefusalReason.VENDOR_CERTIFICATE_REVOKED, 400, vendor_certificate_revoked),
    Refusal(RefusalReason.VENDOR_CRL_STALE, 400, vendor_crl_stale),
    Refusal(RefusalReason.VENDOR_PATH_INVALID, 400, vendor_ca_expired),
    Refusal(RefusalReason.VENDOR_USERNAME_ABSENT, 400, vendor_subject("O=device")),
    Refusal(RefusalReason.VENDOR_USERNAME_REPEATED, 400, vendor_subject("CN=device,CN=device")),
    Refusal(RefusalReason.VENDOR_OTHER_SUBJECT, 400, csr_of_another_device),
    Refusal(RefusalReason.VENDOR_OTHER_REGISTERED_SUBJECT, 400, registered_otherwise),
    Refusal(RefusalReason.CHANGE_SUBJECT_NAME_MALFORMED, 400, change(b"\x30\x00")),
    Refusal(RefusalReason.CHANGE_SUBJECT_NAME_REPEATED, 400, change(*[change_of_name("CN=another")] * 2)),
    Refusal(RefusalReason.CHANGE_SUBJECT_NAME_NOT_ALLOWED, 400, change(change_of_name("CN=another"), allowed="false")),
    Refusal(RefusalReason.CHANGE_SUBJECT_NAME_NOT_ALLOWED, 400, change_of_name_at_renewal, "at renewal"),
    Refusal(RefusalReason.CHANGE_SUBJECT_NAME_OTHER, 400, change(change_of_name("CN=another"))),
    Refusal(RefusalReason.NO_CLIENT_CERTIFICATE, 401, no_certificate),
    Refusal(RefusalReason.NO_CLIENT_CERTIFICATE, 401, no_certificate_but_a_password, "HttpBasicAuth"),
    Refusal(RefusalReason.CERTIFICATE_FOREIGN, 403, vendor_certificate),
    Refusal(RefusalReason.CERTIFICATE_NOT_END_ENTITY, 403, server_certificate),
    Refusal(RefusalReason.CERTIFICATE_REVOKED, 403, revoked_certificate),
    Refusal(RefusalReason.CERTIFICATE_NOT_IN_DATE, 403, expired_certificate),
    Refusal(RefusalReason.CERTIFICATE_PATH_INVALID, 403, ca_above_with_a_stale_crl),
    Refusal(RefusalReason.CERTIFICATE_WRONG_USAGE, 403, wrong_usage),
    Refusal(RefusalReason.REGISTRATION_GONE, 403, registration_deleted),
    Refusal(RefusalReason.REGISTRATION_CLOSED, 403, registration_closed),
    Refusal(RefusalReason.CERTIFICATE_OTHER_ALIAS, 403, other_alias),
    Refusal(RefusalReason.REGISTERED_NAME_CHANGED, 400, registered_name_changed),
    Refusal(RefusalReason.RENEWAL_OTHER_SUBJECT, 400, other_subject),
    Refusal(RefusalReason.RENEWAL_OTHER_SANS, 400, other_sans),
    Refusal(RefusalReason.RENEWAL_SAME_KEY, 400, same_key),
)
