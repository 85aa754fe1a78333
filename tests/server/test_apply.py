"""Settings that change while the server serves: nobody who calls meanwhile is the worse for it (B-36)."""

from __future__ import annotations

import concurrent.futures
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from estconsole.errors import PortUnavailableError, ServerFaultError
from estconsole.lab import Lab
from estconsole.server_control import ServerControl, ServerPhase, ServerState
from estconsole.settings import LOOPBACK, PortLayout, ServerSettings
from estconsole.tls_material import TlsMaterial
from tests.labs import ANY_PORTS
from tests.server.authorities import Authority, ChangingTrust
from tests.server.devices import SECONDS, connected, exchange, http_request, read_answer, read_to_end
from tests.server.engines import GatedEngine
from tests.server.served import Served, serving

CACERTS = http_request("GET", "/.well-known/est/cacerts")
HEALTH = http_request("GET", "/healthz")
TWO, SINGLE = (replace(ANY_PORTS, layout=layout) for layout in (PortLayout.TWO, PortLayout.SINGLE))


@pytest.fixture
def changing(lab: Lab) -> Iterator[Served]:
    with serving(lab) as own:
        yield own


class Callers:
    """Devices that call one port, each with a connection of its own, one after the other until they are stopped."""

    def __init__(self, served: Served) -> None:
        self._port, self._context = served.mtls, served.context()
        self._stopped = threading.Event()
        self._answered = threading.Condition()
        self._count = 0
        self._pool = concurrent.futures.ThreadPoolExecutor(3)
        self._calls = [self._pool.submit(self._call) for _ in range(3)]

    def wait_for_more(self, more: int = 20) -> None:
        with self._answered:
            wanted = self._count + more
            assert self._answered.wait_for(lambda: self._count >= wanted or any(call.done() for call in self._calls))
        self._raise_what_failed()

    def stop(self) -> None:
        self._stopped.set()
        self._pool.shutdown()
        self._raise_what_failed()

    def _raise_what_failed(self) -> None:
        for call in self._calls:
            if call.done():
                call.result()

    def _call(self) -> None:
        try:
            while not self._stopped.is_set():
                assert exchange(self._port, CACERTS, self._context).startswith(b"HTTP/1.1 200 ")
                with self._answered:
                    self._count += 1
                    self._answered.notify_all()
        finally:
            with self._answered:
                self._answered.notify_all()


def is_closed(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), SECONDS).close()
    except ConnectionRefusedError:
        return True
    return False


def test_from_layout_to_layout_under_way(changing: Served) -> None:
    """Three, two, single and three ports again, while devices enroll: none of them is refused or cut off."""
    control: ServerControl = changing.service
    callers = Callers(changing)
    callers.wait_for_more()
    three = (changing.http, changing.tls, changing.mtls)

    assert control.apply(TWO) is control.state
    callers.wait_for_more()
    assert (changing.http, changing.tls, changing.mtls) == (three[0], three[2], three[2])
    assert is_closed(three[1])
    assert exchange(changing.http, HEALTH).startswith(b"HTTP/1.1 200 ")

    control.apply(SINGLE)
    callers.wait_for_more()
    assert control.state.urls is not None
    assert (control.state.urls.http, changing.mtls) == (None, three[2])
    assert is_closed(three[0])
    assert changing.send(HEALTH).status == 200

    control.apply(ANY_PORTS)
    callers.wait_for_more()
    assert changing.mtls == three[2]
    assert changing.tls != changing.mtls
    assert exchange(changing.http, HEALTH).startswith(b"HTTP/1.1 200 ")
    assert changing.get("/.well-known/est/cacerts").status == 200
    assert changing.send(HEALTH).status == 404
    callers.stop()


def test_who_is_connected_is_served_by_the_one_that_goes(gated: tuple[Served, GatedEngine]) -> None:
    """A request in flight is answered, and so is one on a connection that had none yet; newcomers are not kept."""
    served, engine = gated
    context, port = served.context(), served.mtls
    changed = threading.Event()

    def on_state(state: ServerState) -> None:
        if state.urls is not None and state.urls.layout is PortLayout.SINGLE:
            changed.set()

    with (
        concurrent.futures.ThreadPoolExecutor(3) as pool,
        served.service.subscribe(on_state),
        connected(port, context) as early,
    ):
        in_flight = pool.submit(exchange, port, CACERTS, context)
        assert engine.entered.wait(SECONDS)
        applied = pool.submit(served.service.apply, SINGLE)
        assert changed.wait(SECONDS)
        early.sendall(CACERTS)
        newcomer = pool.submit(exchange, port, HEALTH, context)
        assert read_answer(newcomer.result(SECONDS)).status == 200
        assert served.service.requests_in_flight >= 1
        engine.open.set()
        assert read_answer(in_flight.result(SECONDS)).status == 200
        assert read_answer(read_to_end(early)).status == 200
        early.close()
        assert applied.result(SECONDS).phase is ServerPhase.SERVING


def test_who_is_silent_neither_holds_the_change_nor_is_cut_off(changing: Served) -> None:
    with connected(changing.tls) as silent, connected(changing.tls, changing.context()) as unused:
        assert changing.service.apply(TWO).phase is ServerPhase.SERVING
        unused.sendall(CACERTS)
        assert read_answer(read_to_end(unused)).status == 200
        with changing.context().wrap_socket(silent, server_hostname="localhost") as late:
            late.sendall(CACERTS)
            assert read_answer(read_to_end(late)).status == 200


def test_a_taken_port_leaves_everything_as_it_was(changing: Served) -> None:
    before = changing.service.state
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortUnavailableError, match=str(port)):
            changing.service.apply(replace(TWO, http_port=port))
    assert changing.service.state is before
    assert changing.service.settings == ANY_PORTS
    for each in (changing.tls, changing.mtls):
        assert exchange(each, CACERTS, changing.context()).startswith(b"HTTP/1.1 200 ")
    assert exchange(changing.http, HEALTH).startswith(b"HTTP/1.1 200 ")
    assert changing.service.apply(TWO).phase is ServerPhase.SERVING


def test_material_that_cannot_be_used_leaves_everything_as_it_was(lab: Lab) -> None:
    class Breaking(ChangingTrust):
        broken = False

        def material(self) -> TlsMaterial:
            if self.broken:
                raise LookupError("planted")
            return super().material()

    trust = Breaking(lab.tls)
    with serving(lab, tls=trust) as own:
        before = own.service.state
        trust.broken = True
        with pytest.raises(ServerFaultError, match="certificate"):
            own.service.apply(TWO)
        assert own.service.state is before
        trust.broken = False
        trust.add(Authority.named("a change"))
        assert own.get("/.well-known/est/cacerts").status == 200


def test_the_network_is_opened_and_closed_while_it_serves(changing: Served) -> None:
    numbers = {"http_port": changing.http, "tls_port": changing.tls, "mtls_port": changing.mtls}
    callers = Callers(changing)
    for hosts in (("0.0.0.0",), LOOPBACK):  # noqa: S104 - the operator says so
        changing.service.apply(ServerSettings(hosts=hosts, **numbers))
        callers.wait_for_more()
        assert changing.get("/.well-known/est/cacerts").status == 200
    callers.stop()


def test_another_name_in_the_certificate_moves_no_listener(changing: Served) -> None:
    before = changing.service.state
    settings = replace(ANY_PORTS, names=("lab-7.example",))
    assert changing.service.apply(settings) is before
    assert changing.service.settings == settings


def test_a_stopped_server_only_takes_the_settings(changing: Served) -> None:
    service = changing.service
    service.stop()
    assert service.apply(SINGLE).phase is ServerPhase.STOPPED
    assert service.settings == SINGLE
    state = service.start()
    assert state.urls is not None
    assert state.urls.layout is PortLayout.SINGLE


def test_a_change_starts_where_a_crash_ended(changing: Served) -> None:
    failed = threading.Event()
    with changing.service.subscribe(lambda state: failed.set() if state.phase is ServerPhase.FAILED else None):
        loop = changing.service._running._loop if changing.service._running else None
        assert loop is not None
        loop.call_soon_threadsafe(loop.stop)
        assert failed.wait(SECONDS)
    assert changing.service.apply(TWO).phase is ServerPhase.FAILED
    assert changing.service.start().phase is ServerPhase.SERVING
    assert changing.tls == changing.mtls
