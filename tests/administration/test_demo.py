"""What the demo holds."""

from __future__ import annotations

from pathlib import Path

import demo_data
from estconsole.domain.secret import Secret
from estconsole.lab import EST_ALIAS_OPTIONS
from tests.labs import demo_lab


def test_the_demo_lab_is_as_the_specification_has_it(tmp_path: Path) -> None:
    """B-7, B-12."""
    with demo_lab(tmp_path / "lab") as lab:
        administration = lab.administration
        entities = {entity.username: entity for entity in administration.end_entities.all()}
        assert sorted(entities) == ["1234.primekey.com", "123456789", "registered_client"]
        assert str(entities["123456789"].subject) == "CN=123456789"
        assert administration.end_entities.code_of("123456789") == Secret("password")
        assert administration.end_entities.code_of("registered_client")
        assert administration.end_entities.code_of("1234.primekey.com") is None
        assert (administration.aliases.options("est") or {}).items() >= EST_ALIAS_OPTIONS.items()
        assert (administration.aliases.options("estvendor") or {}).items() >= demo_data.VENDOR_ALIAS.options.items()
        assert [(vendor.name, vendor.trusted) for vendor in administration.vendor_cas.all()] == [
            ("Vendor Root CA", True),
            ("Vendor Sub CA", True),
        ]
