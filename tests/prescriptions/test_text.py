import pytest

from prescriptions.text import problem


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Anna",
        "Zoë Müller",
        "Ελένη",
        "Дарья",
        "O’Neill-Ångström",
        "שרה",
        "10 °C – “ok”",
        "👍",
        "می\u200cخواهم",
        "=1+1",
        "<b>{{7*7}}</b>",
    ],
)
def test_what_people_type_comes_in(text):
    assert problem(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        *((f"a{chr(code)}b", "control") for code in (0, 7, 9, 10, 13, 27, 31, 127, 128, 159, 0x2028, 0x2029)),
        *((f"a{chr(code)}b", "direction") for code in (0x61C, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069)),
        *((f"a{chr(code)}b", "half a character") for code in (0xD800, 0xDFFF)),
        *((f"a{chr(code)}b", "no character") for code in (0xFDD0, 0xFFFE, 0xFFFF, 0x1FFFE)),
        *((f"a{chr(code)}b", "invisible") for code in (0xAD, 0x200B, 0x2060, 0xFEFF, 0x3164, 0xE0041)),
    ],
)
def test_what_could_hide_or_reorder_text_stays_out(text, reason):
    assert reason in problem(text)
