"""The shorter way into WeasyPrint leads to the same paper as the usual one."""

import pytest
from weasyprint import HTML

from prescriptions import paper
from prescriptions.layouts import LAYOUTS
from tests.prescriptions.builders_paper import PATIENT, THE_FOUR, a_full_handout, a_handout, printed, the_printer


def test_the_shorter_way_prints_the_same_bytes(monkeypatch):
    name = '<b>\u00c9va & "Ο\'Ν"</b>'
    handout = a_handout(*THE_FOUR, weeks=14, patient=PATIENT | {"name": name})
    shorter = printed(handout)

    monkeypatch.setattr(paper, "Page", lambda text, fetcher: HTML(string=text, base_url=None, url_fetcher=fetcher))

    assert printed(handout) == shorter


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_is_well_formed_so_that_the_shorter_way_is_taken(layout, monkeypatch):
    monkeypatch.setattr(HTML, "__init__", lambda *_, **__: pytest.fail("the page was read the long way"))

    the_printer().print_pdf(a_full_handout(THE_FOUR[0], layout=layout))


def test_what_is_not_well_formed_is_printed_all_the_same():
    assert the_printer().write('<html lang="en"><title>x</title><h1>x<br>y').startswith(b"%PDF-")
