"""Rules on a client certificate and the CAs above it, for vendor and own certificates alike (B-19).

TLS trusts the union of all CAs and ignores dates, so path validation is the decision's work.
"""

from __future__ import annotations

from dataclasses import dataclass

from estconsole.domain.checks import Finding, Rule
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.revocation import RevocationState
from estconsole.domain.situation import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class PathReasons:
    """What each failure is called: a vendor certificate's and an own one's are answered differently (B-25)."""

    not_in_date: RefusalReason
    revoked: RefusalReason
    stale_crl: RefusalReason
    invalid: RefusalReason
    wrong_usage: RefusalReason


@dataclass(frozen=True, slots=True)
class PathRules:
    """The rules of B-19, each with the reason to refuse that fits whose certificate it is."""

    reasons: PathReasons

    def is_in_date(self, case: Case) -> Finding:
        """TLS lets expired certificates through, so that the operator sees whose it was (B-41)."""
        facts = case.presented
        return Finding(
            "in date",
            f"valid from {facts.not_before:%Y-%m-%d} to {facts.not_after:%Y-%m-%d}",
            None if facts.in_date(case.now) else self.reasons.not_in_date,
        )

    def leads_to_a_trusted_ca(self, case: Case) -> Finding:
        """Every known CA above the leaf may sign, and is in date, up to a trusted one."""
        expected, distrusted = "a path to a trusted CA", []
        for step in case.situation.issuers:
            facts = step.facts
            if not (facts.is_ca and facts.may_sign_certificates):
                return Finding(expected, f"{facts.subject} may not sign certificates", self.reasons.invalid)
            if not facts.in_date(case.now):
                return Finding(expected, f"{facts.subject} is not in date", self.reasons.invalid)
            if step.trusted:
                return Finding(expected, f"trusted: {facts.subject}")
            distrusted.append(step.name)
        came = f"trust in {', '.join(distrusted)} is switched off" if distrusted else "its issuer is not known here"
        return Finding(expected, came, self.reasons.invalid)

    def is_not_revoked(self, case: Case) -> Finding:
        """Neither the leaf nor a CA above it is revoked (B-44).

        A stale CRL refuses; where none was imported, the certificate is accepted, and the trace says so. No CRL tells
        of a root; this console's own register may.
        """
        expected, open_ones = "not revoked, nor a CA above it", []
        leaf = ("the certificate", case.situation.presented_status)
        steps = [
            (str(step.facts.subject), step.status)
            for step in case.situation.issuers
            if not step.facts.is_root or step.status.state is RevocationState.REVOKED
        ]
        for subject, status in [leaf, *steps]:
            match status.state:
                case RevocationState.REVOKED:
                    return Finding(expected, f"{subject}: {status.words}", self.reasons.revoked)
                case RevocationState.STALE_CRL:
                    return Finding(expected, f"{subject}: {status.words}", self.reasons.stale_crl)
                case RevocationState.NO_CRL:
                    open_ones.append(f"{subject}: {status.words}")
                case RevocationState.GOOD:
                    continue
        return Finding(expected, "; ".join(open_ones) or leaf[1].words)

    def may_authenticate(self, case: Case) -> Finding:
        """Its extended key usage is absent or has clientAuth."""
        may = case.presented.may_authenticate_clients
        return Finding(
            "clientAuth, or no extended key usage",
            "allowed" if may else "another usage",
            None if may else self.reasons.wrong_usage,
        )

    def rules(self, whose: str) -> tuple[Rule[Case], ...]:
        """All of them in order, named after whose certificate it is."""
        return (
            Rule(f"{whose} not revoked", self.is_not_revoked),
            Rule(f"{whose} in date", self.is_in_date),
            Rule(f"{whose}'s path", self.leads_to_a_trusted_ca),
            Rule(f"{whose}'s usage", self.may_authenticate),
        )
