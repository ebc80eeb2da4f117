"""Where mails go: a mail server, a folder, or nowhere. Read from the settings, and refused where they are wrong."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

LONGEST_ADDRESS = 254
_ATEXT = r"[A-Za-z0-9!#$%&'*+/^_`{|}~-]+"
# Without "=" and "?": Python before 3.11.10 decodes =?...?= in a header's value, line breaks and all (CVE-2024-6923).
_ADDRESS = re.compile(
    rf"{_ATEXT}(?:\.{_ATEXT})*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
)
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_PORTS_IN_WORDS = "smtps://, smtp+starttls://, or smtp:// on this machine"


class PostError(ValueError):
    """A setting of the mail that can't be used."""

    def __init__(self, setting: str, problem: str) -> None:
        """Name the setting and say what is wrong with it, without repeating a password."""
        self.setting, self.problem = setting, problem
        super().__init__(f"{setting} {problem}")


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes mails from us."""

    security: str
    """"smtps", "smtp+starttls", or "smtp" for a server on this very machine."""
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Post:
    """How mails leave, if at all."""

    sender: str = ""
    server: MailServer | None = None
    folder: Path | None = None
    """For trials: every mail becomes a file here and is sent to nobody."""

    @property
    def is_on(self) -> bool:
        """Whether mails leave at all."""
        return self.server is not None or self.folder is not None


OFF = Post()


def is_address(text: str) -> bool:
    """Whether a mail can be sent to ``text``: the plain kind of address, in ASCII."""
    return len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def post_of(*, server: str, sender: str, folder: str) -> Post:
    """From the settings HOLDWELL_SMTP, HOLDWELL_MAIL_FROM and HOLDWELL_MAIL_FOLDER. Raises PostError."""
    if server and folder:
        raise PostError(
            "HOLDWELL_MAIL_FOLDER", "can't stand beside HOLDWELL_SMTP: mails go to the one or to the other."
        )
    if server:
        return Post(_sender(sender), server=_server(server))
    return Post(_sender(sender or "holdwell@localhost"), folder=Path(folder).absolute()) if folder else OFF


def _sender(address: str) -> str:
    if not address:
        raise PostError("HOLDWELL_MAIL_FROM", "is missing: say which address the mails come from.")
    if not is_address(address):
        raise PostError("HOLDWELL_MAIL_FROM", "must be a plain address, such as holdwell@clinic.example.")
    return address


def _server(address: str) -> MailServer:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise PostError("HOLDWELL_SMTP", "is no address of a mail server.") from error
    _refuse_shape(parts)
    if parts.scheme == "smtp" and not _is_this_machine(host):
        # A link in a mail opens an account; in the clear, whoever listens has it first.
        raise PostError("HOLDWELL_SMTP", "must use smtps:// or smtp+starttls:// for a server on another machine.")
    return MailServer(parts.scheme, host, port or _PORTS[parts.scheme], _word(parts.username), _word(parts.password))


def _word(quoted: str | None) -> str:
    word = unquote(quoted or "")
    if not word.isascii():
        raise PostError("HOLDWELL_SMTP", "must have a user and a password in ASCII; smtplib takes no others.")
    return word


def _refuse_shape(parts: SplitResult) -> None:
    has_more = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme not in _PORTS or not parts.hostname or has_more:
        raise PostError(
            "HOLDWELL_SMTP", f"must look like smtps://user:password@host:port; it begins with {_PORTS_IN_WORDS}."
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
