"""Searches whose words stand in no address: a form posts them, and the address it leads on to carries them sealed."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import flash, request

from app.errors import InvalidError
from app.pages.forms import nest, text, with_subject
from app.security import current_user
from app.services import searches
from app.services.words import search_problems

NAME = "search"
"""What the sealed words are called in an address."""
LOST = "The search in this address can't be read here, so everything is shown. Type it again."
NOT_TAKEN_AWAY = "The search in this address can't be read here, so nothing is taken away. Search again."


def asked(of: str, fields: Iterable[str]) -> dict[str, str]:
    """The words by field, as the form or the address has them; of one that can't be read, none and a sentence."""
    if request.method == "POST":
        form = nest(request.form)
        return {name: text(form, name).strip() for name in fields}
    words = _in_the_address(of, fields)
    if words is None:
        flash(LOST, "problem")
    return dict.fromkeys(fields, "") | (words or {})


def asked_for_good(of: str, fields: Iterable[str]) -> dict[str, str]:
    """The same for what leaves the service. Raises InvalidError: without its search it would be more than was meant."""
    words = _in_the_address(of, fields)
    if words is None:
        raise InvalidError({NAME: [NOT_TAKEN_AWAY]})
    return dict.fromkeys(fields, "") | words


def query(words: Mapping[str, str]) -> dict[str, Any]:
    """What an address of this request's list has to carry on; nothing where nothing was searched for."""
    return {NAME: request.args[NAME]} if any(words.values()) else {}


def sealed(of: str, words: Mapping[str, str]) -> dict[str, Any]:
    """The part of an address that carries the words; without any word, none."""
    word = searches.sealed(words, of=of, by=current_user())
    return {NAME: word} if word else {}


def problems(words: Mapping[str, str], subjects: Mapping[str, str]) -> dict[str, str]:
    """What can't be searched for, by field, each a sentence with its subject."""
    found = {name: search_problems(words[name]) for name in subjects}
    return {name: with_subject(subjects[name], sentences[0]) for name, sentences in found.items() if sentences}


def _in_the_address(of: str, fields: Iterable[str]) -> dict[str, str] | None:
    if any(request.args.get(name) for name in fields):
        return None  # readable words: an address from before they were sealed, or one made by hand
    given = request.args.get(NAME, "")
    return searches.opened(given, of=of, by=current_user()) if given else {}
