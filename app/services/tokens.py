"""Tokens: 256 random bits that name the clinic they are looked up in. Only their hashes are kept."""

import hashlib
import re
import secrets

_TOKEN = re.compile(r"(?:[a-z]{2}_)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.[A-Za-z0-9_-]{43}")


def new_token(clinic_id: str, *, prefix: str = "") -> str:
    """A token of the clinic: "<prefix><clinic>.<random>". The clinic's id in it opens nothing by itself."""
    return f"{prefix}{clinic_id}.{secrets.token_urlsafe(32)}"


def clinic_of(token: str) -> str | None:
    """The clinic in which to look the token up; None for what is no token of ours."""
    found = _TOKEN.fullmatch(token)
    return found.group(1) if found else None


def token_hash(token: str) -> str:
    """What is kept of a token. A fast hash is enough: nobody guesses 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
