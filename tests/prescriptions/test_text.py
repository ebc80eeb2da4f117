import time

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
        "👩‍⚕️ ❤️‍🔥",
        "ന്\u200d",
        "ကြွို့",
        "Nguyễn Thị Bưởi",
        "e\u0301\u0323\u0308\u0304",
        "\u00e9" * 10,
        "=1+1",
        "<b>{{7*7}}</b>",
    ],
)
def test_what_people_type_comes_in(text):
    assert problem(text) is None


REFUSED = [
    *((f"a{chr(code)}b", "control") for code in (0, 7, 9, 10, 13, 27, 31, 127, 128, 159, 0x2028, 0x2029)),
    *((f"a{chr(code)}b", "direction") for code in (0x61C, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069)),
    *((f"a{chr(code)}b", "half a character") for code in (0xD800, 0xDFFF)),
    *((f"a{chr(code)}b", "no character") for code in (0xFDD0, 0xFDEF)),
    *((f"a{chr(plane << 16 | low)}b", "no character") for plane in range(17) for low in (0xFFFE, 0xFFFF)),
    *((f"a{chr(code)}b", "invisible") for code in (0xAD, 0x200B, 0x2060, 0xFEFF, 0x3164, 0xE0041, 0xE007F)),
    *((f"a{chr(code)}b", "invisible") for code in (0x180F, 0xFFF9, 0xFFFC, 0x13430, 0x1BCA0, 0x1D173)),
    *((f"a{chr(code)}b", "invisible") for code in (0x200C, 0x200D, 0xFE00, 0xFE0F)),
    *((f"{chr(code)}b", "invisible") for code in (0x200C, 0x200D, 0xFE0F)),
    ("ب\u200d\u200c", "invisible"),
    ("e" + "\u0301" * 5, "more than 4 marks"),
    ("ก" + "\u0e47" * 5, "more than 4 marks"),
    ("क" + "\u0902\u200d" * 5, "more than 4 marks"),
    ("a\u20dd\u0301\u20dd\u0301\u20dd", "more than 4 marks"),
]
"""What stays out, and a word of the reason."""


@pytest.mark.asvs("1.3.3")
@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_could_hide_or_reorder_text_stays_out(text, reason):
    assert reason in problem(text)


@pytest.mark.asvs("1.3.3")
@pytest.mark.parametrize("text", ["a" * 10**5, "é" * 10**5, "e\u0301" * 50_000, "क\u200d" * 50_000, " " * 10**5])
def test_a_very_long_text_is_read_in_no_time(text):
    begun = time.process_time()

    problem(text)

    assert time.process_time() - begun < 0.25
