"""What went wrong with requests in other systems: paths, addresses, line breaks, parts and lists without an end.

Which test answers which advisory stands in advisories.toml.
"""

import re
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from app.config import ROOT
from app.edges import LARGEST_FORM, LARGEST_JSON, LARGEST_UPLOAD
from app.policy import SIGN_OUT
from tests.builders import SUPINE, a_file
from tests.naughty import MARK
from tests.security.forms import Forms
from tests.security.test_sessions import parameters
from tests.security.walking import Call, a_world, ask, calls, pages_to_read
from tests.watching import watched

EDGE = "edge-of-a-part"
MULTIPART = f"multipart/form-data; boundary={EDGE}"
SOON_SECONDS = 1.0
"""Of the processor's time, which a busy machine does not lengthen."""


@contextmanager
def soon():
    """What is inside costs no more than a moment of this process."""
    began = time.process_time()
    yield
    assert time.process_time() - began < SOON_SECONDS


@pytest.fixture
def world(app, alma):
    """Something of each kind."""
    with app.app_context():
        return a_world(alma)


def asking(call: Call, *values: str) -> dict[str, object]:
    """The values under all names that the service reads anywhere, in the address and in what is sent."""
    start = sum(map(ord, call.path))  # another value for a name in each call
    fields = {name: values[(start + place) % len(values)] for place, name in enumerate(parameters())}
    sent = {"json": fields} if call.is_api else {"data": fields}
    return {"query_string": fields} | (sent if call.changes else {})


def asked(app, world):
    """Every call but the one that would end the round."""
    return [call for call in calls(app, world) if call.endpoint != SIGN_OUT]


def in_the_path(app, *values):
    """Every route that takes something from its path, with each value in its place."""
    for call in calls(app):
        for value in values if call.rule.arguments else ():
            yield replace(call, path=re.sub(r"<[^>]*>", value, call.rule.rule))


def into_every_field(browser, app, world, value):
    """Send each form with the value in all that can be typed."""
    for call in pages_to_read(app, world):
        page = ask(browser, call)
        for form in Forms(page.text, call.path).found if page.mimetype == "text/html" else []:
            if form.method == "POST" and form.typed:
                browser.post(form.action, data=form.fields | dict.fromkeys(form.typed, value)).close()


def test_no_word_of_a_request_opens_a_file_or_a_connection(app, as_alma, as_ada, world, tmp_path):
    secret = tmp_path / f"{MARK}.txt"
    secret.write_text("Read by somebody.")
    above = "../" * (len(ROOT.parts) + 3) + str(secret)[1:]
    addresses = f"http://127.0.0.1:9/{MARK}", f"//127.0.0.1:9/{MARK}"

    with watched("open", "socket.connect", "subprocess.Popen") as seen:
        answers = [ask(as_alma, one, **asking(one, str(secret), above, *addresses)) for one in asked(app, world)]
        spelled = str(secret), above, above.replace("/", "%2f"), addresses[0]
        answers += [ask(as_alma, one) for one in in_the_path(app, *spelled)]
        into_every_field(as_alma, app, world, str(secret))
        into_every_field(as_ada, app, world, addresses[0])

    assert seen
    assert [what for what in seen if MARK in str(what) or "127.0.0.1" in str(what)] == []
    assert [answer.request.path for answer in answers if b"Read by somebody." in answer.data] == []


BREAKS = ("\r\nSet-Cookie: evil=1\r\n\r\n<h1>evil", "\nevil: 1", "\x00\revil: 1", "\u560d\u560aevil: 1")


def test_no_line_break_of_a_request_ends_a_header(app, as_alma, world):
    found = {}
    for call in asked(app, world):
        answer = ask(as_alma, call, **asking(call, *(f"/x{broken}" for broken in BREAKS)))
        split = [one for one in answer.headers if {"\r", "\n", "\x00"} & set("".join(one)) or "evil" in one[0]]
        if split or "evil" in answer.headers.get("Set-Cookie", "") or answer.status_code >= 500:
            found[call.path] = answer.status_code, split

    assert found == {}


def part(content: bytes = b"") -> bytes:
    return f'--{EDGE}\r\nContent-Disposition: form-data; name="a"\r\n\r\n'.encode() + content + b"\r\n"


def upload(*, size: int, of: bytes) -> bytes:
    """A body of that size: one part made of this, or many parts that hold it."""
    return (part(of * (size // len(of))) if of else part() * (size // len(part()))) + f"--{EDGE}--\r\n".encode()


@pytest.mark.parametrize("of", [b"\r\n", b"\r", b"\n--", f"\r\n--{EDGE}"[:-1].encode(), b""], ids=ascii)
@pytest.mark.parametrize(
    ("path", "largest"), [("/clinic/logo/change", LARGEST_UPLOAD), ("/clinic/details", LARGEST_FORM)]
)
def test_a_form_of_parts_and_line_breaks_is_read_soon_or_not_at_all(as_ada, path, largest, of):
    as_largest, too_large = (upload(size=size, of=of) for size in (largest - 500, 10_000_000))

    with soon():
        read = as_ada.post(path, data=as_largest, content_type=MULTIPART)
    with soon():
        unread = as_ada.post(path, data=too_large, content_type=MULTIPART)

    assert read.status_code in {400, 413, 422}
    assert unread.status_code == 413


LISTS = {
    "nothing": "null",
    "empty": "{}",
    "lists": "[]",
    "unknown": '{"a":1}',
    "half": f'{{"exercise":"{SUPINE}"}}',
    "wrong": f'{{"exercise":"{SUPINE}","side":"up","repetitions":"x","hold_seconds":null}}',
}


@pytest.mark.parametrize("one", LISTS.values(), ids=LISTS)
def test_a_list_full_of_faults_is_refused_soon(as_alma, one):
    many = ",".join([one] * (LARGEST_JSON // (len(one) + 1) - 200))
    body = f'{{"format":"holdwell-program/1","items":[{many}]}}'

    with soon():
        answer = as_alma.post("/api/v1/check", data=body, content_type="application/json")

    assert answer.status_code == 422


def test_a_good_list_in_its_place_is_read(as_alma):
    assert as_alma.post("/api/v1/check", json=a_file()).status_code == 200
