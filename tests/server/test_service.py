from __future__ import annotations

import concurrent.futures
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from estconsole.domain.refusal import RefusalReason
from estconsole.errors import PortUnavailableError, ServerFaultError
from estconsole.lab import Lab
from estconsole.server_control import ServerControl, ServerPhase, ServerState, ServerUrls
from estconsole.settings import ServerSettings
from estconsole.tls_material import TlsMaterial
from server import running
from server.service import EstService, _urls
from server.sockets import Port, Ports
from tests.labs import ANY_PORTS
from tests.server.authorities import ChangingTrust
from tests.server.devices import SECONDS, connected, exchange, http_request, read_answer, read_to_end
from tests.server.engines import GatedEngine
from tests.server.served import Served, Watch, serving

CACERTS = http_request("GET", "/.well-known/est/cacerts")
KEEP_ALIVE = b"GET /.well-known/est/cacerts HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab of its own for each test."""
    with Lab.open(tmp_path / "lab", owner="tests", settings=ANY_PORTS, demo=True) as opened:
        yield opened


@pytest.fixture
def service(lab: Lab) -> Iterator[EstService]:
    made = make(lab)
    yield made
    made.stop()


def make(lab: Lab, settings: ServerSettings = ANY_PORTS) -> EstService:
    return EstService(settings, lab.engine, lab.administration, lab.handshakes, lab.tls)


def test_its_states_in_order(service: EstService) -> None:
    control: ServerControl = service
    assert control.state.phase is ServerPhase.STOPPED
    states: list[ServerState] = []
    with control.subscribe(states.append):
        assert control.start() is control.state
        assert control.stop() is control.state
    assert [state.phase for state in states] == [
        ServerPhase.STARTING,
        ServerPhase.SERVING,
        ServerPhase.STOPPING,
        ServerPhase.STOPPED,
    ]
    assert [state.urls is not None for state in states] == [False, True, False, False]


def test_its_urls_name_the_ports_in_use(lab: Lab, service: EstService) -> None:
    served = Served(lab, service)
    urls = service.start().urls
    assert urls is not None
    assert (urls.http, urls.tls, urls.mtls) == (
        f"http://localhost:{served.http}",
        f"https://localhost:{served.tls}",
        f"https://localhost:{served.mtls}",
    )
    assert len({served.http, served.tls, served.mtls}) == 3


def test_starting_and_stopping_twice_does_no_harm(service: EstService) -> None:
    assert service.start() is service.start()
    assert service.stop() is service.stop()


def test_it_restarts_on_the_same_ports_at_once(lab: Lab) -> None:
    first = make(lab)
    first.start()
    ports = Served(lab, first)
    settings = ServerSettings(http_port=ports.http, tls_port=ports.tls, mtls_port=ports.mtls)
    # The server closes this connection first, so its end of it stays in TIME_WAIT.
    assert exchange(settings.http_port, http_request("GET", "/healthz")).startswith(b"HTTP/1.1 200 ")
    first.stop()
    second = make(lab, settings)
    for _ in range(3):
        second.start()
        assert Served(lab, second).get("/.well-known/est/cacerts").status == 200
        assert exchange(settings.http_port, http_request("GET", "/healthz")).startswith(b"HTTP/1.1 200 ")
        second.stop()


def test_nothing_listens_after_a_stop(lab: Lab, service: EstService) -> None:
    service.start()
    served = Served(lab, service)
    ports = [served.http, served.tls, served.mtls]
    service.stop()
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


def test_a_taken_port(lab: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        service = make(lab, ServerSettings(http_port=0, tls_port=port, mtls_port=0))
        with pytest.raises(PortUnavailableError, match=str(port)) as caught:
            service.start()
        assert (service.state.phase, service.state.problem) == (ServerPhase.FAILED, caught.value)
    assert service.start().phase is ServerPhase.SERVING  # the other program is gone
    assert service.stop().phase is ServerPhase.STOPPED


def test_a_second_server_on_the_same_ports(lab: Lab, service: EstService) -> None:
    service.start()
    served = Served(lab, service)
    second = make(lab, ServerSettings(http_port=served.http, tls_port=served.tls, mtls_port=served.mtls))
    with pytest.raises(PortUnavailableError, match=str(served.http)):
        second.start()
    assert second.stop().phase is ServerPhase.STOPPED
    assert served.get("/.well-known/est/cacerts").status == 200


def test_material_that_cannot_be_used(lab: Lab) -> None:
    class Broken(ChangingTrust):
        def material(self) -> TlsMaterial:
            raise LookupError("the lab has no server certificate yet")

    service = EstService(ANY_PORTS, lab.engine, lab.administration, lab.handshakes, Broken(lab.tls))
    with pytest.raises(ServerFaultError, match="certificate"):
        service.start()
    assert service.state.phase is ServerPhase.FAILED


def test_a_request_in_flight_is_answered_before_the_stop(gated: tuple[Served, GatedEngine]) -> None:
    served, engine = gated
    port, context = served.tls, served.context()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert served.service.requests_in_flight == 0
        answer = pool.submit(exchange, port, CACERTS, context)
        assert engine.entered.wait(SECONDS)
        assert served.service.requests_in_flight == 1
        stopping = threading.Event()
        with served.service.subscribe(lambda _state: stopping.set()):
            stopped = pool.submit(served.service.stop)
            assert stopping.wait(SECONDS)
        engine.open.set()
        assert read_answer(answer.result(SECONDS)).status == 200
        assert stopped.result(SECONDS).phase is ServerPhase.STOPPED
        assert served.service.requests_in_flight == 0


def test_a_request_that_outlives_the_grace_is_answered_503(gated: tuple[Served, GatedEngine]) -> None:
    served, engine = gated
    port, context = served.tls, served.context()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answer = pool.submit(exchange, port, CACERTS, context)
        assert engine.entered.wait(SECONDS)
        stopped = pool.submit(served.service.stop)
        refusal = read_answer(answer.result(SECONDS))
        engine.open.set()
        assert stopped.result(SECONDS).phase is ServerPhase.STOPPED
    assert refusal.status == 503
    assert refusal.text == "The server is stopping.\n"
    assert refusal.header("Retry-After") == "5"


def test_a_request_that_never_ends_does_not_hold_the_stop(
    gated: tuple[Served, GatedEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_STOP_SECONDS", 0.2)
    served, engine = gated
    with connected(served.tls, served.context()) as connection:
        connection.sendall(CACERTS)
        assert engine.entered.wait(SECONDS)
        with pytest.raises(ServerFaultError, match="did not stop"):
            served.service.stop()
        assert served.service.state.phase is ServerPhase.FAILED


def test_idle_and_silent_connections_do_not_hold_the_stop(lab: Lab, service: EstService) -> None:
    service.start()
    served = Served(lab, service)
    with (
        connected(served.tls) as silent,
        connected(served.tls, served.context()) as unused,
        connected(served.tls, served.context()) as kept,
    ):
        kept.sendall(KEEP_ALIVE)
        assert kept.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert service.stop().phase is ServerPhase.STOPPED
        assert unused.recv(1) == b""
        assert _ended(silent)


def test_a_fault_behind_a_route_is_recorded_and_told_without_its_words(
    gated: tuple[Served, GatedEngine], caplog: pytest.LogCaptureFixture
) -> None:
    served, engine = gated
    engine.open.set()
    engine.fault = LookupError("planted")
    watch = Watch(served.lab)
    answer = read_answer(exchange(served.tls, CACERTS, served.context()))
    assert answer.status == 500
    assert answer.text.startswith("Internal fault. (reference ")
    row = watch.wait_for(lambda row: row.reason is RefusalReason.INTERNAL_FAULT)
    assert row.reference in answer.text
    assert row.reference in caplog.text
    watch.close()


def test_a_crash_becomes_a_state_with_a_problem(lab: Lab, service: EstService) -> None:
    failed = threading.Event()
    service.start()
    with service.subscribe(lambda state: failed.set() if state.phase is ServerPhase.FAILED else None):
        loop = service._running._loop if service._running else None
        assert loop is not None
        loop.call_soon_threadsafe(loop.stop)  # as a fault in the loop itself would
        assert failed.wait(SECONDS)
    assert isinstance(service.state.problem, ServerFaultError)
    assert service.start().phase is ServerPhase.SERVING
    assert Served(lab, service).get("/.well-known/est/cacerts").status == 200


def test_many_starts_and_stops_from_many_threads(service: EstService) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        turns = [pool.submit(service.start if turn % 2 else service.stop) for turn in range(16)]
        for turn in turns:
            turn.result(60)
    assert service.stop().phase is ServerPhase.STOPPED


def test_its_thread_does_not_outlive_it(service: EstService) -> None:
    service.start()
    assert [thread.name for thread in threading.enumerate()].count("est-server") >= 1
    before = threading.active_count()
    service.stop()
    assert threading.active_count() < before


def test_a_host_of_ipv6_is_bracketed_in_urls_and_its_loopback_is_localhost(lab: Lab) -> None:
    with serving(lab, settings=replace(ANY_PORTS, hosts=("::1",))) as own:
        urls = own.service.state.urls
    assert urls is not None
    assert urls.tls.startswith("https://localhost:")
    ports = Ports(http=Port(80, ()), tls=Port(442, ()), mtls=Port(443, ()))  # of an address that no machine here has
    outside = _urls(ServerSettings(hosts=("2001:db8::7",)), ports)
    assert outside == ServerUrls("http://[2001:db8::7]:80", "https://[2001:db8::7]:442", "https://[2001:db8::7]:443")


def _ended(connection: socket.socket | ssl.SSLSocket) -> bool:
    try:
        return connection.recv(1) == b""
    except OSError:
        return True


def test_an_answer_ends_with_close_notify(lab: Lab, service: EstService) -> None:
    """libest reads to the end of the stream: ssl raises here when the connection is cut instead (B-33)."""
    service.start()
    served = Served(lab, service)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = served.context(version=version)
        with (
            socket.create_connection(("127.0.0.1", served.tls), SECONDS) as plain,
            context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False) as connection,
        ):
            connection.sendall(CACERTS)
            assert read_to_end(connection).startswith(b"HTTP/1.1 200 ")
