"""A demo lab that serves on free ports, and a device's working directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.service import EstService
from tests.interop.device import Device
from tests.labs import demo_lab


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    """A device with the specification's openssl.conf beside a serving demo lab."""
    with demo_lab(tmp_path / "lab") as lab:
        service = EstService(lab.settings, lab.engine, lab.administration, lab.handshakes, lab.tls)
        urls = service.start().urls
        assert urls is not None
        (tmp_path / "device").mkdir()
        try:
            yield Device(directory=tmp_path / "device", lab=lab, service=service, urls=urls)
        finally:
            service.stop()
