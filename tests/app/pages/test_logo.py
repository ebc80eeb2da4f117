"""The logo on the screen: uploaded by an administrator, shown to the clinic's own people."""

import pytest

from tests.pictures import OTHERS, SVGS, a_bomb, a_logo, opened

EDGE = b"----edge-of-a-part"


def upload(browser, octets: bytes, name: str = "logo.png", kind: str = "image/png"):
    head = f'Content-Disposition: form-data; name="logo"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    body = b"--" + EDGE + b"\r\n" + head.encode() + octets + b"\r\n--" + EDGE + b"--\r\n"
    content_type = f"multipart/form-data; boundary={EDGE.decode()}"
    return browser.post("/clinic/logo/change", data=body, content_type=content_type)


def address_of(browser) -> str:
    page = browser.get("/clinic").text
    return page.split('<img src="')[1].split('"')[0]


def test_an_uploaded_logo_is_shown_to_the_clinic(as_ada, as_alma):
    answer = upload(as_ada, a_logo())

    assert answer.status_code == 303
    picture = as_alma.get(address_of(as_ada))
    assert opened(picture.data).size == (240, 80)


@pytest.mark.asvs("3.2.1", "5.3.1")
def test_a_logo_is_served_as_a_picture_that_can_do_nothing(as_ada):
    upload(as_ada, a_logo() + b"<script>alert(1)</script>", "logo.html", "text/html")

    picture = as_ada.get(address_of(as_ada))

    assert picture.headers["Content-Type"] == "image/png"
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert picture.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert picture.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert b"script" not in picture.data


def test_a_logo_is_kept_by_the_browser_of_whoever_may_see_it_and_nobody_else(as_ada):
    upload(as_ada, a_logo())
    address = address_of(as_ada)

    assert as_ada.get(address).headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert as_ada.get("/clinic/logo").headers["Cache-Control"] == "no-store"
    assert as_ada.get("/clinic/logo?v=ffffffffffff").headers["Cache-Control"] == "no-store"


def test_a_new_logo_has_a_new_address(as_ada):
    upload(as_ada, a_logo())
    before = address_of(as_ada)

    upload(as_ada, a_logo(colour=(0, 0, 200)))

    assert address_of(as_ada) != before


def test_a_logo_is_shown_to_nobody_else(as_ada, as_boris, anonymous):
    upload(as_ada, a_logo())
    address = address_of(as_ada)

    assert as_boris.get(address).status_code == 404
    assert anonymous.get(address).status_code == 303


def test_without_a_logo_there_is_no_picture(as_alma):
    assert as_alma.get("/clinic/logo").status_code == 404


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (SVGS["script"], "This is no PNG and no JPEG picture."),
        (OTHERS["gif"], "This is no PNG and no JPEG picture."),
        (a_bomb(), "The picture measures 13000 by 13000 pixels"),
        (b"", "The one that came was empty."),
        (a_logo() + bytes(2_000_000), "at most 2 MB fit."),
    ],
    ids=["svg", "gif", "bomb", "empty", "heavy"],
)
def test_a_file_that_is_refused_is_refused_with_what_would_help(as_ada, octets, words):
    answer = upload(as_ada, octets)

    assert answer.status_code == 422
    assert '<a href="#logo">' in answer.text
    assert words in answer.text
    assert "There is no logo yet." in as_ada.get("/clinic").text


def test_three_megabytes_do_not_get_past_the_door(as_ada):
    assert upload(as_ada, bytes(3_000_000)).status_code == 413


def test_a_form_without_a_file_asks_for_one(as_ada):
    answer = as_ada.post("/clinic/logo/change", data={})

    assert answer.status_code == 422
    assert "Choose a PNG or JPEG file." in answer.text


def test_a_logo_can_be_removed(as_ada):
    upload(as_ada, a_logo())

    answer = as_ada.post("/clinic/logo/remove", follow_redirects=True)

    assert "Logo removed." in answer.text
    assert as_ada.get("/clinic/logo").status_code == 404
