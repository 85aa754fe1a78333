"""The pane of an alias: plain words, who may use it, what is odd about it, URLs, and every option by EJBCA's name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from estconsole.server_control import ServerUrls
from screens.alias_rows import AliasRow
from screens.alias_words import alias_urls, authentication, in_words, option_texts, without_effect_by_name
from screens.text import MUTED, counted, hanging, shortened

_LABEL_CELLS = 9
_ALIGNED = 70
"""From so many cells on, the options stand in two columns: EJBCA's names are long."""


def alias_lines(row: AliasRow, warnings: Sequence[str], urls: ServerUrls | None, width: int) -> Content:
    """What the pane says of an alias, in lines of at most `width` cells."""
    return Content("\n").join(
        [
            Content.assemble((shortened(row.alias.name), "bold"), (f"  {authentication(row.alias)}", MUTED)),
            *(hanging(Content.styled("▲ ", "$warning"), warning, width) for warning in warnings),
            *in_plain_words(in_words(row.alias, alias_urls(None, row.alias)), width),
            hanging(Content.styled("· ", MUTED), _users(row), width),
            Content(""),
            *_url_lines(row, urls, width),
            Content(""),
            *_option_lines(row, width),
        ]
    )


def in_plain_words(sentences: Sequence[str], width: int) -> Iterator[Content]:
    """The sentences on an alias, each on lines of its own."""
    return (hanging(Content.styled("· ", MUTED), sentence, width) for sentence in sentences)


def _users(row: AliasRow) -> str:
    if not row.bound and not row.unbound:
        return "No end entity may use it."
    named = counted(row.bound, "end entity", "end entities")
    bound = f"{named} {'names' if row.bound == 1 else 'name'} it" if row.bound else "No end entity names it"
    if not row.unbound:
        return f"{bound}; every other names other aliases."
    return f"{bound}; {row.unbound:,} that {'names' if row.unbound == 1 else 'name'} none may use it too."


def _url_lines(row: AliasRow, urls: ServerUrls | None, width: int) -> Iterator[Content]:
    if urls is None:
        yield Content.styled("The server does not serve: the URLs stand here once it does.", MUTED)
        return
    known = alias_urls(urls, row.alias)
    named = [("cacerts", known.cacerts), ("enroll", known.enroll), ("renew", known.renew)]
    if row.alias.server_key_generation:
        named.append(("keygen", known.keygen))
    for label, url in named:
        yield hanging(Content.styled(f"{label:<{_LABEL_CELLS}}", MUTED), url, width)


def _option_lines(row: AliasRow, width: int) -> Iterator[Content]:
    unused, texts = without_effect_by_name(row.alias), option_texts(row.alias)
    cells = max(map(len, texts)) if width >= _ALIGNED else 0
    for name, text in texts.items():
        why = unused.get(name, "")
        value = Content.assemble((shortened(text), MUTED if why else ""), (f" · not used: {why}" if why else "", MUTED))
        label = Content.styled(f"{name:<{cells}}  ", MUTED)
        yield hanging(label, value, width) if cells else hanging(Content("  "), label + value, width)
