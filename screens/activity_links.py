"""Where a row of Live leads: the records that it is about, as far as they are still there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from estconsole.activity import Activity
from estconsole.administration import Administration
from estconsole.messages import OpenRecord
from screens.text import brief


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A record that a row is about: the key that goes there, and what it is."""

    key: str
    label: str
    place: str
    record: str

    @property
    def message(self) -> OpenRecord:
        return OpenRecord(self.place, self.record)


def links_of(administration: Administration, activity: Activity) -> Iterator[Link]:
    """The records of a row that there are, in the menu's order. It reads the store, in a thread."""
    entity = administration.end_entities.get(activity.username) if activity.username else None
    if entity is not None:
        label = f"end entity {brief(entity.username)}"
        yield Link(key="e", label=label, place="end_entities", record=entity.username)
    if activity.alias and administration.aliases.get(activity.alias) is not None:
        yield Link(key="a", label=f"alias {brief(activity.alias)}", place="aliases", record=activity.alias)
    detail = administration.activities.detail(activity.id)
    issued = administration.certificates.get(detail.issued_sha256) if detail and detail.issued_sha256 else None
    presented = administration.certificates.get(detail.presented_sha256) if detail and detail.presented_sha256 else None
    if issued is not None:
        label = f"certificate issued to {brief(str(issued.subject))}"
        yield Link(key="c", label=label, place="certificates", record=issued.sha256)
    if presented is not None:
        label = f"certificate presented by {brief(str(presented.subject))}"
        yield Link(key="p", label=label, place="certificates", record=presented.sha256)
    issuers = [each.issuing_ca for each in (issued, presented, entity) if each is not None]
    if issuers and administration.authorities.get(issuers[0]) is not None:
        yield Link(key="i", label=f"issuing CA {brief(issuers[0])}", place="authorities", record=issuers[0])
