"""Which certificates are shown: what was typed, and what was chosen beside it; always visible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from estconsole.administration.certificates import CertificateSearch
from estconsole.domain.model import CertificatePurpose
from estconsole.domain.revocation import RevocationReason
from screens.certificate_text import EXPIRES_SOON
from screens.dialogs import Choice

ALL = "all"


class Standing(Enum):
    """What a certificate is shown for; a member's value is the key that chooses it, and its words."""

    EXPIRING = ("e", f"expiring in {EXPIRES_SOON.days} days")
    EXPIRED = ("x", "expired")
    REVOKED = ("r", "revoked")
    ON_HOLD = ("h", "on hold")

    @property
    def words(self) -> str:
        return self.value[1]


_PURPOSES = {
    CertificatePurpose.END_ENTITY: ("d", "end entities"),
    CertificatePurpose.CA: ("c", "CAs"),
    CertificatePurpose.SERVER: ("s", "server"),
}


@dataclass(frozen=True, slots=True)
class CertificateFilter:
    """The certificates that are shown; an empty filter shows all."""

    text: str = ""
    standing: Standing | None = None
    purpose: CertificatePurpose | None = None

    @property
    def words(self) -> str:
        """What was chosen, empty where nothing is."""
        purpose = _PURPOSES[self.purpose][1] if self.purpose else ""
        return " · ".join(word for word in (self.standing.words if self.standing else "", purpose) if word)

    def search(self, now: datetime, limit: int) -> CertificateSearch:
        """The same as the register of certificates is asked."""
        search = CertificateSearch(text=self.text, purpose=self.purpose, limit=limit)
        match self.standing:
            case Standing.EXPIRING:
                return replace(search, revoked=False, expires_after=now, expires_before=now + EXPIRES_SOON)
            case Standing.EXPIRED:
                return replace(search, expires_before=now)
            case Standing.REVOKED:
                return replace(search, revoked=True)
            case Standing.ON_HOLD:
                return replace(search, reason=RevocationReason.CERTIFICATE_HOLD)
            case None:
                return search

    def choices(self) -> list[Choice]:
        """What can be chosen; what is chosen already has a sign, and choosing it again takes it back."""
        standings = [Choice(each.value[0], _marked(each.words, self.standing is each), each.name) for each in Standing]
        purposes = [
            Choice(key, _marked(f"of {words}", self.purpose is purpose), purpose.name)
            for purpose, (key, words) in _PURPOSES.items()
        ]
        return [Choice("a", "  every certificate", ALL), *standings, *purposes]

    def turned(self, answer: str) -> CertificateFilter:
        """The filter after one of its choices was taken."""
        if answer == ALL:
            return replace(self, standing=None, purpose=None)
        if answer in Standing.__members__:
            standing = Standing[answer]
            return replace(self, standing=None if self.standing is standing else standing)
        purpose = CertificatePurpose[answer]
        return replace(self, purpose=None if self.purpose is purpose else purpose)


def _marked(words: str, chosen: bool) -> str:
    return f"● {words}" if chosen else f"  {words}"
