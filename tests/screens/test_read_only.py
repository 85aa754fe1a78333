"""A read-only console: what it offers changes nothing, and it says what it is."""

from __future__ import annotations

from estconsole.lab import Lab
from screens.dialogs import ErrorDialog
from screens.form_screen import FormScreen
from screens.keys import declared, keys_in
from tests.labs import ANY_PORTS, certificate_of, enroll
from tests.screens.driving import OpenConsole, sees, text_of, until
from tests.screens.test_keys import leaves_for, settles


async def test_every_key_that_it_offers_leaves_the_lab_as_it_is(console: OpenConsole, lab: Lab) -> None:
    certificate_of(enroll(lab))
    directory = lab.data_dir
    lab.close()
    with Lab.open(directory, owner="a test", settings=ANY_PORTS, demo=True, read_only=True) as shown:
        before = rows_of(shown)
        async with console((120, 40), administration=shown.administration, feed=shown.feed, read_only=True) as pilot:
            await sees(pilot, "demo lab · read-only", "granted")
            for place in (*pilot.app.places[1:], pilot.app.places[0]):
                await pilot.app.switch_mode(place.PLACE)
                await until(pilot, lambda place=place: not hasattr(place, "rows") or len(place.rows))
                await settles(pilot)
                for name, binding in declared(type(place)).items():
                    action = binding.action.partition("(")[0]
                    if action in place.CHANGES:
                        assert not place.check_action(action, ()), name
                    elif "." not in action and place.check_action(action, ()):
                        await pilot.press(keys_in(binding)[0])
                        await settles(pilot)
                        assert not isinstance(pilot.app.screen, (ErrorDialog, FormScreen)), (name, text_of(pilot))
                        await leaves_for(pilot, place)
        assert rows_of(shown) == before


def rows_of(lab: Lab) -> dict[str, list[object]]:
    store = lab._store
    collections = (
        store.end_entities,
        store.aliases,
        store.authorities,
        store.vendor_cas,
        store.certificates,
        store.crls,
        store.certificate_profiles,
        store.end_entity_profiles,
    )
    return {collection.name: list(collection.rows()) for collection in collections}
