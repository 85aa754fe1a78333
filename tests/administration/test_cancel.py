"""Long acts on CAs, called off at their last step: nothing of them is left, and they can be done again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.progress import Cancelled, Progress
from estconsole.results import Saved
from tests.administration.outside import PASSPHRASE, Outsider
from tests.administration.site import CA, Site

VENDOR, MOVED = Outsider.root("CN=Vendor"), Outsider.root("CN=Moved in")
Act = Callable[[Site, Progress], object]

ACTS: dict[str, Act] = {
    "create": lambda site, progress: site.administration.authorities.create(
        AuthorityDraft(name="New", subject="CN=New", signed_by=CA), progress
    ),
    "import with key": lambda site, progress: site.administration.authorities.import_with_key(
        "Another", Outsider.root("CN=Another").p12(), PASSPHRASE, progress
    ),
    "renew": lambda site, progress: site.administration.authorities.renew(CA, "20y", 0, progress),
    "import an own CA's CRL": lambda site, progress: site.administration.authorities.import_crl(
        "Moved in", MOVED.crl(1), progress
    ),
    "import a vendor CA": lambda site, progress: site.administration.vendor_cas.import_(
        Outsider.root("CN=Other").pem, progress=progress
    ),
    "import a vendor CA's CRL": lambda site, progress: site.administration.vendor_cas.import_crl(
        "Vendor", VENDOR.crl(1), progress
    ),
}


class CalledOffLate(Progress):
    """Is called off while the last step goes on that can be."""

    def __init__(self, last: int) -> None:
        super().__init__()
        self._last = last
        self.steps = 0

    def step(self, done: int, total: int | None = None, what: str = "") -> None:
        self.steps += 1
        if self.steps == self._last:
            self.cancel()
        super().step(done, total, what)


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_what_is_called_off_leaves_everything_as_it_was(site: Site, act: Act) -> None:
    site.administration.vendor_cas.import_(VENDOR.pem)
    site.administration.authorities.import_with_key("Moved in", MOVED.p12(), PASSPHRASE)
    before = site.store._database.storage.read()
    steps = 0
    while True:
        steps += 1
        progress = CalledOffLate(steps)
        try:
            result = act(site, progress)
        except Cancelled:
            assert site.store._database.storage.read() == before
            continue
        break
    assert isinstance(result, Saved), result
    assert site.store._database.storage.read() != before
    assert progress.steps == steps - 1 > 0
