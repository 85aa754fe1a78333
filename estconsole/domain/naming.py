"""What a CA or a profile may be called."""

from __future__ import annotations

MAX_NAME = 64
"""As long as a common name can be, which is what most of them are."""


def name_problem(name: str) -> str | None:
    """What is wrong with the name of a CA or a profile, or None."""
    if not name.strip():
        return "a name is needed"
    if name != name.strip():
        return "leave out the white space around the name"
    if len(name) > MAX_NAME:
        return f"at most {MAX_NAME} characters; this has {len(name)}"
    if not name.isprintable():
        return "leave out control and invisible characters"
    if ";" in name:
        return "leave out ';': it stands between the names in an alias's List of Vendor CAs"
    return None


def free_name(name: str, taken: set[str]) -> str:
    """A name like the one that is asked for, which `name_problem` has nothing against and nobody has."""
    printable = "".join(char for char in name if char.isprintable()).replace(";", ",").strip()
    base = printable[:MAX_NAME].strip() or "CA"
    free, number = base, 1
    while free in taken:
        number += 1
        suffix = f" {number}"
        free = base[: MAX_NAME - len(suffix)].rstrip() + suffix
    return free
