"""Journeys by keys against the real server, with real openssl and curl: what operators do all day, from end to end.

The first run is in test_first_run, a thousand rows of CSV in test_csv_import.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

from textual.content import Content

import demo_data
from estconsole.domain.model import EntityStatus
from estconsole.lab import Lab
from estconsole.results import Saved
from estconsole.server_control import ServerPhase
from screens.alias_consequences import AliasConsequences
from screens.alias_form import AliasForm
from screens.aliases import AliasesScreen
from screens.certificates import CertificatesScreen
from screens.dialogs import Confirm, Menu
from screens.end_entities import EndEntitiesScreen
from screens.end_entity_form import EndEntityForm
from screens.file_prompt import FilePrompt
from screens.live import LiveScreen
from screens.many_choice import ManyChoice
from screens.server import ServerScreen
from screens.show_text import ShowText
from screens.vendor_cas import VendorCasScreen
from screens.vendor_preview import VendorPreview
from server.service import EstService
from tests.interop.device import Device
from tests.interop.programs import needs
from tests.labs import add, entity_of, save_alias
from tests.screens.driving import ConsolePilot, OpenConsole, is_on, line_with, sees, text_of, types, until

pytestmark = [needs("openssl", "curl")]

PUBLISHED = Path(demo_data.__file__).parent
VENDOR = "1234.primekey.com"
VENDOR_DN = f"CN={VENDOR},O=PrimeKey,C=SE"
OWN = "--cert device-cert.pem --key device.key"
VENDORS_OWN = "--cert vendor-cert.pem --key vendor-key.pem"


async def test_from_a_vendors_certificates_to_its_device_enrolled_and_renewed(
    console: OpenConsole, lab: Lab, service: EstService, tmp_path: Path
) -> None:
    """The specification's vendor mode, in a lab that has heard of neither the vendor nor its alias."""
    forget_the_vendor(lab)
    file = tmp_path / "from the vendor.pem"
    roots = ("VendorRootCAEC384.cacert.pem", "VendorSubCAEC384.cacert.pem")
    file.write_bytes(b"".join((PUBLISHED / name).read_bytes() for name in roots))
    async with console(start_server=True) as pilot:
        device = await beside(pilot, lab, service, tmp_path, alias="estvendor")

        await pilot.press("5")
        await is_on(pilot, VendorCasScreen)
        await sees(pilot, "No vendor CAs yet. a imports one")
        await pilot.press("a", "f")
        await is_on(pilot, FilePrompt)
        await pilot.press("ctrl+u")
        await types(pilot, str(file))
        await pilot.press("enter")
        await is_on(pilot, VendorPreview)
        await sees(pilot, "2 certificates found, 2 chosen", "CN=Vendor Root CA", "SHA-256")
        await pilot.press("ctrl+s")
        await is_on(pilot, VendorCasScreen)
        await sees(pilot, "2 vendor CAs are imported and trusted.", "● trusted")

        await pilot.press("3", "a")
        await is_on(pilot, AliasForm)
        await types(pilot, "estvendor")
        await turns(pilot, "vendorcertificatemode")
        await lists(pilot, "Vendor SubCA EC384")
        await turns(pilot, "allowchangesubjectname")
        await saves_alias(pilot)
        await sees(pilot, "estvendor is added: devices call it from now on.")
        alias = lab.administration.aliases.get("estvendor")
        assert alias is not None
        assert (alias.vendor_cas, alias.allow_change_subject_name) == (("Vendor SubCA EC384",), True)

        await pilot.press("2", "a")
        await is_on(pilot, EndEntityForm)
        await types(pilot, VENDOR)
        await pilot.press("tab", "ctrl+u")
        await types(pilot, VENDOR_DN)
        await to_field(pilot, "code")
        await pilot.press("ctrl+u", "ctrl+s")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, f"{VENDOR} is registered.")
        assert not entity_of(lab, VENDOR).sealed_code

        await pilot.press("1")
        await asyncio.to_thread(bring_the_vendors_own, device)
        assert await post(device, "simpleenroll", VENDORS_OWN) == "200"
        await sees(pilot, "✓ granted")
        assert all(text in line_with(pilot, "✓ granted") for text in ("estvendor", "enroll", VENDOR))
        words = await asyncio.to_thread(device.unpack, "answer", "device-cert.pem")
        assert "Subject: C = SE, O = PrimeKey, CN = 1234.primekey.com" in words
        await asyncio.to_thread(make_csr, device, "next")
        assert await post(device, "simplereenroll", OWN, body="next.b64") == "200"
        await until(pilot, lambda: "✓ granted" in line_with(pilot, " renew "))
        renewed = await asyncio.to_thread(device.unpack, "answer", "next-cert.pem")
        assert public_key(renewed) != public_key(words)


async def test_a_device_that_is_registered_enrolled_refused_and_let_in_again(
    console: OpenConsole, lab: Lab, service: EstService, tmp_path: Path
) -> None:
    async with console(start_server=True) as pilot:
        await sees(pilot, "● serving", "No device has called yet")
        device = await beside(pilot, lab, service, tmp_path)
        await pilot.press("2", "a")
        await is_on(pilot, EndEntityForm)
        await types(pilot, "journey-1")
        await sees(pilot, "••••••••••••••••")
        await pilot.press("ctrl+s")
        await is_on(pilot, ShowText)
        await pilot.press("c")
        await sees(pilot, "✓ sent to the terminal's clipboard")
        code = pilot.app.clipboard
        assert code not in text_of(pilot)
        await pilot.press("escape")
        await is_on(pilot, EndEntitiesScreen)
        await asyncio.to_thread(device.request, "journey-1", code)
        assert await post(device) == "200"
        await until(pilot, lambda: "○ GENERATED" in line_with(pilot, "journey-1"))
        assert "0 left" in line_with(pilot, "journey-1")

        await pilot.press("1")
        await is_on(pilot, LiveScreen)
        await sees(pilot, "journey-1", "✓ granted")
        await pilot.press("enter")
        await sees(pilot, "Every check passed.", "✓ ")
        await pilot.press("escape", "end")
        assert await post(device) == "400"
        await sees(pilot, "✗ not NEW")
        await pilot.press("x")
        await is_on(pilot, Confirm)
        await sees(pilot, "Set journey-1 back to NEW?")
        await pilot.press("y")
        await sees(pilot, "journey-1 is NEW")
        assert entity_of(lab, "journey-1").status is EntityStatus.NEW
        assert await post(device) == "200"
        await until(pilot, lambda: text_of(pilot).count("✓ granted") == 2)

        await pilot.press("7", "s")
        await is_on(pilot, ServerScreen)
        await sees(pilot, "○ stopped")
        assert service.state.phase is ServerPhase.STOPPED


async def test_a_device_that_nobody_registered_and_a_vendor_that_nobody_listed_are_let_in_from_their_rows(
    console: OpenConsole, lab: Lab, service: EstService, tmp_path: Path
) -> None:
    save_alias(lab, "estvendor", vendorcaids="Vendor Root CA")
    add(lab, VENDOR, None, subject=VENDOR_DN)
    async with console(start_server=True) as pilot:
        device = await beside(pilot, lab, service, tmp_path)
        await asyncio.to_thread(device.request, "newcomer", "from-the-leaflet")
        assert await post(device) == "400"
        await sees(pilot, "✗ not registered")
        await pilot.press("x")
        await is_on(pilot, EndEntityForm)
        await sees(pilot, "Add an end entity", "CN=newcomer")
        await to_field(pilot, "code")
        await pilot.press("ctrl+u")
        await types(pilot, "from-the-leaflet")
        await pilot.press("ctrl+s")
        await is_on(pilot, ShowText)
        assert "from-the-leaflet" not in text_of(pilot)
        await pilot.press("escape", "1")
        assert await post(device) == "200"
        await sees(pilot, "✓ granted")
        assert "newcomer" in line_with(pilot, "✓ granted")

        device.base = ".well-known/est/estvendor"
        await asyncio.to_thread(bring_the_vendors_own, device)
        assert await post(device, "simpleenroll", VENDORS_OWN) == "400"
        await sees(pilot, VENDOR)
        assert "✗ " in line_with(pilot, VENDOR)
        await pilot.press("end", "x")
        await is_on(pilot, AliasForm)
        await lists(pilot, "Vendor Sub CA")
        await saves_alias(pilot)
        await sees(pilot, "estvendor is saved; u takes it back.")
        await pilot.press("1")
        assert await post(device, "simpleenroll", VENDORS_OWN) == "200"
        await until(pilot, lambda: text_of(pilot).count("✓ granted") == 2)


async def test_a_certificate_that_is_held_let_go_and_revoked_and_what_its_device_is_told(
    console: OpenConsole, lab: Lab, service: EstService, tmp_path: Path
) -> None:
    """B-43, B-44."""
    async with console(start_server=True) as pilot:
        device = await beside(pilot, lab, service, tmp_path)
        await asyncio.to_thread(device.request, "123456789", "password")
        assert await post(device) == "200"
        words = await asyncio.to_thread(device.unpack, "answer", "device-cert.pem")
        serial = re.sub(r"[\s:]", "", words.partition("Serial Number:")[2].partition("Signature")[0]).upper()

        await pilot.press("6")
        await is_on(pilot, CertificatesScreen)
        await until(pilot, lambda: "● live" in line_with(pilot, "▌CN=123456789"))
        await pilot.press("h", "y")
        await sees(pilot, "CN=123456789 is on hold.", "‖ on hold")
        assert await post(device, "simplereenroll", OWN) == "403"
        assert await crl(device, serial) == "Certificate Hold"
        await pilot.press("l")
        await sees(pilot, "CN=123456789 counts again.")
        assert await crl(device, serial) == ""
        assert await post(device, "simplereenroll", OWN) == "200"

        await until(pilot, lambda: text_of(pilot).count("CN=123456789 ") >= 2)
        await pilot.press("r")
        await is_on(pilot, Menu)
        await pilot.press("k")
        await is_on(pilot, Confirm)
        await sees(pilot, "Revoke CN=123456789 for key compromise?", "It renews no more")
        await pilot.press("y")
        await sees(pilot, "CN=123456789 is revoked for key compromise.")
        assert await post(device, "simplereenroll", OWN) == "403"
        assert await crl(device, serial) == "Key Compromise"

        await pilot.press("1")
        await is_on(pilot, LiveScreen)
        await until(pilot, lambda: text_of(pilot).count("✗ revoked") == 2)
        assert "renew" in line_with(pilot, "✗ revoked")
        await pilot.press("end", "enter")
        await sees(pilot, "✗ certificate not revoked", "key compromise")


# The device, and what it is given


async def beside(pilot: ConsolePilot, lab: Lab, service: EstService, directory: Path, alias: str = "est") -> Device:
    """A device beside the serving lab, which has fetched the CA's certificate."""
    await sees(pilot, "● serving")
    urls = service.state.urls
    assert urls is not None
    home = directory / "device"
    home.mkdir()
    device = Device(directory=home, lab=lab, service=service, urls=urls, base=f".well-known/est/{alias}")
    await asyncio.to_thread(device.fetch_ca_certificate)
    return device


async def post(device: Device, operation: str = "simpleenroll", certificate: str = "", body: str = "device.b64") -> str:
    """Run the device's curl beside the console; the HTTP status. The body of the answer is in `answer`."""
    port = device.urls.mtls if certificate else device.urls.tls
    return await asyncio.to_thread(device.post, operation, body, "answer", port=port, certificate=certificate)


async def crl(device: Device, serial: str) -> str:
    """Why the CRL of the plain port has a serial number as revoked, in openssl's words; empty where it has not."""
    words = await asyncio.to_thread(device.crl)
    entry = words.partition(f"Serial Number: {serial}")[2].partition("Serial Number:")[0]
    return entry.partition("Reason Code:")[2].strip().partition("\n")[0]


def bring_the_vendors_own(device: Device) -> None:
    """What the vendor put into its device, and the device's first key and CSR."""
    for file in ("vendor-cert.pem", "vendor-key.pem"):
        shutil.copy(PUBLISHED / file, device.directory)
    make_csr(device, "device")


def make_csr(device: Device, name: str) -> None:
    subject = "/CN=1234.primekey.com/O=PrimeKey/C=SE"
    device.run(
        "openssl req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
        f'-keyout {name}.key -outform DER -subj "{subject}" | openssl base64 -e -out {name}.b64'
    )


def public_key(words: str) -> str:
    return words.partition("pub:")[2].partition("ASN1 OID")[0]


def forget_the_vendor(lab: Lab) -> None:
    alias = lab.administration.aliases.get("estvendor")
    assert alias is not None
    assert isinstance(lab.administration.aliases.remove(alias.name, alias.revision), Saved)
    for each in lab.administration.vendor_cas.all():
        assert isinstance(lab.administration.vendor_cas.delete(each.name, each.revision), Saved)


# Forms, by keys


async def to_field(pilot: ConsolePilot, field: str) -> None:
    """Press tab until a field has the focus."""
    for _ in range(20):
        if pilot.app.focused is not None and pilot.app.focused.id == field:
            return
        await pilot.press("tab")
    raise AssertionError(f"tab never came to {field}")


async def turns(pilot: ConsolePilot, field: str) -> None:
    await to_field(pilot, field)
    await pilot.press("space")


async def lists(pilot: ConsolePilot, vendor: str) -> None:
    """Choose a CA from the alias's List of Vendor CAs."""
    await to_field(pilot, "vendorcaids")
    offered = pilot.app.screen.query_one(ManyChoice)
    await pilot.press("home")
    for _ in range(offered.option_count):
        if f" {vendor} " in line_of(offered):
            break
        await pilot.press("down")
    await pilot.press("space")
    assert vendor in offered.value


def line_of(offered: ManyChoice) -> str:
    """The line of a list that the keys are on."""
    option = offered.highlighted_option
    return option.prompt.plain if option is not None and isinstance(option.prompt, Content) else ""


async def saves_alias(pilot: ConsolePilot) -> None:
    """Save an alias's form, with all that comes of it."""
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(pilot.app.screen, AliasConsequences | AliasesScreen))
    if isinstance(pilot.app.screen, AliasConsequences):
        await pilot.press("y")
    await is_on(pilot, AliasesScreen)
