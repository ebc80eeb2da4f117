"""One family of errors. ``str(error)`` is always a sentence fit to show a clinician."""

from collections.abc import Mapping, Sequence


class PrescriptionError(Exception):
    """Anything this package refuses to do."""


class MalformedError(PrescriptionError):
    """A program file that does not have the documented shape."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Keep ``errors``: path in the file ("items[0].hold_seconds") to its messages, every problem at once."""
        self.errors = {path: tuple(messages) for path, messages in errors.items()}
        problems = "; ".join(f"{path}: {' '.join(messages)}" for path, messages in self.errors.items())
        super().__init__(f"The program file is malformed. {problems}")


class PackError(PrescriptionError):
    """A catalogue pack that does not load."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        """Name the ``file`` inside the pack, the ``key`` in it, and what is wrong, the offending value included."""
        self.file, self.key, self.reason = file, key, reason
        super().__init__(f"{file}: {key}: {reason}")


class NotIssuableError(PrescriptionError):
    """A program whose verdict does not allow a handout."""

    def __init__(self, verdict: str) -> None:
        """Keep the verdict: "blocked" or "needs-acknowledgement"."""
        self.verdict = verdict
        what = "is blocked" if verdict == "blocked" else "has cautions that need a reason"
        super().__init__(f"This program {what}. See the findings; no handout was made.")


class UnprintableError(PrescriptionError):
    """A handout that cannot be printed faithfully: a font is missing, or has no shape for a character."""


class UnreadableError(PrescriptionError):
    """A file that is no PDF, or holds no program file."""
