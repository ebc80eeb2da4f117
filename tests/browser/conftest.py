"""Debian's Chromium against a server of its own: a process, a migrated database, a free port."""

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import delete, update

from app import create_app
from app.clock import now
from app.config import ROOT
from app.models import RateCounter, User
from app.services import people
from tests.builders import a_sign_in
from tests.conftest import KEYRING, SECRET, config_for, hang_up
from tests.mailbox import Mailbox
from tests.records import change

CHROMIUM = os.environ.get("HOLDWELL_TEST_CHROMIUM", "/usr/bin/chromium")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The browser's own console says nothing of a broken policy where scripts are off; with scripts on, this does.
TELL = "addEventListener('securitypolicyviolation', (one) => console.log('Content Security', one.violatedDirective))"
START_SECONDS = 60


@dataclass(frozen=True)
class Service:
    """A running server, and the same application on the same database to set the scene with."""

    address: str
    app: Flask
    mailbox: Mailbox
    """The mails that it sends."""

    def user(self, first_name: str) -> User:
        """Somebody of the cast."""
        with self.app.app_context():
            found = people.user_with_address(f"{first_name}@clinic.example")
        assert found is not None
        return found

    def ticket(self, first_name: str) -> str:
        """A session for somebody who has proved who they are."""
        with self.app.app_context():
            at = now() - timedelta(seconds=1)
            return a_sign_in(self.user(first_name), browser="Chrome on Linux", at=at)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def key_file(folder: Path) -> Path:
    """The keys that the cast was engaged with, as an installation keeps them."""
    path = folder / "keys"
    path.touch(mode=0o600)
    lines = [
        f"{purpose} {number} {base64.b64encode(key).decode()}\n"
        for purpose, keys in KEYRING.keys.items()
        for number, key in keys.items()
    ]
    path.write_text("".join(lines))
    return path


def wait_until_it_answers(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(f"{address}/sign-in", timeout=5):  # noqa: S310 - our own server on the loopback
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"The server did not start. Its log: {log.read_text()}")


@pytest.fixture(scope="session")
def service(copies, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A gunicorn on the loopback, as it runs in a clinic but for https. Passkeys need a name: an address has none."""
    url = copies.make(f"browser_{worker_id}")
    port = free_port()
    address = f"http://localhost:{port}"
    folder = tmp_path_factory.mktemp("server")
    log, anchor = folder / "log.txt", folder / "audit-anchor.jsonl"
    environ = os.environ | {
        "DATABASE_URL": url,
        "HOLDWELL_SECRET_KEY": SECRET,
        "HOLDWELL_SECURE_COOKIES": "false",
        "HOLDWELL_TRUSTED_HOSTS": "localhost",
        "HOLDWELL_KEYS": str(key_file(folder)),
        "HOLDWELL_AUDIT_ANCHOR": str(anchor),
        "HOLDWELL_BASE_URL": address,
        "HOLDWELL_MAIL_FOLDER": str(folder / "mail"),
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        "4",
        "wsgi:app",
    ]
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=output)  # noqa: S603 - fixed words
    app = create_app(config_for(url, audit_anchor=anchor, base_url=address))
    try:
        wait_until_it_answers(address, server, log)
        yield Service(address, app, Mailbox(folder / "mail"))
    finally:
        server.terminate()
        server.wait(timeout=20)
        with app.app_context():
            hang_up()
        copies.drop(f"browser_{worker_id}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _a_quarter_of_an_hour_later(service: Service) -> None:
    """All tests of a process share one server: no sign-in of the one before counts against the cast, nor its code."""
    change(service.app, delete(RateCounter))
    change(service.app, update(User).values(totp_last_step=None))


@pytest.fixture
def open_page(chromium: Browser, service: Service) -> Iterator[Callable[..., Page]]:
    """Opens a page for somebody of the cast. No page may break the content policy or ask another host for anything."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.on(
            "request",
            lambda request: complaints.append(request.url) if not request.url.startswith(service.address) else None,
        )

    def opened(who: str = "", **options: object) -> Page:
        context = chromium.new_context(base_url=service.address, **options)
        context.set_default_timeout(15_000)
        context.add_init_script(TELL)
        if who:
            cookie = {"name": "holdwell", "value": service.ticket(who), "url": service.address}
            context.add_cookies([cookie])
        contexts.append(context)
        page = context.new_page()
        watch(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
