"""People: who gets none of these pages, and what a name can't do on them."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.clock import now
from app.models import AuthSession, User
from app.pages import people_steps
from app.policy import POLICY
from tests.builders import STRANGER_ID
from tests.records import change, count

NILS = {"name": "Nils Berg", "email": "nils@clinic.example", "roles.0": "therapist"}
STEPS = {endpoint: address for address, endpoint, _, _ in people_steps.ADDRESSES}
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> & \"'"


def path_of(endpoint, user_id):
    return STEPS[endpoint].replace("<user_id>", user_id)


def invite(browser, **changes):
    return browser.post("/people/invite", data=NILS | changes)


@pytest.mark.parametrize("endpoint", sorted(STEPS))
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_takes_a_step_about_themselves(as_ada, ada, endpoint, method):
    answer = as_ada.open(path_of(endpoint, ada.id), method=method)

    assert answer.status_code == 409
    assert "This is your own account." in answer.text


@pytest.mark.parametrize("endpoint", [*sorted(STEPS), "edit_roles", "person"])
@pytest.mark.parametrize("whose", ["boris", STRANGER_ID, "x"])
def test_people_of_another_clinic_are_not_to_be_found(as_ada, boris, endpoint, whose):
    user_id = boris.id if whose == "boris" else whose
    path = {"edit_roles": f"/people/{user_id}/roles", "person": f"/people/{user_id}"}.get(endpoint) or path_of(
        endpoint, user_id
    )

    assert as_ada.get(path).status_code == 404
    if endpoint != "person":
        assert as_ada.post(path, data={"roles.0": "staff"}).status_code == 404


@pytest.mark.parametrize("who", ["as_alma", "as_sten", "as_ines"])
def test_who_does_not_administer_gets_none_of_it(request, alma, who):
    browser = request.getfixturevalue(who)

    for path in ("/people", "/people/invite", f"/people/{alma.id}", f"/people/{alma.id}/roles"):
        assert browser.get(path).status_code == 403
    for endpoint in STEPS:
        assert browser.get(path_of(endpoint, alma.id)).status_code == 403
        assert browser.post(path_of(endpoint, alma.id)).status_code == 403


@pytest.mark.asvs("7.5.3")
def test_whatever_changes_people_asks_for_a_fresh_proof(as_ada, app, alma):
    change(app, update(AuthSession).values(proved_at=now() - timedelta(minutes=11)))

    assert as_ada.get("/people").status_code == 200
    for path in ("/people/invite", f"/people/{alma.id}/roles", *(path_of(endpoint, alma.id) for endpoint in STEPS)):
        assert as_ada.get(path).status_code in {303, 401, 403}
        assert as_ada.post(path, data=NILS).status_code in {303, 401, 403}
    assert count(app, User, User.email == NILS["email"]) == 0
    assert count(app, User, User.disabled_at.is_not(None)) == 0


def test_every_step_has_its_row_and_asks_for_a_fresh_proof():
    for endpoint in STEPS:
        for method in ("GET", "POST"):
            assert POLICY[f"pages.{endpoint}", method].is_fresh


def test_a_name_with_markup_is_only_a_name_on_every_page_and_question(as_ada, app, alma):
    """CVE-2023-37901: names ran as scripts where deleting was to be confirmed."""
    change(app, update(User).where(User.id == alma.id).values(name=HOSTILE, email="<b>@clinic.example"))

    pages = ["/people", f"/people/{alma.id}", f"/people/{alma.id}/roles"]
    for path in (*pages, *(path_of(endpoint, alma.id) for endpoint in STEPS)):
        page = as_ada.get(path).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page, path
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>@" not in page


def test_a_name_with_markup_is_only_a_name_where_the_link_is_shown(as_ada):
    page = invite(as_ada, name="<script>alert(1)</script>").text

    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.asvs("1.3.7", "1.3.10")
def test_a_name_that_looks_like_a_placeholder_stays_a_name(as_ada, app, alma):
    change(app, update(User).where(User.id == alma.id).values(name="{name} {{ 7*7 }} %s"))

    page = as_ada.get(path_of("disable_person", alma.id)).text

    assert "Disable the account of <bdi>{name} {{ 7*7 }} %s</bdi>?" in page
