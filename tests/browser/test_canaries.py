"""Markup, scripts and template code in every field that people fill: on no page is it more than text."""

import re

import pytest
from pypdf import PdfReader

from app.clock import now
from app.services import programs
from tests.builders import a_document, a_draft, a_patient, a_screening, an_issued_program, an_item
from tests.marked import a_marked_clinic
from tests.naughty import CANARIES, MARK
from tests.security.walking import pages_to_read

pytestmark = pytest.mark.browser

AT_ONCE = 25
"""Canaries that stand on one page."""
LISTENERS = f"""
window.__executed = [];
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = (said) => window.__executed.push(name);
addEventListener("securitypolicyviolation", (one) => window.__executed.push("policy: " + one.violatedDirective));
Object.defineProperty(window, "{MARK}", {{ set: () => window.__executed.push("script") }});
"""
ELEMENTS = (
    f"{MARK}, [{MARK}], script:not([src]), iframe, object, embed, base, meta[http-equiv], math, marquee, video, audio, "
    "template, noscript, style"
)
"""What no page of ours has."""
ADDRESSES = f"^ *(javascript|data|vbscript):|^//|{MARK}.example"
INJECTED = f"""() => [
    ...document.querySelectorAll("{ELEMENTS}"),
    ...[...document.querySelectorAll("*")].filter((one) =>
        [...one.attributes].some((attribute) => attribute.name.startsWith("on") || attribute.name === "srcdoc")),
    ...[...document.querySelectorAll("[href], [src], [action]")].filter((one) => ["href", "src", "action"]
        .some((name) => new RegExp("{ADDRESSES}", "i").test(one.getAttribute(name) || ""))),
].map((one) => one.outerHTML.slice(0, 200))"""
SEARCHES = (("/patients", "q"), ("/history", "patient"))
ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/AA", b"/OpenAction")


@pytest.fixture(scope="module")
def canary_world(service):
    """The marked clinic, with a patient for each canary, and a draft and a withdrawal for as many as a page shows."""
    ids = a_marked_clinic(service.app)
    mara = service.user("mara")
    with service.app.app_context():
        for place, canary in enumerate(CANARIES):
            a_patient(mara, name=canary, identifier=f"{place} {canary}"[:120])
        patient = a_patient(mara, name=f"All {CANARIES[0]}", identifier='"><hwcanary>')
        a_screening(patient, mara)
        notes = [an_item(note=canary) for canary in CANARIES[:AT_ONCE]]
        draft = a_draft(patient, mara, document=a_document(*notes, weeks='"><hwcanary>'))
        program = an_issued_program(mara, patient=a_screened(mara, CANARIES[1]))
        programs.withdraw(program.id, reason=" ".join(CANARIES[:15])[:500], by=mara, at=now())
        return ids | {"patient_id": patient.id, "draft_id": draft.id, "program_id": program.id}


def a_screened(by, name):
    patient = a_patient(by, name=name)
    a_screening(patient, by)
    return patient


def pages(app, ids):
    """What a browser shows."""
    found = [call.path for call in pages_to_read(app, ids) if not call.is_api]
    return [path for path in found if "." not in path and not path.endswith("/pdf")]


def looked_at(page):
    """What a page did that it should not, once everything on it that unfolds is open."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    return [*page.evaluate("window.__executed"), *page.evaluate(INJECTED)]


@pytest.mark.asvs("1.1.2", "1.2.1", "1.2.3", "1.3.5", "3.7.1")
@pytest.mark.parametrize("who", ["mara", "mona"])
def test_on_no_page_a_canary_is_more_than_text(open_page, service, canary_world, who):
    page, found, seen = open_page(who), {}, ""
    page.context.add_init_script(LISTENERS)
    page.on("dialog", lambda dialog: found.setdefault("dialog", dialog.message))
    lists = [f"/patients?page={number}" for number in (2, 3, 4)]

    for path in [*pages(service.app, canary_world), *lists]:
        page.goto(path)
        wrong = looked_at(page)
        if wrong:
            found[path] = wrong
        seen += page.locator("body").inner_text()
    for path, field in SEARCHES if who == "alma" else ():
        page.goto(path)
        page.fill(f"[name={field}]", f"{MARK}>")
        page.locator("main [role=search] [type=submit]").click()
        page.wait_for_url("**search=**")
        if wrong := looked_at(page):
            found[path, field] = wrong

    assert found == {}
    assert not re.search(r"\b49\b", seen.replace("49 ", ""))
    if who == "mara":
        assert seen.count(MARK) > 100
        assert "{{7*7}}" in seen


@pytest.mark.asvs("1.2.1")
def test_what_is_typed_and_refused_comes_back_as_text(open_page):
    page = open_page("alma")
    page.context.add_init_script(LISTENERS)
    found = {}
    for canary in CANARIES[::3]:
        page.goto("/patients/new")
        page.fill("[name=name]", canary)
        page.fill("[name='birth_date.day']", canary)
        page.locator("main [type=submit]").first.click()
        page.wait_for_load_state()
        wrong = looked_at(page)
        if wrong or page.input_value("[name=name]") != canary:
            found[canary] = wrong or page.content()

    assert found == {}


@pytest.mark.asvs("1.2.1")
def test_the_paper_carries_nothing_that_acts(service, tmp_path):
    alma, found = service.user("alma"), {}
    with service.app.app_context():
        for canary in [one for one in CANARIES if one.isascii()][::9]:
            program = an_issued_program(alma, patient=a_screened(alma, canary[:120]))
            path = tmp_path / f"{program.id}.pdf"
            path.write_bytes(programs.pdf(program.id, by=alma, at=now()).content)
            reader = PdfReader(path)
            text = " ".join(page.extract_text() for page in reader.pages)
            objects = b" ".join(str(reader.get_object(number)).encode() for number in reader.xref[0])
            found[canary] = [one for one in ACTIVE if re.search(one + rb"\b", objects)]
            assert [*reader.attachments] == ["program.json"]
            assert "49" not in text or "7*7" not in canary

    assert len(found) > 5
    assert [one for one in found.values() if one] == []
