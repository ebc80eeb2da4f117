"""How hard a text is to read."""

import textstat


def grade(text: str) -> float:
    """Flesch-Kincaid school grade; syllables come from a dictionary that is installed, nothing is downloaded."""
    return textstat.flesch_kincaid_grade(text)
