"""The press: a worker that hangs or dies costs one handout, never the next."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.errors import PrinterError
from app.services.catalogue import pack
from app.services.printing import COMMAND, Press
from prescriptions import program_file
from prescriptions.brand import UNBRANDED
from prescriptions.errors import UnprintableError
from prescriptions.handout import Edition, compose
from tests.builders import a_file

HANGS = (sys.executable, "-c", "import time; time.sleep(60)")
DIES = (sys.executable, "-c", "raise SystemExit(3)")
BABBLES = (sys.executable, "-c", "print('no answer of ours', flush=True)")
DISCREET = "import os, sys; 'HOLDWELL_SECRET_KEY' in os.environ or os.execv(sys.argv[1], sys.argv[1:])"
PRINTS_ONCE = (
    "import sys; from app.services.print_worker import print_next as p; p(sys.stdin.buffer, sys.stdout.buffer)"
)
ONCE = "import os, sys; os.path.exists(sys.argv[1]) and os.execv(sys.argv[2], sys.argv[2:]); open(sys.argv[1], 'w')"


def a_handout(note="Slow and easy."):
    items = [
        {"exercise": "standing-hamstring-stretch", "side": "left", "repetitions": 3, "hold_seconds": 30, "note": note}
    ]
    program = program_file.read(a_file(items=items), pack())
    return compose(program, pack(), UNBRANDED, Edition("HW-TESTTEST", 1, "2026-11-23"))


@pytest.fixture
def press():
    made = []

    def make(command=COMMAND, **options):
        made.append(Press(command, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_the_same_handout_is_the_same_bytes_from_any_worker(press):
    first, second = press(workers=1), press(workers=1)

    assert first.print(a_handout()) == second.print(a_handout())


def test_what_cannot_be_printed_is_refused_in_the_papers_own_words(press):
    with pytest.raises(UnprintableError, match=r".+"):
        press().print(a_handout("🦵"))


def test_the_press_knows_what_it_has_no_shape_for(press):
    one = press()

    assert (one.without_shape("Zoë Ελένη Дарья"), one.without_shape("王小明 and 王")) == ("", "王小明")


def test_asking_leaves_the_worker_ready(press):
    one = press(workers=1)

    one.without_shape("Anna")

    assert one.print(a_handout()).startswith(b"%PDF-")


def test_a_refusal_leaves_the_worker_ready(press):
    one = press(workers=1)
    with pytest.raises(UnprintableError):
        one.print(a_handout("🦵"))

    assert one.print(a_handout()).startswith(b"%PDF-")


@pytest.mark.asvs("15.2.2", "16.5.2")
def test_a_worker_that_hangs_is_stopped_in_time(press):
    begun = time.monotonic()

    with pytest.raises(PrinterError):
        press(HANGS, seconds=0.5).print(a_handout())

    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("command", [DIES, BABBLES])
def test_a_worker_that_fails_is_an_error_of_its_own(press, command):
    with pytest.raises(PrinterError):
        press(command, seconds=5).print(a_handout())


def test_a_worker_that_died_is_replaced(press, tmp_path):
    fails_at_first = (sys.executable, "-c", ONCE, str(tmp_path / "tried"), *COMMAND)
    one = press(fails_at_first, workers=1)
    with pytest.raises(PrinterError):
        one.print(a_handout())

    assert one.print(a_handout()).startswith(b"%PDF-")


def test_a_worker_that_ended_between_two_handouts_costs_none(press):
    prints_once = (sys.executable, "-P", "-c", PRINTS_ONCE)
    one = press(prints_once, workers=1)
    first = one.print(a_handout())
    worker = one._free.queue[0]  # noqa: SLF001 - only the worker itself knows when it is gone
    while not worker.has_ended():
        time.sleep(0.05)

    assert one.print(a_handout()) == first


@pytest.mark.asvs("15.2.2", "16.5.2")
def test_nobody_waits_for_ever_for_a_free_worker(press):
    one = press(HANGS, workers=1, seconds=0.4)

    with ThreadPoolExecutor(3) as threads:
        errors = [future.exception() for future in [threads.submit(one.print, a_handout()) for _ in range(3)]]

    assert {type(error) for error in errors} == {PrinterError}


@pytest.mark.asvs("13.2.2", "13.3.2")
def test_a_printer_is_not_told_the_services_secrets(press, monkeypatch):
    monkeypatch.setenv("HOLDWELL_SECRET_KEY", "x" * 40)
    tells = (sys.executable, "-c", DISCREET, *COMMAND)

    assert press(tells).print(a_handout()).startswith(b"%PDF-")
