"""Flesch-Kincaid grade without a word list, so that nothing has to be downloaded."""

import re

from textstat import textstat


def grade(text: str) -> float:
    """School grade. Syllables are vowel groups, which rather over- than undercounts."""
    words = re.findall(r"[a-z0-9'-]+", text.lower())
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * textstat.words_per_sentence(text) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)
