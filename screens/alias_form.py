"""The form of an alias: EJBCA's options in the specification's order, and below them the alias in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from textual import events, getters, on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Select, Static

from estconsole.administration import Administration
from estconsole.administration.alias_effects import AliasPreview
from estconsole.domain.alias_options import (
    AliasContext,
    AliasDraft,
    alias_name_problem,
    alias_options,
    alias_warnings,
    check_alias_options,
)
from estconsole.domain.model import AuthenticationModule, EstAlias
from estconsole.domain.names import DN_FIELDS, WHOLE_DN
from estconsole.results import Conflict, Rejected, Saved
from screens.alias_consequences import AliasConsequences
from screens.alias_pane import in_plain_words
from screens.alias_words import OPTION_NAMES, alias_urls, in_words, option_texts, without_effect
from screens.background import in_thread
from screens.conflict import ConflictDialog, Stands
from screens.fields import Field, YesNo
from screens.form_rows import FormRow
from screens.form_screen import FormScreen, choice
from screens.key_order import ask
from screens.lab_view import LabView
from screens.many_choice import ManyChoice, Offered
from screens.text import brief, hanging, plain

_TALL = 36
"""From so many lines on, each sentence on the alias has a line of its own; else they run on."""
_AROUND = 3  # the padding and the scrollbar, as console.tcss has them

_UNNAMED = "…"
_MAY_BE_UNUSED = frozenset(OPTION_NAMES) - {"operationmode"}
_GONE = "not in this lab"
_NO_CA = "none: cacerts is refused"
_NO_MODULE = "none"
_NO_PROFILE = "none: nothing is told"
_FIELD_WORDS = {"serialNumber": "EJBCA's SN, not openssl's", WHOLE_DN: "the whole subject"}
"""What the name of a DN field does not say by itself (B-4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasChoices:
    """What an alias may name, and which vendor CAs are switched off."""

    context: AliasContext
    untrusted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasResult:
    """What the form saved, and the alias that it replaced."""

    alias: EstAlias
    before: EstAlias | None = None


def alias_choices(administration: Administration) -> AliasChoices:
    """What the lab offers now. It reads the store: call it in a thread."""
    untrusted = (vendor.name for vendor in administration.vendor_cas.all() if not vendor.trusted)
    return AliasChoices(context=administration.aliases.context(), untrusted=frozenset(untrusted))


class AliasForm(FormScreen[AliasResult]):
    """Adds an alias, as a clone of another too, or edits one; answers what was saved, None when nothing was."""

    PLACE = "aliases"
    words = getters.query_one("#words", Static)

    def __init__(
        self,
        lab: LabView,
        *,
        start: EstAlias,
        choices: AliasChoices,
        is_new: bool,
        title: str,
        focus: str = "",
    ) -> None:
        super().__init__(lab)
        self._aliases = lab.administration.aliases
        self._start = start
        self._before = None if is_new else start
        self._choices = choices
        self._title = title
        self._focus = focus
        self._has_room = False
        self._shown: EstAlias | None = None
        self._says: dict[str, tuple[str, str]] = {}  # by option: why it is not used, and what is wrong with it

    @property
    def form_title(self) -> str:
        return self._title

    def compose_body(self) -> ComposeResult:
        yield from super().compose_body()
        with VerticalScroll(id="in-words", can_focus=False):
            yield Static(id="words")

    def compose_rows(self) -> ComposeResult:
        yield FormRow("name", Field(self._start.name, id="name", placeholder="the label in the URL that devices call"))
        for key, widget in self._widgets():
            yield FormRow(OPTION_NAMES[key], widget)

    def _widgets(self) -> Iterator[tuple[str, Select[str] | YesNo | ManyChoice]]:
        context, options = self._choices.context, alias_options(self._start)
        for key, value in options.items():
            match key:
                case "operationmode":
                    yield key, choice(key, value, [value])
                case "extractusernamecomponent":
                    yield key, _field_choice(key, value, [*DN_FIELDS, WHOLE_DN])
                case "extractdnpartpwdcomponent":
                    yield key, _field_choice(key, value, [*DN_FIELDS])
                case "authenticationmodule":
                    yield key, choice(key, value, [*AuthenticationModule], blank=_NO_MODULE)
                case "defaultca":
                    yield key, choice(key, value, [*context.own_cas], blank=_NO_CA)
                case "vendorcaids":
                    yield key, ManyChoice(self._offered(), self._start.vendor_cas, gone=_GONE, id=key)
                case "tlsunique":
                    yield key, choice(key, value, ["off", "required"])
                case "certprofile":
                    yield key, choice(key, value, [*context.certificate_profiles], blank=_NO_PROFILE)
                case _:
                    yield key, YesNo(value == "true", id=key)

    def _offered(self) -> list[Offered]:
        """The CAs that a vendor's device may come from: the vendors' first, and this lab's own."""
        context, untrusted = self._choices.context, self._choices.untrusted
        vendors = [Offered(name, "not trusted" if name in untrusted else "vendor CA") for name in context.vendor_cas]
        return [*vendors, *(Offered(name, "CA of this lab") for name in context.own_cas)]

    def on_mount(self) -> None:
        self.query_one("#name", Field).disabled = self._before is not None
        mode = self.row("operationmode")
        mode.widget.disabled = True
        mode.show_note("this console knows client mode only")
        self._show_effects()
        rows = [self.row(name) for name in (self._focus, "name", "authenticationmodule", "defaultca") if name]
        next(row for row in rows if not row.widget.disabled).focus_field()

    def on_resize(self, event: events.Resize) -> None:
        self._has_room = event.size.height >= _TALL
        self._show_words(self.as_typed())

    # What is typed

    def as_typed(self) -> EstAlias:
        """The alias that the fields make.

        A new one that became a vendor's has no module: what it began with has no effect, and was nobody's wish.
        """
        vendor_mode = self.is_yes("vendorcertificatemode")
        became_vendors = self._before is None and vendor_mode and not self._start.vendor_certificate_mode
        module = "" if became_vendors else self.chosen("authenticationmodule")
        return replace(
            self._start,
            name=self.text("name"),
            extract_username_component=self.chosen("extractusernamecomponent"),
            authentication_module=AuthenticationModule(module) if module else None,
            extract_dn_part_pwd_component=self.chosen("extractdnpartpwdcomponent"),
            default_ca=self.chosen("defaultca") or None,
            vendor_certificate_mode=vendor_mode,
            vendor_cas=self.query_one("#vendorcaids", ManyChoice).value,
            allow_change_subject_name=self.is_yes("allowchangesubjectname"),
            allow_update_with_same_key=self.is_yes("allowupdatewithsamekey"),
            server_key_generation=self.is_yes("severkeygenenabled"),
            accept_other_aliases=self.is_yes("acceptotheraliases"),
            tls_unique_required=self.chosen("tlsunique") == "required",
            certificate_profile=self.chosen("certprofile") or None,
        )

    def typed(self) -> AliasDraft:
        alias = self.as_typed()
        return AliasDraft(name=alias.name, options=alias_options(alias))

    @on(Select.Changed)
    @on(YesNo.Changed)
    @on(ManyChoice.Changed)
    def _changed(self) -> None:
        self._show_effects()

    @on(Input.Changed, "#name")
    def _name_typed(self, event: Input.Changed) -> None:
        problem = alias_name_problem(event.value) if event.value else None
        if problem:
            self.row("name").show_problem(problem)
        else:
            self.row("name").clear()
        self._show_words(self.as_typed())

    def _show_effects(self) -> None:
        """Grey what has no effect now, say why, and what cannot hold together."""
        alias = self.as_typed()
        if alias == self._shown:
            return
        self._shown = alias
        unused, problems = without_effect(alias), self._contradictions()
        for row in self.query(FormRow):
            name = row.field_name
            says = (unused.get(name, ""), problems.get(name, ""))
            if name in _MAY_BE_UNUSED and says != self._says.get(name, ("", "")):
                self._says[name] = says
                row.set_unused(says[0])
                if says[1]:
                    row.show_problem(says[1])
        self._show_words(alias)

    def _contradictions(self) -> dict[str, str]:
        """What cannot hold together, by the option under which it is said."""
        checked = check_alias_options(self._start, self.typed(), self._choices.context)
        return {} if isinstance(checked, EstAlias) else {problem.field: problem.message for problem in checked}

    def _show_words(self, alias: EstAlias) -> None:
        """Say in plain words what the fields come to, and what is odd about it."""
        width = self.app.size.width - _AROUND
        named = replace(alias, name=alias.name or _UNNAMED)
        sentences = in_words(named, alias_urls(self.lab.server.state.urls, named))
        warnings = alias_warnings(alias, self._choices.context)
        odd = [hanging(Content.styled("▲ ", "$warning"), warning, width) for warning in warnings]
        words = in_plain_words(sentences if self._has_room else [" ".join(sentences)], width)
        self.words.update(Content("\n").join([*odd, *words]))

    # Saving

    async def save(self) -> None:
        draft, revision = self.typed(), self._before.revision if self._before else None
        preview = await in_thread(self._aliases.check, draft, revision)
        if isinstance(preview, Rejected):
            self._reject(preview)
        elif await self._is_meant(preview):
            await self._finish(draft, await in_thread(self._aliases.save, draft, revision))

    async def _is_meant(self, preview: AliasPreview) -> bool:
        """Whether the operator wants it with all that comes of it, if anything odd does."""
        if not preview.warnings and not preview.shut_out:
            return True
        return await ask(self, AliasConsequences(preview)) is True

    async def _finish(self, draft: AliasDraft, answer: Saved[EstAlias] | Rejected | Conflict[EstAlias]) -> None:
        match answer:
            case Saved(alias):
                self.dismiss(AliasResult(alias=alias, before=self._before))
            case Rejected():
                self._reject(answer)
            case Conflict(None):
                self.say(f"{brief(draft.name)} was removed meanwhile: nothing was saved.", trouble=True)
            case Conflict(EstAlias() as current):
                await self._settle(current)

    def _reject(self, rejected: Rejected) -> None:
        self.show_problems(rejected.problems)
        self._says.update((problem.field, ("", problem.message)) for problem in rejected.problems)
        names = [problem.message for problem in rejected.problems if problem.field == "name"]
        if names and self._before is not None:  # the name cannot be typed here, and may be out of view
            self.say(f"Nothing was saved: {names[0]}.", trouble=True)

    async def _settle(self, current: EstAlias) -> None:
        """The alias is not the one that was edited: the operator sees both, and says whose version stands."""
        title = f"{brief(current.name)} was changed meanwhile"
        match await ask(self, ConflictDialog(title, option_texts(current), option_texts(self.as_typed()))):
            case Stands.STORED:
                self.dismiss(None)
            case Stands.TYPED:
                self._before = current
                self.action_save()


def _field_choice(name: str, value: str, fields: Sequence[str]) -> Select[str]:
    """A list of DN fields, with words where a label may mislead."""
    options = [(_field_label(field), field) for field in fields]
    return Select(options, value=value, allow_blank=False, compact=True, id=name)


def _field_label(field: str) -> Content:
    words = _FIELD_WORDS.get(field)
    return Content(f"{plain(field)} · {words}" if words else plain(field))
