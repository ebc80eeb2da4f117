"""A mail server on the loopback that keeps what it is given. It speaks just enough of RFC 5321."""

import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Thread


@dataclass
class Delivery:
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    raw: bytes = b""

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=default)


@dataclass
class MailBox:
    """The server's address, and what has arrived."""

    port: int = 0
    greeted_as: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    refusal: str = ""
    """What every recipient is answered with, such as "550 no such mailbox"."""
    is_mute: bool = False
    """Takes connections and says nothing."""
    certificate: Path | None = None
    """With its key: what it speaks TLS with."""
    waits_for_starttls: bool = False
    """Whether TLS begins when it is asked for, and not at once."""


class Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        box: MailBox = self.server.box
        if box.is_mute:
            self.rfile.read(1)
            return
        with suppress(ssl.SSLError):  # the other side took our certificate for none
            self.converse(box)

    def converse(self, box: MailBox) -> None:
        if box.certificate and not box.waits_for_starttls:
            self.begin_tls(box.certificate)
        self.say("220 loopback")
        delivery = Delivery()
        while line := self.rfile.readline().decode("utf-8").rstrip("\r\n"):
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb == "STARTTLS":
                self.say("220 go on")
                self.begin_tls(box.certificate)
            else:
                delivery = self.answer(verb, rest, delivery)

    def answer(self, verb: str, rest: str, delivery: Delivery) -> Delivery:
        box: MailBox = self.server.box
        if verb in {"EHLO", "HELO"}:
            box.greeted_as.append(rest)
            self.say("250-loopback", *(["250-STARTTLS"] if box.waits_for_starttls else []), "250 AUTH PLAIN")
        elif verb == "AUTH":
            box.logins.append(rest)
            self.say("235 welcome")
        elif verb == "MAIL":
            delivery.sender = rest
            self.say("250 fine")
        elif verb == "RCPT":
            delivery.recipients.append(rest)
            self.say(box.refusal or "250 fine")
        elif verb == "DATA":
            self.say("354 go on")
            delivery.raw = self.body()
            box.deliveries.append(delivery)
            self.say("250 kept")
            return Delivery()
        else:
            self.say("250 fine")
        return delivery

    def begin_tls(self, certificate: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def body(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    box: MailBox


@contextmanager
def a_mail_server(**habits: object) -> Iterator[MailBox]:
    box = MailBox(**habits)
    with Server(("127.0.0.1", 0), Conversation) as server:
        server.box = box
        box.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
