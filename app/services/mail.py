"""Mails: short, in plain text, and without a word about any patient. Sent after the commit, never amid a transaction.

No typed text stands in a header: subjects are ours, and an address is of the plain kind (``app.post.is_address``).
"""

import logging
import os
import secrets
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.config import ROOT
from app.errors import MailError
from app.post import OFF, MailServer, Post, is_address

TIMEOUT_SECONDS = 10
"""For each step of the conversation with the mail server: somebody waits for the page."""

# No autoescape, on purpose and here only: a mail is plain text, and "&amp;" in a name would be wrong in it.
_TEXTS = Environment(
    loader=FileSystemLoader(ROOT / "templates" / "mail"),
    autoescape=False,  # noqa: S701 - see above
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_installed: list[Post] = [OFF]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person."""

    to: str
    template: str
    """Its file in templates/mail, whose first line is the subject."""
    words: Mapping[str, str]
    """What the template may name."""


def install(post: Post) -> None:
    """Send mails that way from now on, in the whole process."""
    _installed[:] = [post]


def is_on() -> bool:
    """Whether mails leave at all. Where not, whoever acts has to pass the link on by themselves."""
    return _installed[0].is_on


def send(letter: Letter, *, at: datetime) -> None:
    """Hand the letter over; where mail is off, nothing happens. Raises MailError."""
    post = _installed[0]
    if not post.is_on:
        return
    message = _message(letter, post.sender, at=at)
    try:
        if post.folder is not None:
            _keep(message, post.folder, at=at)
        if post.server is not None:
            _hand_over(message, post.server, domain=_domain(post.sender))
    except (OSError, smtplib.SMTPException) as error:  # ssl's errors and a timeout are an OSError
        _log.error("A mail could not be handed over: %s", type(error).__name__)  # the rest may hold an address
        raise MailError from error


def _message(letter: Letter, sender: str, *, at: datetime) -> EmailMessage:
    if not is_address(letter.to):
        raise MailError
    words = {name: " ".join(value.split()) for name, value in letter.words.items()}
    subject, _, text = _TEXTS.get_template(f"{letter.template}.txt").render(words).partition("\n\n")
    message = EmailMessage(policy=SMTP)
    message["From"] = f"Holdwell <{sender}>"
    message["To"] = letter.to
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = make_msgid(domain=_domain(sender))
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers to it
    # In one piece where it can be: quoted-printable would break the link for whoever reads the file.
    message.set_content(text, cte="7bit" if text.isascii() else "quoted-printable")
    return message


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2]


def _keep(message: EmailMessage, folder: Path, *, at: datetime) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.eml"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(message.as_bytes())


def _hand_over(message: EmailMessage, server: MailServer, *, domain: str) -> None:
    context = ssl.create_default_context()
    # The name we greet with is given: smtplib would look up this machine's own name, and wait for it.
    if server.security == "smtps":
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, local_hostname=domain, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        client = smtplib.SMTP(server.host, server.port, local_hostname=domain, timeout=TIMEOUT_SECONDS)
    with client:
        if server.security == "smtp+starttls":
            client.starttls(context=context)
        if server.user:
            client.login(server.user, server.password)
        client.send_message(message)
