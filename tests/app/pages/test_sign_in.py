import pytest

ALMA, PASSWORD = "alma@clinic.example", "correct horse battery"


def sign_in(browser, **changes):
    return browser.post("/sign-in", data={"email": ALMA, "password": PASSWORD, "next": ""} | changes)


def test_signing_in_leads_to_the_patients(anonymous):
    answer = sign_in(anonymous)

    assert (answer.status_code, answer.location) == (303, "/patients")
    assert b"Alma Reyes" in anonymous.get("/patients").data


def test_whoever_is_signed_in_already_is_led_past_the_form(as_alma):
    assert as_alma.get("/sign-in").location == "/patients"


def test_a_page_that_needs_a_sign_in_is_where_the_sign_in_leads(anonymous):
    asked = anonymous.get("/history?status=current")

    assert asked.location == "/sign-in?next=/history?status%3Dcurrent"
    assert sign_in(anonymous, next="/history?status=current").location == "/history?status=current"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)"],
)
def test_nobody_is_led_elsewhere_by_the_sign_in(anonymous, elsewhere):
    assert sign_in(anonymous, next=elsewhere).location == "/patients"


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


def test_a_password_with_line_breaks_or_spaces_is_taken_as_it_is(anonymous):
    assert sign_in(anonymous, password=f" {PASSWORD}").status_code == 422


def test_signing_out_ends_the_session_at_once(as_alma, app):
    token = as_alma.get_cookie(app.config["IDENTITY_COOKIE_NAME"]).value

    answer = as_alma.post("/sign-out")

    assert answer.location == "/sign-in"
    as_alma.set_cookie(app.config["IDENTITY_COOKIE_NAME"], token)
    assert as_alma.get("/patients").status_code == 303


def test_signing_out_twice_is_no_error(as_alma):
    as_alma.post("/sign-out")

    assert as_alma.post("/sign-out").location == "/sign-in"


def test_the_front_door_leads_to_the_patients(as_alma):
    assert as_alma.get("/").location == "/patients"


def test_a_form_token_from_before_the_sign_in_is_worth_nothing_after_it(anonymous):
    with anonymous.session_transaction() as session:
        session["csrf_token"] = "planted"

    sign_in(anonymous)

    with anonymous.session_transaction() as session:
        assert session.get("csrf_token") != "planted"


def test_a_session_cookie_is_out_of_reach_for_scripts(anonymous):
    cookie = next(one for one in sign_in(anonymous).headers.getlist("Set-Cookie") if one.startswith("holdwell="))

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age" not in cookie
