"""The same handout gives the same bytes, wherever and whenever it is printed."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256

import pytest

from prescriptions import handout_file
from prescriptions.paper import Printer
from tests.prescriptions.builders_paper import EDITION, ROOT, THE_FOUR, a_handout, a_large_handout, document, printed

PRINT = """
import hashlib, json, sys
from prescriptions.handout_file import from_dict
from prescriptions.paper import print_pdf

print(hashlib.sha256(print_pdf(from_dict(json.load(sys.stdin)))).hexdigest())
"""


def printed_elsewhere(handout, **environment):
    return subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", PRINT],
        cwd=ROOT,
        env=os.environ | environment,
        input=json.dumps(handout_file.to_dict(handout)),
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout.strip()


@pytest.mark.parametrize(("seed", "zone"), [("0", "UTC"), ("1", "Pacific/Kiritimati"), ("4242", "America/Los_Angeles")])
def test_another_process_seed_and_time_zone_give_the_same_bytes(seed, zone):
    handout = a_handout(*THE_FOUR)

    elsewhere = printed_elsewhere(handout, PYTHONHASHSEED=seed, TZ=zone)

    assert elsewhere == sha256(printed(handout)).hexdigest()


def test_what_was_printed_before_leaves_no_trace():
    handout = a_handout()
    first = printed(handout)

    printed(a_large_handout("letter"))

    assert printed(handout) == first


@pytest.mark.asvs("15.4.1")
def test_handouts_printed_at_the_same_time_do_not_mix():
    handouts = [a_handout(), a_handout(*THE_FOUR), a_large_handout("letter")]
    alone = [printed(handout) for handout in handouts]

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(printed, handouts * 2))

    assert together == alone * 2


class Watched(Printer):
    def __init__(self):
        super().__init__()
        self.printing, self.most = 0, 0

    def _laid_out(self, *arguments):
        self.printing += 1
        self.most = max(self.most, self.printing)
        document = super()._laid_out(*arguments)
        self.printing -= 1
        return document


def test_one_handout_is_printed_at_a_time():
    printer = Watched()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(printer.print_pdf, [a_handout()] * 4))

    assert printer.most == 1


def test_the_record_dates_the_pdf_and_the_clock_does_not():
    handout = a_handout(edition=replace(EDITION, issued_on="1999-12-31"))

    facts = document(printed(handout)).metadata

    assert facts.creation_date.date().isoformat() == "1999-12-31"
    assert facts.modification_date.date().isoformat() == "1999-12-31"
