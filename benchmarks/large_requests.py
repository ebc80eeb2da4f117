"""What it costs to refuse a form that was made to cost: processor seconds for each, on a database of its own.

usage: .venv/bin/python -P benchmarks/large_requests.py     from the checkout, with PYTHONPATH=.
"""

import io
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig

from app import create_app
from app.config import ROOT, Config
from app.keyring import KEY_LENGTH, PURPOSES, Keyring

MOST_SECONDS = 1.0
KIND = "multipart/form-data; boundary=x"
HEAD = b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n'


def bombs() -> Iterator[tuple[str, bytes, str]]:
    """Name, body, content type."""
    yield "100,000 parts", b"".join(HEAD % number + b"\r\n" for number in range(100_000)) + b"--x--\r\n", KIND
    yield "15,000 parts", b"".join(HEAD % number + b"\r\n" for number in range(15_000)) + b"--x--\r\n", KIND
    for size in (10, 1):
        for name, piece in {"CR and LF": b"\r\n", "LF": b"\n", "CR": b"\r", "half boundaries": b"\r\n--"}.items():
            filler = piece * ((size * 1024 * 1024 - 500) // len(piece))
            yield f"{size} MiB of {name}", HEAD % 1 + filler + b"\r\n--x--\r\n", KIND
            file = HEAD.replace(b'%d"', b'1"; filename="f"') + filler + b"\r\n--x--\r\n"
            yield f"{size} MiB of {name} in a file", file, KIND
    yield "a million fields", b"a=&" * 340_000, "application/x-www-form-urlencoded"
    yield "a header without end", b"--x\r\nContent-Disposition: " + b"a" * 1_000_000, KIND
    yield "deep JSON", b"[" * 250_000, "application/json"


def main() -> None:
    """Send each of them, with and without its length, and print what came of it."""
    keys = Keyring({purpose: {1: b"-" * KEY_LENGTH} for purpose in PURPOSES})
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/benchmark.db"
        config = AlembicConfig(toml_file=ROOT / "pyproject.toml")
        config.attributes["database_url"] = url
        command.upgrade(config, "head")
        anchor = Path(folder) / "anchor.jsonl"
        app = create_app(Config(secret_key="x" * 32, database_url=url, keyring=keys, audit_anchor=anchor))
        slowest = max(_timed(app.test_client(), *bomb, is_chunked) for bomb in bombs() for is_chunked in (False, True))
    print(f"slowest: {slowest:.2f} s; at most {MOST_SECONDS} s are fine")
    raise SystemExit(slowest > MOST_SECONDS)


def _timed(browser: object, name: str, body: bytes, kind: str, is_chunked: bool) -> float:  # noqa: FBT001 - a script
    given = {"input_stream": io.BytesIO(body), "content_type": kind, "method": "POST"}
    # A server that has undone the chunks says that the stream ends by itself, and not how long it is.
    if is_chunked:
        given["environ_overrides"] = {"wsgi.input_terminated": True}
    else:
        given["content_length"] = len(body)
    begun = time.process_time()
    path = "/api/v1/check" if kind.endswith("json") else "/sign-in"
    answer = browser.open(path, **given)  # type: ignore[attr-defined]  # a test client
    spent = time.process_time() - begun
    print(f"{spent:6.2f} s  {answer.status_code}  {name}{', chunked' if is_chunked else ''}")
    return spent


main()
