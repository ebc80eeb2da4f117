"""The press: a worker that hangs or dies costs one handout, never the next."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from app.errors import PrinterError
from app.services import print_worker, printing
from app.services.catalogue import pack
from app.services.printing import COMMAND, Press
from prescriptions import handout_file, program_file
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

STUBBORN = """
from app.services import print_worker
print_worker.CPU_SECONDS = 3
def answer(text):
    while b"Slow" not in text:
        pass
    return really(text)
really, print_worker._answer = print_worker._answer, answer
print_worker.main()
"""
LABOURS = """
import time
from app.services import print_worker
print_worker.CPU_SECONDS = 1
def answer(text):
    begun = time.process_time()
    while time.process_time() - begun < 0.5:
        pass
    return b"done"
print_worker._answer = answer
print_worker.main()
"""
SPEAKS = """
import os, struct, sys
while head := sys.stdin.buffer.read(8):
    sys.stdin.buffer.read(struct.unpack(">Q", head)[0])
    kind, said = b"{kind}", {said}.encode()
    sys.stdout.buffer.write(struct.pack(">cQ", kind, len(said)) + said)
    sys.stdout.buffer.flush()
"""
"""A worker of few words, for what the press does with its answers."""


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


def running(script, **words):
    return (sys.executable, "-P", "-c", script.format(**words) if words else script)


TELLS_ITSELF = running(SPEAKS, kind="P", said="str(os.getpid())")


def test_a_handout_that_takes_too_much_work_is_ended_by_the_kernel_and_the_next_is_printed(press):
    one = press(running(STUBBORN), workers=1, seconds=30)
    begun = time.monotonic()

    with pytest.raises(PrinterError):
        one.print(a_handout("Busy."))

    assert time.monotonic() - begun < 30  # or it was the press that lost its patience
    assert one.print(a_handout("Slow.")).startswith(b"%PDF-")


def test_what_was_printed_before_takes_nothing_from_the_next_handouts_time(press):
    one = press(running(LABOURS), workers=1)

    assert [one.print(a_handout()) for _ in range(3)] == [b"done"] * 3


def test_whatever_goes_wrong_is_answered_without_a_patients_name(monkeypatch, capsys):
    answers = BytesIO()
    monkeypatch.setattr(print_worker, "print_pdf", lambda handout: int(handout.exercises[0].note))
    text = json.dumps(handout_file.to_dict(a_handout())).encode()

    assert print_worker.print_next(BytesIO(print_worker.LENGTH.pack(len(text)) + text), answers)

    said = capsys.readouterr().err
    assert answers.getvalue().endswith(b"ValueError")
    assert "in _answer" in said
    assert "Slow" not in said


def test_an_unexpected_failure_is_an_error_and_costs_the_worker(press):
    one = press(running(SPEAKS, kind="F", said="str(os.getpid())"), workers=1)

    failures = []
    for _ in range(2):
        with pytest.raises(PrinterError, match=r"Printing failed \(\d+\)") as failed:
            one.print(a_handout())
        failures.append(str(failed.value))

    assert len(set(failures)) == 2


def test_a_worker_that_has_printed_enough_is_replaced(press):
    one = press(TELLS_ITSELF, workers=1, prints=2)

    processes = [one.print(a_handout()) for _ in range(5)]

    assert [processes.count(process) for process in dict.fromkeys(processes)] == [2, 2, 1]


def test_a_server_that_forks_prints_in_both_processes_and_leaves_none_behind(press):
    one = press(TELLS_ITSELF, workers=2)
    before = int(one.print(a_handout()))
    reading, writing = os.pipe()

    child = os.fork()
    if child == 0:
        one.begin_anew()
        os.write(writing, one.print(a_handout()))
        one.close()
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        other = int(pipe.read())

    assert other != before
    assert int(one.print(a_handout())) == before
    with pytest.raises(ProcessLookupError):
        os.kill(other, 0)


def test_a_press_that_was_closed_prints_again(press):
    one = press(TELLS_ITSELF, workers=2)
    first = one.print(a_handout())

    one.close()

    assert one.print(a_handout()) != first


def test_who_starts_the_service_is_told_what_the_printer_lacks(press, monkeypatch):
    sentences = []
    for kind in "FR":
        monkeypatch.setattr(printing, "_PRESS", press(running(SPEAKS, kind=kind, said="'Install a font.'"), workers=1))
        sentences += printing.doubts()

    assert sentences == [
        "The printer does not start. See above what it lacks, or run bin/setup, which installs it.",
        "Install a font.",
    ]
