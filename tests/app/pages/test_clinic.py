"""The clinic's settings on the screen: for its administrators, and nobody else."""

import html
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from app.clock import now
from app.models import AuthSession, Clinic
from app.services import clinics
from tests.records import change

TYPED = {
    "name": "Riverside Physiotherapy",
    "phone": "020 7946 0001",
    "hours": "Weekdays, 8:00 to 18:00",
    "email": "",
    "address": "1 Quay Street",
    "paper": "letter",
    "time_zone": "America/New_York",
    "revision": "1",
}


def clinic_of(app: Flask, user) -> Clinic:
    with app.app_context():
        return clinics.get(by=user)


def test_the_settings_stand_on_one_page(as_ada):
    page = as_ada.get("/clinic").text

    assert "Riverside Physiotherapy" in page
    assert "Therapists open all patients of the clinic" in page
    assert "Required of everybody" in page
    assert "There is no logo yet." in page
    assert '<a href="/clinic" aria-current="true">Clinic</a>' in page


def test_only_administrators_have_a_link_to_them(as_alma, as_ines):
    assert 'href="/clinic"' not in as_alma.get("/patients").text
    assert 'href="/clinic"' not in as_ines.get("/patients").text


def test_what_is_typed_is_what_the_paper_says(app, ada, as_ada):
    answer = as_ada.post("/clinic/details", data=TYPED, follow_redirects=True)

    clinic = clinic_of(app, ada)
    assert "Changes saved." in answer.text
    assert (clinic.address, clinic.paper, clinic.time_zone) == ("1 Quay Street", "letter", "America/New_York")


def test_the_form_begins_with_what_is_kept(as_ada):
    page = as_ada.get("/clinic/details").text

    assert 'value="Weekdays, 8:00 to 18:00"' in page
    assert 'value="a4" checked' in page
    assert '<option value="Europe/London" selected>Europe/London</option>' in page


def test_what_can_not_be_kept_stays_in_the_form_and_is_named(as_ada):
    answer = as_ada.post("/clinic/details", data=TYPED | {"name": "x" * 121, "email": "nowhere"})

    assert answer.status_code == 422
    assert ">Name has 121 characters; at most 120 fit.</a>" in answer.text
    assert '<a href="#email">That is no e-mail address.</a>' in answer.text
    assert "x" * 121 in answer.text


def test_an_old_page_shows_both_and_saves_nothing_until_pressed_again(app, ada, as_ada):
    as_ada.post("/clinic/details", data=TYPED | {"phone": "theirs"})

    stale = as_ada.post("/clinic/details", data=TYPED | {"phone": "mine"})
    again = as_ada.post("/clinic/details", data=TYPED | {"phone": "mine", "revision": "2"})

    assert stale.status_code == 409
    assert "<dt>Telephone</dt><dd><bdi>theirs</bdi></dd>" in stale.text
    assert 'value="mine"' in stale.text
    assert 'name="revision" value="2"' in stale.text
    assert again.status_code == 303
    assert clinic_of(app, ada).phone == "mine"


def test_policies_hold_from_the_moment_they_are_saved(app, ada, as_ada):
    form = {"access": "own", "sensitive.0": "name", "revision": "1"}
    answer = as_ada.post("/clinic/policies", data=form, follow_redirects=True)

    clinic = clinic_of(app, ada)
    assert (clinic.restricts_access, clinic.sensitive) == (True, {"name"})
    assert "Therapists open only their own patients" in answer.text
    assert "<dt>Kept from the search</dt><dd>Name</dd>" in answer.text


def test_the_policies_begin_with_what_holds(as_ada):
    as_ada.post("/clinic/policies", data={"access": "own", "sensitive.1": "identifier", "revision": "1"})

    page = as_ada.get("/clinic/policies").text

    assert 'value="own" checked' in page
    assert 'value="identifier" checked' in page
    assert 'value="name" checked' not in page


def test_policies_from_an_old_page_are_shown_and_not_saved(app, ada, as_ada):
    as_ada.post("/clinic/policies", data={"access": "own", "revision": "1"})

    stale = as_ada.post("/clinic/policies", data={"access": "everybodys", "sensitive.0": "name", "revision": "1"})

    assert stale.status_code == 409
    assert "Somebody else changed the clinic meanwhile" in stale.text
    assert 'value="everybodys" checked' in stale.text
    assert clinic_of(app, ada).restricts_access


def test_a_policy_that_no_page_of_ours_offers_is_refused(app, ada, as_ada):
    answer = as_ada.post("/clinic/policies", data={"access": "own", "sensitive.0": "birth_date", "revision": "1"})

    assert answer.status_code == 422
    assert not clinic_of(app, ada).restricts_access


@pytest.mark.parametrize("address", ["/clinic/policies", "/clinic/provider"])
def test_what_is_about_security_asks_who_it_is_after_a_while(app, as_ada, address):
    change(app, update(AuthSession).values(proved_at=now() - timedelta(minutes=11)))

    answer = as_ada.get(address, follow_redirects=True)

    assert "Confirm that it is you" in html.unescape(answer.text)


@pytest.mark.parametrize(
    "address",
    ["/clinic", "/clinic/details", "/clinic/policies", "/clinic/logo/change", "/clinic/provider"],
)
@pytest.mark.parametrize("who", ["as_alma", "as_sten", "as_ines"])
def test_nobody_but_an_administrator_sees_them(request, who, address):
    assert request.getfixturevalue(who).get(address).status_code == 403


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{ 7*7 }}", '" onfocus="alert(1)'])
def test_what_a_clinic_calls_itself_is_text_wherever_it_stands(as_ada, name):
    as_ada.post("/clinic/details", data=TYPED | {"name": name})

    for address in ("/clinic", "/clinic/details", "/clinic/logo/change"):
        page = as_ada.get(address).text
        assert "<script>alert" not in page
        assert ' onfocus="' not in page
        assert "49" not in page.split("<h1>")[0]
