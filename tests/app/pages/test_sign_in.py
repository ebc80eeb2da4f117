import pyotp
import pytest

from app.browsers import browser_of
from app.clock import now
from app.models import AuthSession, Clinic, User
from tests.conftest import TOTP_SECRET
from tests.records import change, column

ALMA, PASSWORD = "alma@clinic.example", "correct horse battery"
STEP = "/sign-in/second-factor"
SESSIONS = AuthSession.__table__


def sign_in(browser, **changes):
    return browser.post("/sign-in", data={"email": ALMA, "password": PASSWORD, "next": ""} | changes)


def give_code(browser, **changes):
    return browser.post(STEP, data={"code": pyotp.TOTP(TOTP_SECRET).at(now()), "next": ""} | changes)


def test_signing_in_leads_to_the_second_step_and_on_to_the_patients(anonymous):
    half, whole = sign_in(anonymous), give_code(anonymous)

    assert (half.status_code, half.location) == (303, STEP)
    assert (whole.status_code, whole.location) == (303, "/")
    assert b"Alma Reyes" in anonymous.get("/patients").data


def test_between_the_two_steps_every_page_leads_to_the_second(anonymous):
    sign_in(anonymous)

    assert anonymous.get("/history?status=current").location == f"{STEP}?next=/history?status%3Dcurrent"
    assert "Alma" not in anonymous.get(STEP).text


def test_who_has_no_second_factor_is_led_to_set_one_up_first(app, anonymous):
    change(app, User.__table__.update().values(totp_secret=None, totp_confirmed_at=None))
    sign_in(anonymous, next="/history")

    assert anonymous.get(f"{STEP}?next=/history").location == "/account/app?next=/history"


def test_a_clinic_that_shows_itself_may_do_without_and_says_so_on_every_page(app, anonymous):
    relaxed = {"requires_second_factor": False, "is_demonstration": True}
    change(
        app,
        Clinic.__table__.update().values(relaxed),
        User.__table__.update().values(totp_secret=None, totp_confirmed_at=None),
    )

    assert sign_in(anonymous).location == "/"
    assert "sign-in without a second factor" in anonymous.get("/patients").text


def test_whoever_is_signed_in_already_is_led_past_the_forms(as_alma):
    assert as_alma.get("/sign-in").location == "/patients"
    assert as_alma.get(STEP).location == "/patients"


def test_a_page_that_needs_a_sign_in_is_where_the_sign_in_leads(anonymous):
    asked = anonymous.get("/history?status=current")

    assert asked.location == "/sign-in?next=/history?status%3Dcurrent"
    assert sign_in(anonymous, next="/history?status=current").location == f"{STEP}?next=/history?status%3Dcurrent"
    assert 'name="next" value="/history?status=current"' in anonymous.get(f"{STEP}?next=/history?status%3Dcurrent").text
    assert give_code(anonymous, next="/history?status=current").location == "/history?status=current"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "//[",
        "http://[",
    ],
)
def test_nobody_is_led_elsewhere_by_the_sign_in(anonymous, elsewhere):
    assert sign_in(anonymous, next=elsewhere).location == STEP
    assert give_code(anonymous, next=elsewhere).location == "/"


def test_an_empty_form_says_what_is_missing(anonymous):
    answer = sign_in(anonymous, email="", password="")

    page = answer.text
    assert answer.status_code == 422
    assert "<title>Error: Sign in" in page
    assert '<a href="#email">Enter your email address.</a>' in page
    assert '<a href="#password">Enter your password.</a>' in page


@pytest.mark.parametrize("changes", [{"password": "wrong"}, {"email": "nobody@clinic.example"}])
def test_a_wrong_password_and_an_unknown_address_get_the_same_words(anonymous, changes):
    answer = sign_in(anonymous, **changes)

    assert answer.status_code == 422
    assert "The e-mail address or the password is not right." in answer.text
    assert (changes.get("email") or ALMA) in answer.text
    assert "wrong" not in answer.text


@pytest.mark.asvs("6.2.8")
def test_a_password_with_line_breaks_or_spaces_is_taken_as_it_is(anonymous):
    assert sign_in(anonymous, password=f" {PASSWORD}").status_code == 422


@pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "abcdef", "x" * 100_000, "\x00", "😀"])
def test_a_wrong_code_leads_nowhere_and_says_so(anonymous, code):
    sign_in(anonymous)
    answer = give_code(anonymous, code=code)

    assert answer.status_code == 422
    assert '<a href="#code">The code is not right' in answer.text
    assert anonymous.get("/patients").location == f"{STEP}?next=/patients"


def test_after_ten_wrong_codes_the_page_says_how_long_to_wait(anonymous):
    sign_in(anonymous)
    for _ in range(10):
        give_code(anonymous, code="000000")

    answer = give_code(anonymous)

    assert answer.status_code == 429
    assert 800 < int(answer.headers["Retry-After"]) <= 900
    assert "Wait 15 minutes and try again." in answer.text


def test_a_code_counts_once_even_with_a_space_in_it(app, anonymous):
    code = pyotp.TOTP(TOTP_SECRET).at(now())
    sign_in(anonymous)
    give_code(anonymous, code=code)
    other = app.test_client()
    sign_in(other)

    assert give_code(other, code=f"{code[:2]} {code[2:]}").status_code == 422


def test_the_list_of_sign_ins_names_the_browser(app, anonymous):
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    anonymous.post("/sign-in", data={"email": ALMA, "password": PASSWORD}, headers={"User-Agent": agent})

    assert column(app, SESSIONS.select().with_only_columns(SESSIONS.c.browser)) == ["Firefox on Windows"]


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
            "Chrome on Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604", "Safari on iPad"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5 (Linux)", "Linux"),
        ("", ""),
        ("<script>", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent, label):
    assert browser_of(agent) == label


def test_signing_out_ends_the_session_at_once(as_alma, app):
    token = as_alma.get_cookie(app.config["IDENTITY_COOKIE_NAME"]).value

    answer = as_alma.post("/sign-out")

    assert answer.location == "/sign-in"
    as_alma.set_cookie(app.config["IDENTITY_COOKIE_NAME"], token)
    assert as_alma.get("/patients").status_code == 303


@pytest.mark.asvs("14.3.1")
def test_signing_out_leaves_nothing_behind_in_the_browser(as_alma):
    assert as_alma.post("/sign-out").headers["Clear-Site-Data"] == '"cache", "storage"'


def test_signing_out_twice_is_no_error(as_alma):
    as_alma.post("/sign-out")

    assert as_alma.post("/sign-out").location == "/sign-in"


def test_signing_in_again_ends_what_the_browser_had_before(app, as_alma):
    before = as_alma.get_cookie("holdwell").value
    sign_in(as_alma)

    thief = app.test_client()
    thief.set_cookie("holdwell", before)
    assert thief.get("/patients").location == "/sign-in?next=/patients"


def test_the_front_door_leads_to_the_patients(as_alma):
    assert as_alma.get("/").location == "/patients"


def test_a_form_token_from_before_the_sign_in_is_worth_nothing_after_it(anonymous):
    for send in (sign_in, give_code):
        with anonymous.session_transaction() as session:
            session["csrf_token"] = "planted"
        send(anonymous)

        with anonymous.session_transaction() as session:
            assert session.get("csrf_token") != "planted"


@pytest.mark.asvs("3.3.4")
def test_a_session_cookie_is_out_of_reach_for_scripts(anonymous):
    for answer in (sign_in(anonymous), give_code(anonymous)):
        cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("holdwell="))

        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Max-Age" not in cookie
