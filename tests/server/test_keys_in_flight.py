"""Keys that are being made for devices when the server stops or its settings change (B-22, B-36)."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest

from estconsole import engine
from estconsole.domain.certificate import KeyKind
from estconsole.domain.model import EndEntity, EntityStatus
from estconsole.domain.refusal import RefusalReason
from estconsole.pki.keys import SigningKey, generate_key
from estconsole.server_control import ServerPhase
from estconsole.settings import PortLayout
from server import running
from tests.labs import ANY_PORTS, add, entity_of, save_alias
from tests.server.asking import KEYGEN, fresh, request_for
from tests.server.devices import SECONDS, Answer, exchange, read_answer
from tests.server.own_devices import CODE
from tests.server.served import Served, Watch, serving
from tests.support import csr_der

SINGLE = replace(ANY_PORTS, layout=PortLayout.SINGLE)
PAST_THE_GRACE = 0.4  # seconds; a stop gives none here, and uvicorn looks every tenth


@dataclass(frozen=True, slots=True)
class InFlight:
    """A device whose key is being made until `made` is set, and the thread in which it waits for its answer."""

    served: Served
    entity: EndEntity
    answer: Future[bytes]
    made: threading.Event
    pool: ThreadPoolExecutor

    def answered(self) -> Answer:
        return read_answer(self.answer.result(SECONDS))

    def issued(self) -> int:
        return len(self.served.lab.administration.certificates.of_entity(self.entity.username))

    def check_that_nothing_was_spent(self, watch: Watch) -> None:
        row = watch.wait_for(lambda row: row.username == self.entity.username)
        assert (row.operation, row.reason) == (KEYGEN, RefusalReason.SERVER_STOPPING)
        assert entity_of(self.served.lab, self.entity.username) == self.entity
        assert self.issued() == 0


@pytest.fixture
def in_flight(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[InFlight]:
    begun, made = threading.Event(), threading.Event()

    def slow(kind: KeyKind) -> SigningKey:
        begun.set()
        assert made.wait(SECONDS)
        return generate_key(kind)

    monkeypatch.setattr(engine, "generate_key", slow)
    monkeypatch.setattr(running, "GRACE_SECONDS", 0)
    lab = served.lab
    save_alias(lab, "challenge", authenticationmodule="ChallengePwd", severkeygenenabled="true")
    entity = add(lab, fresh("device"), CODE)
    request = request_for(KEYGEN, csr_der(str(entity.subject), code=CODE), alias="challenge")
    with serving(lab) as own, ThreadPoolExecutor(3) as pool:
        answer = pool.submit(exchange, own.tls, request, own.context())
        assert begun.wait(SECONDS)
        yield InFlight(own, entity, answer, made, pool)
        made.set()


def test_a_change_of_settings_waits_for_the_key(in_flight: InFlight) -> None:
    applied = in_flight.pool.submit(in_flight.served.service.apply, SINGLE)
    assert applied.result(SECONDS).phase is ServerPhase.SERVING
    done, _ = concurrent.futures.wait([in_flight.answer], PAST_THE_GRACE)
    assert not done
    in_flight.made.set()
    answer = in_flight.answered()
    assert answer.status == 200
    assert b"application/pkcs8" in answer.body
    assert applied.result(SECONDS).phase is ServerPhase.SERVING
    assert entity_of(in_flight.served.lab, in_flight.entity.username).status is EntityStatus.GENERATED
    assert in_flight.issued() == 1


def test_a_stop_loses_no_key(in_flight: InFlight, watch: Watch) -> None:
    stopped = in_flight.pool.submit(in_flight.served.service.stop)
    answer = in_flight.answered()
    assert (answer.status, answer.header("Retry-After")) == (503, "5")
    in_flight.made.set()
    assert stopped.result(SECONDS).phase is ServerPhase.STOPPED
    in_flight.check_that_nothing_was_spent(watch)


def test_a_stop_does_not_wait_for_a_change_that_waits(in_flight: InFlight, watch: Watch) -> None:
    service, changed = in_flight.served.service, threading.Event()
    with service.subscribe(lambda _state: changed.set()):
        applied = in_flight.pool.submit(service.apply, SINGLE)
        assert changed.wait(SECONDS)
    stopped = in_flight.pool.submit(service.stop)
    assert in_flight.answered().status == 503
    in_flight.made.set()
    assert applied.result(SECONDS).phase is ServerPhase.SERVING
    assert stopped.result(SECONDS).phase is ServerPhase.STOPPED
    in_flight.check_that_nothing_was_spent(watch)
