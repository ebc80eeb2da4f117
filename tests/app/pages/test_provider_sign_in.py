"""The way in by a clinic's provider, from the door to the first page; and how an account is connected with it."""

import re
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.models import AuthSession, User
from app.pages import provider_sign_in
from app.services import rights, throttle
from tests.browsing import without_form_token
from tests.builders import STRANGER_ID
from tests.coming_in import at_the_provider, set_up
from tests.provider import as_json
from tests.records import change, column, count

SENTENCE = "Signing in with your clinic&#39;s account did not work."
NOT_CONNECTED = "is not connected to an account on Holdwell yet"


def is_out(app, answer) -> bool:
    return answer.status_code == 401 and SENTENCE in answer.text and count(app, AuthSession) == 0


def test_somebody_of_the_clinic_signs_in_and_is_asked_for_our_second_factor(anonymous, door, provider):
    answer = anonymous.get(at_the_provider(anonymous, door, provider), follow_redirects=True)

    assert answer.request.path == "/sign-in/second-factor"


def test_a_second_factor_at_the_provider_is_enough(anonymous, door, provider):
    provider.claims["amr"] = ["mfa"]

    back = anonymous.get(at_the_provider(anonymous, door, provider, next="/history"))

    assert (back.status_code, back.location) == (303, "/history")
    assert "Alma Reyes" in anonymous.get("/history").text


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere_afterwards(anonymous, door, provider, elsewhere):
    provider.claims["amr"] = ["mfa"]

    assert anonymous.get(at_the_provider(anonymous, door, provider, next=elsewhere)).location == "/"


def test_the_door_is_the_same_for_every_clinic_and_for_none(anonymous, door, boris):
    pages_of = {
        name: without_form_token(anonymous.get(f"/sign-in/at/{clinic_id}").text).replace(clinic_id, "")
        for name, clinic_id in {
            "riverside": door.rsplit("/", 1)[1],
            "lakeside": boris.clinic_id,
            "nobody": STRANGER_ID,
            "nonsense": "riverside",
        }.items()
    }

    assert len(set(pages_of.values())) == 1
    assert "Riverside" not in pages_of["riverside"]


def test_behind_the_door_of_no_clinic_is_the_same_as_behind_one_whose_provider_is_down(anonymous, door, provider):
    provider.close()

    answers = [anonymous.get(f"{one}/go") for one in (door, f"/sign-in/at/{STRANGER_ID}", "/sign-in/at/riverside")]

    assert {answer.status_code for answer in answers} == {401}
    texts = [re.sub(r"/sign-in/at/[^/\"]*", "", without_form_token(answer.text)) for answer in answers]
    assert len(set(texts)) == 1


def test_a_browser_that_came_in_by_it_is_shown_the_door_again(anonymous, door, provider):
    before = anonymous.get("/sign-in").text
    anonymous.get(at_the_provider(anonymous, door, provider))
    anonymous.post("/sign-out")

    after = anonymous.get("/sign-in?next=/history").text

    assert f'href="{door}' not in before
    assert f'href="{door}?next=/history"' in after


@pytest.mark.parametrize("kept", ["riverside", "<script>", "../../evil", "x" * 500])
def test_a_door_that_is_none_of_ours_is_not_shown(app, anonymous, kept):
    anonymous.set_cookie(f"{app.config['IDENTITY_COOKIE_NAME']}-door", kept)

    assert "/sign-in/at/" not in anonymous.get("/sign-in").text


def test_who_came_in_by_it_can_prove_again_by_it(app, anonymous, ada, bare_door, provider):
    door = bare_door
    change(app, update(User).where(User.id == ada.id).values(oidc_subject="alma-7"))
    provider.claims["amr"] = ["mfa"]
    anonymous.get(at_the_provider(anonymous, door, provider))
    change(app, update(AuthSession).values(proved_at=now() - timedelta(minutes=11)))
    asked = anonymous.get("/clinic/policies", follow_redirects=True).text
    assert f'href="{door}?next=/clinic/policies"' in asked

    anonymous.get(at_the_provider(anonymous, door, provider, next="/clinic/policies"))

    assert anonymous.get("/clinic/policies").status_code == 200


def test_a_link_that_somebody_else_made_opens_nothing(app, anonymous, door, provider):
    stolen = at_the_provider(app.test_client(), door, provider)

    assert is_out(app, anonymous.get(stolen))


def test_an_answer_counts_only_in_the_browser_that_asked(app, anonymous, door, provider):
    stolen = at_the_provider(app.test_client(), door, provider)
    at_the_provider(anonymous, door, provider)

    assert is_out(app, anonymous.get(stolen))


def test_an_answer_counts_once(app, anonymous, door, provider):
    provider.claims["amr"] = ["mfa"]
    back = at_the_provider(anonymous, door, provider)
    anonymous.get(back)

    again = anonymous.get(back)

    assert again.status_code == 401
    assert count(app, AuthSession) == 1


def test_a_kept_cookie_does_not_make_it_count_twice(app, anonymous, door, provider):
    provider.claims["amr"] = ["mfa"]
    back = at_the_provider(anonymous, door, provider)
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = anonymous.get_cookie(name)
    anonymous.get(back)
    other = app.test_client()
    other.set_cookie(name, cookie.value)

    assert other.get(back).status_code == 401
    assert count(app, AuthSession) == 1


def test_an_answer_counts_for_ten_minutes(app, anonymous, door, provider, monkeypatch):
    provider.claims["exp"] = int(time.time()) + 3600
    back = at_the_provider(anonymous, door, provider)
    monkeypatch.setattr(provider_sign_in, "now", lambda: now() + timedelta(minutes=10))

    assert is_out(app, anonymous.get(back))


def test_an_answer_counts_at_the_clinic_it_was_asked_for(app, anonymous, door, provider, bea):
    with app.app_context():
        set_up(bea, provider)
    change(app, update(User).where(User.id == bea.id).values(oidc_subject="alma-7"))
    back = at_the_provider(anonymous, door, provider).replace(door, f"/sign-in/at/{bea.clinic_id}")

    assert is_out(app, anonymous.get(back))


@pytest.mark.parametrize(
    "query", ["", "?state=x", "?code=x&state=x", "?error=access_denied&error_description=Evil+words"]
)
def test_an_answer_that_nobody_asked_for_opens_nothing(app, anonymous, door, query):
    answer = anonymous.get(f"{door}/back{query}")

    assert is_out(app, answer)
    assert "Evil" not in answer.text


def test_what_the_provider_says_is_not_repeated(app, anonymous, door, provider, caplog):
    back = at_the_provider(anonymous, door, provider).split("&state=")[1]

    answer = anonymous.get(f"{door}/back?state={back}&error=Evil&error_description=Evil+words")

    assert is_out(app, answer)
    assert "Evil" not in answer.text + caplog.text


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "x"},
        {"iss": "https://x.example"},
        {"aud": "x"},
        {"exp": 1},
        {"sub": None},
    ],
    ids=str,
)
def test_whom_the_provider_does_not_prove_stays_out(app, anonymous, door, provider, claims):
    provider.claims |= claims

    assert is_out(app, anonymous.get(at_the_provider(anonymous, door, provider)))


def test_who_is_not_connected_is_told_what_to_do_and_nothing_else(app, anonymous, bare_door, provider):
    answers = {}
    for email in ("alma@clinic.example", "nobody@clinic.example"):
        provider.claims |= {"email": email, "amr": ["mfa"]}
        answers[email] = anonymous.get(at_the_provider(anonymous, bare_door, provider))

    assert {answer.status_code for answer in answers.values()} == {401}
    assert all(NOT_CONNECTED in answer.text for answer in answers.values())
    assert len({without_form_token(answer.text) for answer in answers.values()}) == 1
    assert count(app, AuthSession) == 0


@pytest.fixture
def without_alma(app, ada, alma) -> None:
    """Alma is disabled."""
    with app.app_context():
        rights.disable(alma.id, by=ada, at=now())


@pytest.mark.usefixtures("without_alma")
def test_who_is_disabled_stays_out(app, anonymous, door, provider):
    assert is_out(app, anonymous.get(at_the_provider(anonymous, door, provider)))


@pytest.mark.parametrize(
    "answer",
    [
        as_json({}, 500),
        (200, {}, b"<html>"),
        (302, {"Location": "/elsewhere"}, b""),
        (200, {}, b" " * 300_000 + b"{}"),
    ],
    ids=["error", "garbage", "redirect", "huge"],
)
def test_a_provider_that_misbehaves_lets_nobody_in(app, anonymous, door, provider, answer):
    back = at_the_provider(anonymous, door, provider)
    provider.strange["/token"] = lambda _: answer

    assert is_out(app, anonymous.get(back))


def test_whoever_was_signed_in_before_is_not_any_more(app, as_sten, door, provider):
    provider.claims["amr"] = ["mfa"]

    as_sten.get(at_the_provider(as_sten, door, provider))

    assert column(app, select(AuthSession.revoked_at).order_by(AuthSession.created_at))[0] is not None
    assert "Alma Reyes" in as_sten.get("/patients").text


def test_a_stranger_never_makes_us_ask_a_provider_without_end(anonymous, door, provider, monkeypatch):
    limit = throttle.PROVIDER_PLACES
    monkeypatch.setattr(throttle, "PROVIDER_PLACES", type(limit)(3, 15, "few"))
    monkeypatch.setattr(throttle, "PROVIDER_CLINICS", type(limit)(3, 15, "fewer"))
    answers = [anonymous.get(f"{door}/go") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert int(answers[-1].headers["Retry-After"]) > 800
    assert "tried too often" in answers[-1].text
    assert len(provider.asked) == 3
