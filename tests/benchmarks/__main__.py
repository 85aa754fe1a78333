"""Figures for the changelog and for whoever doubts them: `make bench`. Quote medians, and ratios of one run."""

from __future__ import annotations

import base64
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from estconsole.domain.request import Operation
from estconsole.lab import Lab
from estconsole.store.log import Retention
from estconsole.store.store import Store
from tests.interop.serving import serving
from tests.labs import ANY_PORTS, CODE, add, certificate_of, demo_lab, save_alias
from tests.server.authorities import Authority
from tests.store.test_log import record
from tests.support import csr_der, ec_key, request_of
from tests.wire import WireClient

CLIENTS = 8
PER_CLIENT = 50
ROUNDS = 3


def main() -> None:
    """Print one line a figure."""
    with tempfile.TemporaryDirectory() as directory:
        _engine(Path(directory) / "engine")
        for vendors in (3, 300):
            _vendor(Path(directory) / f"vendor-{vendors}", vendors)
        _server_keys(Path(directory) / "keys")
        _wire(Path(directory) / "wire")
        for rows in (1_000, 100_000):
            _csv(Path(directory) / f"csv-{rows}", rows)
        for rows in (100, 100_000):
            _store(Path(directory) / f"store-{rows}", rows)


def _engine(directory: Path) -> None:
    """The engine alone: decision, RSA-2048 signature, record, disk."""
    key = ec_key()
    with Lab.open(directory, owner="a benchmark", settings=ANY_PORTS) as lab:
        add(lab, "bench", allowed_requests="1000000")
        csr = csr_der("CN=bench", key, CODE)
        certificate = certificate_of(lab.engine.enroll(request_of(Operation.SIMPLEENROLL, csr)))
        _report("engine: initial enrollment", _each(lambda: lab.engine.enroll(request_of(Operation.SIMPLEENROLL, csr))))
        renewal = lambda: lab.engine.enroll(request_of(Operation.SIMPLEREENROLL, csr, certificate=certificate))  # noqa: E731
        _report("engine: renewal", _each(renewal))


def _vendor(directory: Path, vendors: int) -> None:
    """An enrollment by vendor certificate, among so many vendor CAs: it should cost the same."""
    with demo_lab(directory) as lab:
        for number in range(vendors):
            lab.administration.vendor_cas.import_(Authority.named(f"Vendor {number}").pem)
        vendor = Authority.named("The vendor")
        lab.administration.vendor_cas.import_(vendor.pem, ["The vendor"])
        save_alias(lab, "estvendor", vendorcaids="The vendor")
        add(lab, "bench", code=None, allowed_requests="1000000")
        device, csr = vendor.issue("CN=bench"), csr_der("CN=bench", ec_key())
        request = partial(request_of, Operation.SIMPLEENROLL, csr, alias="estvendor", certificate=device.certificate)
        certificate_of(lab.engine.enroll(request()))
        _report(f"engine: by vendor certificate, {vendors + 3} vendor CAs", _each(lambda: lab.engine.enroll(request())))


def _server_keys(directory: Path) -> None:
    """A key made here: the difference to a plain enrollment is the key."""
    with demo_lab(directory) as lab:
        add(lab, "bench", allowed_requests="1000000")
        save_alias(lab, "est", severkeygenenabled="true")
        csr = csr_der("CN=bench", ec_key(), CODE)
        _report(
            "engine: server key, EC P-256", _each(lambda: lab.engine.enroll(request_of(Operation.SERVERKEYGEN, csr)))
        )


def _wire(directory: Path) -> None:
    """Enrollments over a new TLS connection each, eight at once, from processes of their own."""
    with Lab.open(directory, owner="a benchmark", settings=ANY_PORTS) as lab:
        add(lab, "bench", allowed_requests="1000000")
    with serving(directory) as process, ProcessPoolExecutor(CLIENTS) as pool:
        urls = process.urls
        rates, costs = [], []
        for _ in range(ROUNDS + 1):
            cpu, start = _cpu_seconds(process.process.pid), time.perf_counter()
            done = sum(pool.map(_enroll_repeatedly, [urls] * CLIENTS))
            elapsed = time.perf_counter() - start
            rates.append(done / elapsed)
            costs.append((_cpu_seconds(process.process.pid) - cpu) / done * 1_000)
        # The first round starts the clients' processes, so it is not counted.
        rate, cost = statistics.median(rates[1:]), statistics.median(costs[1:])
        sys.stdout.write(
            f"wire: new TLS connection each, {CLIENTS} at once: median {rate:.0f} enrollments/s, "
            f"server CPU median {cost:.2f} ms each\n"
        )


def _enroll_repeatedly(urls: dict[str, str]) -> int:
    client = WireClient(urls["http"], urls["tls"], urls["mtls"])
    body = base64.encodebytes(csr_der("CN=bench", ec_key(), CODE))
    return sum(client.post("simpleenroll", body).status == 200 for _ in range(PER_CLIENT))


def _csv(directory: Path, rows: int) -> None:
    """A file of end entities, with a code made for each; whoever enrolls meanwhile waits for the last part alone."""
    file = "username,subject\n" + "".join(f'bench-{row},"CN=bench-{row},O=Lab,C=SE"\n' for row in range(rows))
    with Lab.open(directory, owner="a benchmark", settings=ANY_PORTS) as lab:
        entities = lab.administration.end_entities
        waits: list[float] = []
        start = time.perf_counter()
        plan = entities.plan_import(file.encode(), issuing_ca="ManagementCA", generate_codes=True)
        planned = time.perf_counter()
        with _waiting(lab, waits):
            entities.import_all(plan)  # type: ignore[arg-type]
        imported = time.perf_counter()
        exported = len(entities.export_csv(with_codes=True))
        sys.stdout.write(
            f"CSV: {rows} end entities: {planned - start:.2f} s to check, {imported - planned:.2f} s to register (the "
            f"store is held for {max(waits):.2f} s of it), {time.perf_counter() - imported:.2f} s to export "
            f"{exported / 1e6:.1f} MB\n"
        )


@contextmanager
def _waiting(lab: Lab, waits: list[float]) -> Iterator[None]:
    """Meanwhile, ask for the store over and over, and note how long each time took."""
    done = threading.Event()

    def ask() -> None:
        while not done.wait(0.005):
            start = time.perf_counter()
            lab.administration.server.est_is_on()
            waits.append(time.perf_counter() - start)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _store(directory: Path, rows: int) -> None:
    """One record to disk, in a log that is small or large, and no compaction beside it."""
    directory.mkdir()
    retention = Retention(records=rows + 1_000)
    store = Store(directory / "lab.json", retention=retention)
    with store.transaction():
        for number in range(1, rows + 1):
            store.log.add(record(number, "x" * 400))
    store.close()
    store = Store(directory / "lab.json", retention=retention)

    def add_one() -> None:
        store.log.add(record(store.log.next_number, "x" * 400))

    _report(f"store: a record in a log of {rows:,}", _each(add_one))
    store.close()
    start = time.perf_counter()
    Store(directory / "lab.json", retention=retention).close()
    sys.stdout.write(f"store: opening and closing a log of {rows:,}: {(time.perf_counter() - start) * 1_000:.0f} ms\n")


def _each(work: Callable[[], object], times: int = 300) -> list[float]:
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append((time.perf_counter() - start) * 1_000)
    return spent


def _report(name: str, milliseconds: list[float]) -> None:
    ordered = sorted(milliseconds)
    high = ordered[len(ordered) * 95 // 100]
    sys.stdout.write(f"{name}: median {statistics.median(ordered):.2f} ms, 95 of 100 within {high:.2f} ms\n")


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process so far (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
