"""A folder that gets the mails of the service under test, and what stands in them."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Mailbox:
    folder: Path

    def letters(self, to: str = "") -> list[EmailMessage]:
        """Oldest first."""
        paths = sorted(self.folder.glob("*.eml")) if self.folder.exists() else []
        found = [message_from_bytes(path.read_bytes(), policy=default) for path in paths]
        return [letter for letter in found if not to or letter["To"] == to]

    def link(self, to: str = "") -> str:
        """The whole address in the newest letter."""
        found = re.search(r"https?://\S+", self.letters(to)[-1].get_content())
        assert found is not None
        return found[0]

    def path(self, to: str = "") -> str:
        """The same, without scheme and host."""
        return urlsplit(self.link(to)).path
