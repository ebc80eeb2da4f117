"""The clinic's settings, and what a change of them does."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.clock import now
from app.errors import InvalidError, NotFoundError, StaleError
from app.models import Action, AuditEvent, Clinic, Patient
from app.services import clinics, logos, patients
from app.services.people import brand_of
from tests.builders import a_patient
from tests.conftest import LAKESIDE, RIVERSIDE
from tests.pictures import a_logo, opened
from tests.records import column, stored

pytestmark = pytest.mark.usefixtures("app_context")


def edited(ada, *, revision=1, time_zone="Europe/London", **changes):
    brand = replace(RIVERSIDE, **changes)
    return clinics.edit(brand=brand, time_zone=time_zone, revision=revision, by=ada, at=now())


def set_policies(ada, *, restricts_access=False, sensitive=(), revision=1):
    return clinics.set_policies(
        restricts_access=restricts_access, sensitive=sensitive, revision=revision, by=ada, at=now()
    )


def details(app, action: Action) -> list[str]:
    return column(app, select(AuditEvent.detail).where(AuditEvent.action == action.value).order_by(AuditEvent.n))


def test_an_edited_clinic_says_on_paper_what_was_typed(ada):
    typed = {"phone": "020 7946 9999", "address": "1 Quay", "hours": "Mornings", "email": "hi@clinic.example"}

    edited(ada, clinic_name=" Riverside Physio ", paper="letter", time_zone="Europe/Riga", **typed)

    clinic = clinics.get(by=ada)
    expected = replace(RIVERSIDE, clinic_name="Riverside Physio", paper="letter", **typed)
    assert (brand_of(clinic), clinic.time_zone, clinic.revision) == (expected, "Europe/Riga", 2)


def test_another_clinic_stays_as_it_is(app, ada):
    edited(ada, clinic_name="Riverside", phone="1")
    set_policies(ada, revision=2, restricts_access=True, sensitive=["name"])

    row = stored(
        app,
        select(Clinic.phone, Clinic.restricts_access, Clinic.sensitive_text, Clinic.revision).where(
            Clinic.name == LAKESIDE.clinic_name
        ),
    )[0]
    assert tuple(row) == (LAKESIDE.phone, False, "", 1)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"clinic_name": ""}),
        ("name", {"clinic_name": "x" * 121}),
        ("name", {"clinic_name": "River\u202eside"}),
        ("phone", {"phone": "1" * 41}),
        ("address", {"address": "x" * 301}),
        ("hours", {"hours": "x" * 121}),
        ("email", {"email": "no address"}),
        ("paper", {"paper": "a3"}),
        ("time_zone", {"time_zone": "Moon/Tranquility"}),
    ],
)
def test_what_can_not_be_printed_is_refused_by_field(ada, field, changes):
    with pytest.raises(InvalidError) as refused:
        edited(ada, **changes)

    assert list(refused.value.errors) == [field]
    assert clinics.get(by=ada).revision == 1


def test_no_name_that_is_refused_tells_of_another_clinic(ada):
    edited(ada, clinic_name=LAKESIDE.clinic_name)

    assert clinics.get(by=ada).name == LAKESIDE.clinic_name


def test_a_save_from_an_old_page_is_refused_with_what_stands_now(ada):
    edited(ada, phone="theirs")

    with pytest.raises(StaleError) as stale:
        edited(ada, phone="mine")

    assert (stale.value.revision, stale.value.current["phone"]) == (2, "theirs")


def test_a_policy_from_an_old_page_is_refused(ada):
    set_policies(ada, restricts_access=True)

    with pytest.raises(StaleError) as stale:
        set_policies(ada)

    assert stale.value.current["restricts_access"] is True


def test_each_change_leaves_what_was_changed_in_the_trail(app, ada):
    edited(ada)
    set_policies(ada, revision=2, restricts_access=True, sensitive=["name", "identifier"])

    assert details(app, Action.CLINIC_EDITED) == ["details", "access=own sensitive=identifier,name"]


def test_what_is_marked_as_sensitive_leaves_no_readable_copy(app, ada, alma):
    a_patient(alma, name="Maya Holm", identifier="MRN-7")

    set_policies(ada, sensitive=["name", "identifier"])

    texts = stored(app, select(Patient.search_text, Patient.sort_text))
    assert "holm" not in str(texts)
    assert "mrn" not in str(texts)


def test_patients_are_found_again_when_a_mark_is_taken_away(ada, alma):
    a_patient(alma, name="Maya Holm")
    set_policies(ada, sensitive=["name"])

    set_policies(ada, revision=2)

    assert [one.name for one in patients.search(text="hol", page=1, by=alma, at=now()).items] == ["Maya Holm"]


def test_only_names_and_record_numbers_can_be_marked(ada):
    with pytest.raises(InvalidError):
        set_policies(ada, sensitive=["birth_date"])


def test_a_logo_is_kept_as_we_drew_it(app, ada, alma):
    logos.change(a_logo(size=(2400, 800)), by=ada, at=now())

    logo = logos.get(by=alma)
    assert opened(logo.png).size == (1200, 400)
    assert details(app, Action.LOGO_CHANGED) == ["added"]


def test_a_logo_is_the_clinics_own(ada, boris):
    logos.change(a_logo(), by=ada, at=now())

    with pytest.raises(NotFoundError):
        logos.get(by=boris)


def test_a_logo_that_is_refused_changes_nothing(app, ada):
    logos.change(a_logo(), by=ada, at=now())
    before = logos.get(by=ada)

    with pytest.raises(InvalidError):
        logos.change(b"<svg/>", by=ada, at=now())

    assert logos.get(by=ada) == before
    assert details(app, Action.LOGO_CHANGED) == ["added"]


def test_a_removed_logo_is_gone(app, ada):
    logos.change(a_logo(), by=ada, at=now())

    logos.remove(by=ada, at=now())

    with pytest.raises(NotFoundError):
        logos.get(by=ada)
    assert details(app, Action.LOGO_CHANGED) == ["added", "removed"]
    assert column(app, select(Clinic.logo).where(Clinic.logo.is_not(None))) == []
