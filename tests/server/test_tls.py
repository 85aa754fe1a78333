from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

from estconsole.activity import Outcome
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from estconsole.lab import Lab
from estconsole.tls_material import TlsMaterial
from server.tls import TlsContexts
from tests.labs import ANY_PORTS
from tests.server.authorities import DAY, Authority, ChangingTrust
from tests.server.devices import connected, exchange, http_request, read_answer, read_to_end
from tests.server.served import Served, Watch, base64_csr, serving

BOTH = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
CACERTS = http_request("GET", "/.well-known/est/cacerts")
RENEW = "/.well-known/est/simplereenroll"


@pytest.fixture
def trust(tmp_path: Path) -> Iterator[tuple[Served, ChangingTrust]]:
    """A served lab whose trusted CAs the test changes."""
    with Lab.open(tmp_path / "lab", owner="tests", settings=ANY_PORTS) as lab:
        changing = ChangingTrust(lab.tls)
        with serving(lab, tls=changing) as own:
            yield own, changing


@BOTH
def test_both_versions_are_spoken_on_both_ports(served: Served, version: ssl.TLSVersion) -> None:
    for port in (served.tls, served.mtls):
        assert exchange(port, CACERTS, served.context(version=version)).startswith(b"HTTP/1.1 200 ")


def test_trust_follows_the_store_at_the_next_handshake(trust: tuple[Served, ChangingTrust]) -> None:
    """B-39: added and removed between two connections, and a live connection goes on through both."""
    served, changing = trust
    vendor = Authority.named("Vendor Root CA")
    device = served.context(vendor.issue("device"))
    with connected(served.mtls, served.context()) as live:
        for trusted in (False, True, False):
            if trusted:
                changing.add(vendor)
                assert exchange(served.mtls, CACERTS, device).startswith(b"HTTP/1.1 200 ")
                changing.remove(vendor)
            else:
                with pytest.raises(ssl.SSLError, match="UNKNOWN_CA"):
                    exchange(served.mtls, CACERTS, device)
        live.sendall(CACERTS)
        assert read_answer(read_to_end(live)).status == 200


def test_a_leaf_alone_is_enough_when_its_sub_ca_is_known(trust: tuple[Served, ChangingTrust]) -> None:
    """B-40."""
    served, changing = trust
    sub = Authority.named("Vendor Root CA").sub_authority("Vendor Sub CA")
    changing.add(sub)
    device = served.context(sub.issue("device"))
    assert exchange(served.mtls, CACERTS, device).startswith(b"HTTP/1.1 200 ")


@BOTH
def test_a_certificate_for_servers_only(trust: tuple[Served, ChangingTrust], version: ssl.TLSVersion) -> None:
    served, changing = trust
    vendor = Authority.named("Vendor Root CA")
    changing.add(vendor)
    watch = Watch(served.lab)
    server_only = vendor.issue("server", usage=ExtendedKeyUsageOID.SERVER_AUTH)
    with pytest.raises(ssl.SSLError, match="UNSUPPORTED_CERTIFICATE"):
        exchange(served.mtls, CACERTS, served.context(server_only, version))
    watch.wait_for(lambda row: row.reason is HandshakeFailure.UNSUITABLE_CERTIFICATE)
    watch.close()


@pytest.mark.parametrize(("starts", "ends"), [(-3 * DAY, -DAY), (DAY, 3 * DAY)], ids=["expired", "not valid yet"])
@BOTH
def test_a_certificate_out_of_date_comes_through_and_is_refused_by_the_decision(
    trust: tuple[Served, ChangingTrust], version: ssl.TLSVersion, starts: object, ends: object
) -> None:
    """B-41: the operator sees whose it was. (Foreign is what this one is refused for first.)"""
    served, changing = trust
    vendor = Authority.named("Vendor Root CA")
    changing.add(vendor)
    watch = Watch(served.lab)
    device = vendor.issue("late", starts=starts, ends=ends)  # type: ignore[arg-type]
    request = http_request("POST", RENEW, base64_csr("late", None), {"Content-Type": "application/pkcs10"})
    answer = read_answer(exchange(served.mtls, request, served.context(device, version)))
    assert answer.status == 403
    row = watch.wait_for(lambda row: row.outcome is Outcome.REFUSED)
    assert row.reason is RefusalReason.CERTIFICATE_FOREIGN
    detail = served.lab.administration.activities.detail(row.id)
    assert detail is not None
    assert "late" in detail.client_certificate
    watch.close()


@BOTH
def test_no_session_is_resumed(served: Served, version: ssl.TLSVersion) -> None:
    """B-38: neither by ticket nor, in TLS 1.2, by session id."""
    device = served.enroll(f"resuming {version.name}")
    context = served.context(device, version)
    session: ssl.SSLSession | None = None
    for _ in range(3):
        with (
            connected(served.mtls) as plain,
            context.wrap_socket(plain, server_hostname="localhost", session=session) as connection,
        ):
            connection.sendall(CACERTS)
            assert read_to_end(connection).startswith(b"HTTP/1.1 200 ")
            assert not connection.session_reused
            assert connection.session is None or not connection.session.has_ticket
            session = connection.session


def test_contexts_are_shared_until_the_source_changes(served: Served) -> None:
    class Counting(ChangingTrust):
        asked = 0

        def material(self) -> TlsMaterial:
            self.asked += 1
            return super().material()

    source = Counting(served.lab.tls)
    contexts = TlsContexts(source)
    for ask in (True, False, True):
        contexts.for_connection(ask_for_certificate=ask)
    assert source.asked == 1
    source.add(Authority.named("another"))
    contexts.for_connection(ask_for_certificate=True)
    assert source.asked == 2


def test_no_key_stays_in_a_file(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    TlsContexts(served.lab.tls).for_connection(ask_for_certificate=True)
    assert list(tmp_path.iterdir()) == []


def test_a_ca_that_openssl_does_not_take_shuts_nobody_else_out(
    trust: tuple[Served, ChangingTrust], caplog: pytest.LogCaptureFixture
) -> None:
    """It is left out, and the log says so when the trust changes, not at every connection."""
    served, changing = trust
    vendor = Authority.named("Vendor Root CA")
    rejected = Authority.unreadable_by_openssl("Odd CA")
    for authority in (rejected, vendor):
        changing.add(authority)
    for identity in (None, vendor.issue("device")):
        assert exchange(served.mtls, CACERTS, served.context(identity)).startswith(b"HTTP/1.1 200 ")
    (record,) = [record for record in caplog.records if record.name == "server.tls"]
    assert rejected.certificate.fingerprint(SHA256()).hex() in record.getMessage()


def test_a_lab_that_trusts_no_client_ca_still_serves(served: Served) -> None:
    class Distrustful(ChangingTrust):
        def material(self) -> TlsMaterial:
            own = super().material()
            return TlsMaterial(certificate_chain=own.certificate_chain, private_key=own.private_key, trust_anchors=())

    context = TlsContexts(Distrustful(served.lab.tls)).for_connection(ask_for_certificate=True)
    assert context.verify_mode is ssl.CERT_OPTIONAL
