"""What went wrong with records in other systems: the wrong patient, too many people, the neighbour's request.

Which test answers which advisory stands in advisories.toml.
"""

from concurrent.futures import ThreadPoolExecutor

from app.clock import now
from app.services import drafts, patients
from app.services.patients import PatientFacts
from tests.builders import a_document, a_draft, a_file, a_patient, a_screened_patient, an_item
from tests.conftest import CAST, signed_in
from tests.naughty import CANARIES, MARK
from tests.searching import look
from tests.security.forms import Forms
from tests.security.markup import Page
from tests.security.walking import a_world, ask, pages_to_read

THREADS, ROUNDS = 8, 10


def form_on(browser, path, field):
    """The form on that page that has such a field."""
    return next(form for form in Forms(browser.get(path).text, path).found if field in form.fields)


def test_what_is_typed_in_one_tab_never_lands_in_the_draft_of_another_patient(app, alma, as_alma):
    with app.app_context():
        maya, noor = (a_draft(a_screened_patient(alma, name=name), alma) for name in ("Maya Holm", "Noor Reed"))
    first_tab = form_on(as_alma, f"/drafts/{maya.id}", "items.0.note")
    as_alma.get(f"/patients/{noor.patient_id}")
    second_tab = form_on(as_alma, f"/drafts/{noor.id}", "items.0.note")

    as_alma.post(first_tab.action, data=first_tab.fields | {"items.0.note": "For Maya.", "act": "save"})
    as_alma.post(second_tab.action, data=second_tab.fields | {"items.0.note": "For Noor.", "act": "save"})

    with app.app_context():
        notes = [drafts.get(one.id, by=alma).document["items"][0]["note"] for one in (maya, noor)]
    assert notes == ["For Maya.", "For Noor."]


def test_a_correction_in_one_tab_never_lands_with_the_patient_of_the_other(app, alma, as_alma):
    with app.app_context():
        maya, noor = a_patient(alma, name="Maya Holm"), a_patient(alma, name="Noor Reed")
    first_tab = form_on(as_alma, f"/patients/{maya.id}/edit", "name")
    form_on(as_alma, f"/patients/{noor.id}/edit", "name")

    as_alma.post(first_tab.action, data=first_tab.fields | {"name": "Maya Holm-Berg"})

    with app.app_context():
        names = {patients.get(one.id, by=alma, at=now()).name for one in (maya, noor)}
    assert names == {"Maya Holm-Berg", "Noor Reed"}


def test_nobody_who_looks_after_patients_collects_the_addresses_of_colleagues(app, alma, sten, as_alma, as_sten):
    with app.app_context():
        world = a_world(alma) | {"user_id": sten.id}
    addresses = {f"{first}@clinic.example" for first in CAST}
    found = {}
    for browser, own in ((as_alma, alma.email), (as_sten, sten.email)):
        answers = [ask(browser, call) for call in pages_to_read(app, world)]
        told = {address for answer in answers for address in addresses if address.encode() in answer.data}
        found[own] = told - {own}

    assert found == {alma.email: set(), sten.email: set()}


def injected(answer):
    """What acts on a page that shows what two people typed at once, or a sign that it is no such page."""
    page = Page(answer.text)
    shows_both = answer.status_code == 409 and MARK in page.text + answer.text
    return page.injected if shows_both else [f"no conflict: {answer.status_code}"]


def test_what_two_people_typed_into_a_patient_at_once_is_only_text(app, alma, as_alma):
    with app.app_context():
        patient = a_patient(alma, name="Maya Holm")
    found = {}
    for revision, canary in enumerate([one for one in CANARIES if MARK in one][::3], start=1):
        facts = PatientFacts(name=canary, identifier=canary, birth_date="1984-03-09")
        with app.app_context():
            patients.edit(patient.id, facts=facts, revision=revision, by=alma, at=now())
        form = {"name": canary, "identifier": canary, "revision": str(revision)}
        wrong = injected(as_alma.post(f"/patients/{patient.id}/edit", data=form))
        found |= {canary: wrong} if wrong else {}

    assert found == {}


def test_what_two_people_typed_into_a_draft_at_once_is_only_text(app, alma, as_alma):
    with app.app_context():
        draft = a_draft(a_screened_patient(alma), alma)
    found = {}
    for start in range(0, len(CANARIES), 25):
        notes = [an_item(note=canary, repetitions=canary) for canary in CANARIES[start : start + 25]]
        old = form_on(as_alma, f"/drafts/{draft.id}", "items.0.note")
        with app.app_context():
            newest = drafts.get(draft.id, by=alma).revision
            drafts.save(
                draft.id, document=a_document(*notes, weeks=notes[0]["note"]), revision=newest, by=alma, at=now()
            )
        typed = {"items.0.note": CANARIES[start], "weeks": CANARIES[start], "act": "save"}
        wrong = injected(as_alma.post(old.action, data=old.fields | typed))
        found |= {start: wrong} if wrong else {}

    assert found == {}


def test_what_two_people_typed_into_the_clinics_details_at_once_is_only_text(as_ada):
    found = {}
    for canary in [one for one in CANARIES if MARK in one and len(one) <= 40][::3]:
        old = form_on(as_ada, "/clinic/details", "phone")
        typed = dict.fromkeys(("name", "phone", "hours", "address"), canary)
        saved = as_ada.post(old.action, data=old.fields | typed)
        wrong = injected(as_ada.post(old.action, data=old.fields | typed | {"hours": f"{canary}?"}))
        found |= {canary: (saved.status_code, wrong)} if wrong or saved.status_code != 303 else {}

    assert found == {}


def questions(app, user, number):
    """What one browser asks and is answered, each question with a word of its own."""
    browser, told = signed_in(app, user), []
    for turn in range(ROUNDS):
        word = f"{MARK}{number}x{turn}x"
        item = {"exercise": word, "side": "left", "repetitions": 3, "hold_seconds": 30}
        told += [
            (word, look(browser, "/patients", q=word).text),
            (word, browser.post("/api/v1/check", json=a_file(items=[item])).text),
        ]
    return told


def test_nobody_is_answered_with_what_another_asked_in_the_same_moment(app, alma, boris):
    with ThreadPoolExecutor(THREADS) as pool:
        asked = [pool.submit(questions, app, (alma, boris)[number % 2], number) for number in range(THREADS)]
        told = [pair for one in asked for pair in one.result()]

    assert [word for word, answer in told if word not in answer] == []
    assert [word for word, answer in told if answer.count(MARK) != answer.count(word)] == []
