"""An end entity as its form shows it."""

from __future__ import annotations

from estconsole.domain.model import EstAlias
from estconsole.lab import Lab
from estconsole.results import Saved
from screens.end_entity_draft import draft_of
from tests.labs import add, save_alias


def remove(lab: Lab, alias: EstAlias) -> None:
    assert isinstance(lab.administration.aliases.remove(alias.name, alias.revision), Saved)


def test_an_alias_that_was_removed_is_left_out_and_the_form_can_be_saved(lab: Lab) -> None:
    save_alias(lab, "gone", authenticationmodule="ChallengePwd")
    entity = add(lab, "printer", aliases=("est", "gone"))
    gone = lab.administration.aliases.get("gone")
    assert gone is not None
    remove(lab, gone)
    draft = draft_of(entity, lab.administration.aliases.all())
    assert draft.aliases == ("est",)
    assert isinstance(lab.administration.end_entities.edit(draft, entity.revision), Saved)


def test_without_any_alias_left_it_is_bound_to_one_that_nothing_bears(lab: Lab) -> None:
    """The administration keeps such an alias from going; a form must not open the entity to all of them anyway."""
    entity = add(lab, "printer", aliases=("est",))
    (name,) = draft_of(entity, ()).aliases
    assert lab.administration.aliases.get(name) is None
