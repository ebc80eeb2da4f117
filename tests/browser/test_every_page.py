"""Each page in each state: accessible, inside a narrow screen, and legible in every colour scheme."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from app.clock import now
from app.models import User
from app.services import logos, programs, providers
from tests.builders import (
    GLIDE,
    a_document,
    a_draft,
    a_patient,
    a_screened_patient,
    a_screening,
    an_issued_program,
    an_item,
)
from tests.pictures import a_logo

pytestmark = pytest.mark.browser

LONG = "Wolfeschlegelsteinhausenbergerdorff-" * 3
NARROW = {"width": 320, "height": 640}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


@dataclass(frozen=True)
class World:
    """Ids of what the pages are about."""

    newcomer: str
    patient: str
    long_patient: str
    long_draft: str
    empty_draft: str
    cautious_draft: str
    blocked_draft: str
    program: str
    superseded: str
    withdrawn: str


@pytest.fixture(scope="session")
def world(service) -> World:
    """A clinic with something in every state."""
    alma, ada = service.user("alma"), service.user("ada")
    with service.app.app_context():
        logos.change(a_logo(), by=ada, at=now())
        issuer = f"https://login.example.org/{LONG}"
        providers.change(issuer=issuer, client_id=LONG, client_secret="x", by=ada, at=now())
        return make_world(alma)


def make_world(alma: User) -> World:
    patient = a_screened_patient(alma, name="Maya Holm", identifier="WORLD-1")
    first = an_issued_program(alma, patient=patient)
    second = an_issued_program(alma, patient=patient, from_program=first.id)
    other = a_screened_patient(alma, name=LONG, identifier="x" * 120)
    taken_back = an_issued_program(alma, patient=other)
    programs.withdraw(taken_back.id, reason=f"Wrong leg. {LONG}", by=alma, at=now())
    items = [an_item(note="a" * 400), an_item(exercise=GLIDE, hold_seconds="99"), an_item(exercise="gone")]
    cautious = a_screened_patient(alma, name="Cautious")
    a_screening(cautious, alma, persistent=True, causes=["weak_glutes"], equipment=[])
    blocked = a_screened_patient(alma, name="Blocked")
    a_screening(blocked, alma, legs={"left": {"sensations": ["tingling"]}})
    return World(
        newcomer=a_patient(alma, name="יוסף כהן").id,
        patient=patient.id,
        long_patient=a_patient(alma, name="W" * 120).id,
        long_draft=a_draft(other, alma, document=a_document(*items, weeks="w" * 80)).id,
        empty_draft=a_draft(a_patient(alma, name="Empty"), alma, document={"sessions_per_week": "4"}).id,
        cautious_draft=a_draft(cautious, alma, document=a_document(sessions_per_week="7")).id,
        blocked_draft=a_draft(blocked, alma, document=a_document(sessions_per_week="2", warm_up={})).id,
        program=second.id,
        superseded=first.id,
        withdrawn=taken_back.id,
    )


def at(address: str) -> Callable[[Page, World], None]:
    """Opens an address with ids of the world in it."""
    return lambda page, world: page.goto(address.format(**vars(world))) and None


def pressed(address: str, button: str, **typed: str) -> Callable[[Page, World], None]:
    """Opens an address and presses a button there without filling in anything else than ``typed``."""

    def go(page: Page, world: World) -> None:
        page.goto(address.format(**vars(world)))
        for name, words in typed.items():
            page.fill(f"main [name={name}]", words)
        page.locator("main").get_by_role("button", name=button).first.click()
        page.wait_for_load_state()

    return go


def outdated(address: str, button: str) -> Callable[[Page, World], None]:
    """Saves from a page that is older than what is stored."""

    def go(page: Page, world: World) -> None:
        page.goto(address.format(**vars(world)))
        page.evaluate("document.querySelector('main [name=revision]').value = '99'")
        page.locator("main [type=text]").last.fill(LONG)
        page.locator("main").get_by_role("button", name=button).first.click()
        page.wait_for_load_state()

    return go


def opened(address: str) -> Callable[[Page, World], None]:
    """Opens an address and every fold on the page."""

    def go(page: Page, world: World) -> None:
        page.goto(address.format(**vars(world)))
        page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")

    return go


SIGNED_OUT: Mapping[str, Callable[[Page, World], None]] = {
    "sign-in": at("/sign-in"),
    "sign-in, errors": pressed("/sign-in", "Sign in"),
}
SIGNED_IN: Mapping[str, Callable[[Page, World], None]] = {
    "patients": at("/patients"),
    "patients, none found": pressed("/patients", "Search", q="nobody"),
    "patients, search lost": at("/patients?search=lost"),
    "patient added, errors": pressed("/patients/new", "Add patient"),
    "patient edited": at("/patients/{patient}/edit"),
    "patient edited, conflict": outdated("/patients/{patient}/edit", "Save changes"),
    "patient, new": at("/patients/{newcomer}"),
    "patient": at("/patients/{patient}"),
    "patient, long": at("/patients/{long_patient}"),
    "screening": at("/patients/{patient}/screening"),
    "screening, errors": pressed("/patients/{newcomer}/screening", "Save screening"),
    "builder, empty": at("/drafts/{empty_draft}"),
    "builder, long": opened("/drafts/{long_draft}"),
    "builder, errors": pressed("/drafts/{long_draft}", "Check and issue"),
    "builder, blocked": opened("/drafts/{blocked_draft}"),
    "builder, conflict": outdated("/drafts/{cautious_draft}", "Save draft"),
    "check": at("/drafts/{cautious_draft}/check"),
    "check, errors": pressed("/drafts/{cautious_draft}/check", "Issue program"),
    "check, blocked": at("/drafts/{blocked_draft}/check"),
    "program": at("/programs/{program}"),
    "program, superseded": at("/programs/{superseded}"),
    "program, withdrawn, long": at("/programs/{withdrawn}"),
    "withdraw, errors": pressed("/programs/{program}/withdraw", "Withdraw this program"),
    "history": opened("/history"),
    "history, none found": pressed("/history", "Show programs", patient="nobody"),
    "history, errors": at("/history?issued_from.day=99"),
    "catalogue": at("/catalogue"),
    "exercise": at("/catalogue/" + GLIDE),
    "sources": at("/catalogue/sources#prin.3"),
    "not found": at("/nowhere"),
    "account": at("/account"),
    "passkey": at("/account/passkeys/new"),
    "token": at("/account/tokens/new"),
    "token, errors": pressed("/account/tokens/new", "Make token"),
}
OTHERS: Mapping[str, tuple[str, Callable[[Page, World], None]]] = {
    "history of a clinic without programs": ("boris", at("/history")),
    "patients of a clinic without patients": ("boris", at("/patients")),
    "patient, for staff": ("sten", at("/patients/{patient}")),
    "program, for staff": ("sten", at("/programs/{program}")),
    "not allowed": ("sten", at("/drafts/{long_draft}")),
    "door of a provider": ("", at("/sign-in/at/riverside")),
    "door of a provider, errors": ("", at("/sign-in/at/riverside/go")),
    "clinic": ("ada", at("/clinic")),
    "clinic without a logo": ("bea", at("/clinic")),
    "clinic on paper": ("ada", at("/clinic/details")),
    "clinic on paper, conflict": ("ada", outdated("/clinic/details", "Save changes")),
    "logo": ("ada", at("/clinic/logo/change")),
    "logo, errors": ("ada", pressed("/clinic/logo/change", "Save the logo")),
    "policies": ("ada", at("/clinic/policies")),
    "provider": ("ada", at("/clinic/provider")),
    "provider, errors": ("bea", pressed("/clinic/provider", "Save the provider")),
}
STATES = (
    {name: ("", go) for name, go in SIGNED_OUT.items()}
    | {name: ("alma", go) for name, go in SIGNED_IN.items()}
    | OTHERS
)


@pytest.fixture
def visit(open_page, world):
    """Opens a page in one of the states."""

    def go(name: str, **options: object) -> Page:
        who, steps = STATES[name]
        page = open_page(who, **options)
        steps(page, world)
        return page

    return go


def violations(page: Page) -> list[str]:
    """What axe finds."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:120]} {node['failureSummary']}" for one in found for node in one["nodes"]]


def sideways(page: Page) -> list[str]:
    """What has to be scrolled sideways to be seen."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("main *")]
            .filter((one) => one.getClientRects().length && !one.closest(".visually-hidden, thead"))
            .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
            .map((one) => `outside: ${one.outerHTML.slice(0, 120)}`)"""
    )
    width = page.evaluate("document.documentElement.scrollWidth")
    return found if width == NARROW["width"] else [f"{width} px wide", *found]


def too_small(page: Page) -> list[str]:
    """What a finger would miss: less than 24 px high."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("button, .button, summary, input:not([type=hidden]), select")]
            .filter((one) => one.getClientRects().length)
            .map((one) => [one, (one.labels && one.type !== "text" && one.labels[0]) || one])
            .filter(([, area]) => area.getBoundingClientRect().height < 23.5)
            .map(([one]) => `too small: ${one.outerHTML.slice(0, 120)}`)"""
    )
    return found


def space_out(page: Page) -> None:
    """The widest spacing that somebody may set for themselves (WCAG 1.4.12)."""
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em"
                + " !important; } p { margin-block-end: 2em !important; }");
            document.adoptedStyleSheets = [sheet];
        }"""
    )


def misnamed(page: Page, *, has_errors: bool) -> list[str]:
    """What is wrong with the page's title and its first heading."""
    wrong = {
        "not one h1": page.locator("h1").count() != 1,
        "title without the service": not page.title().endswith("· Holdwell"),
        "title without its error": page.title().startswith("Error: ") != has_errors,
    }
    return [words for words, is_so in wrong.items() if is_so]


@pytest.mark.parametrize("name", STATES)
def test_a_page_is_accessible_and_named(visit, name):
    page = visit(name)

    assert violations(page) + misnamed(page, has_errors=", errors" in name) == []


@pytest.mark.parametrize("name", STATES)
def test_a_page_fits_a_narrow_screen_in_the_dark_and_spaced_out(visit, name):
    page = visit(name, color_scheme="dark", viewport=NARROW)

    found = violations(page) + sideways(page) + too_small(page)
    space_out(page)
    assert found + sideways(page) == []


@pytest.mark.parametrize("name", [name for name in STATES if ", errors" in name])
def test_the_summary_of_errors_has_the_focus_and_each_entry_leads_to_its_field(visit, name):
    page = visit(name)

    assert page.evaluate("document.activeElement.className") == "error-summary"
    for link in page.get_by_role("alert").first.get_by_role("link").all():
        link.click()
        assert page.evaluate("document.activeElement.tagName") in {"INPUT", "TEXTAREA", "SELECT", "A"}


THEIRS = ("patient,", "patient edited", "screening", "builder", "check", "program", "withdraw")


@pytest.mark.parametrize("name", [name for name in STATES if name.startswith(THEIRS)])
def test_the_patient_is_named_on_every_page_of_theirs(visit, name):
    banner = visit(name, java_script_enabled=False).get_by_role("region", name="Patient", exact=True)

    assert "Born" in banner.inner_text()
    assert "Record number" in banner.inner_text()
