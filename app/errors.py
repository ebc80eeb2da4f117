"""One family of errors. ``str(error)`` is always a sentence fit to show a clinician."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar


class HoldwellError(Exception):
    """Anything this service refuses to do."""


class NotFoundError(HoldwellError):
    """There is no such thing, or it belongs to another clinic: the answer is the same."""

    SHORT_LIVED: ClassVar[Mapping[str, str]] = {
        "draft": (
            "This draft is no longer here: it was issued or discarded. "
            "An issued program stands on the patient's page and in the history."
        ),
    }
    """What comes and goes in a day's work: the way back from an issued draft leads to nothing."""

    def __init__(self, noun: str) -> None:
        """Name what was looked for, never its id."""
        super().__init__(self.SHORT_LIVED.get(noun, f"There is no such {noun} in your clinic."))


class NotSignedInError(HoldwellError):
    """Nobody is signed in, or the sign-in has ended."""

    def __init__(self) -> None:
        super().__init__("Sign in to go on.")


class SignInError(HoldwellError):
    """A sign-in that failed. One sentence for every cause: it must not tell whether the person exists."""

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is not right.")


class ProviderSignInError(HoldwellError):
    """A sign-in by a clinic's identity provider that failed. One sentence for every cause, and for every clinic."""

    def __init__(self) -> None:
        super().__init__(
            "Signing in with your clinic's account did not work. Start again. If it fails once more, ask the "
            "administrator of your clinic: only those are let in whom the clinic has invited."
        )


class NotConnectedError(ProviderSignInError):
    """Somebody whom the provider has proved, and whom nobody here is connected to. One sentence, whoever they are."""

    def __init__(self) -> None:
        super(ProviderSignInError, self).__init__(
            "Your clinic's account is not connected to an account on Holdwell yet. If you have a password here, sign "
            "in with it and connect the two under “Your account”. If you were invited, open the link of the invitation "
            "and go on from there. In any other case ask the administrator of your clinic."
        )


class CodeError(HoldwellError):
    """A second factor that was wrong, or was used before."""

    def __init__(self) -> None:
        super().__init__("The code is not right, or it was used before. Wait for the next one and try again.")


class SecondFactorNeededError(HoldwellError):
    """A sign-in that is only half done."""

    def __init__(self) -> None:
        super().__init__("Your sign-in is not complete: the second step is missing.")


class ProofNeededError(HoldwellError):
    """Something for which everybody has to prove anew who they are."""

    def __init__(self) -> None:
        super().__init__("This needs a fresh proof that it is you. Confirm it and try again.")


class TooManyError(HoldwellError):
    """More of something than is let through in a while."""

    def __init__(self, seconds: int, *, is_news: bool = False) -> None:
        """Keep after how many ``seconds`` it can be tried again, and whether nobody has heard of it yet."""
        self.seconds, self.is_news = seconds, is_news
        minutes = -(-seconds // 60)
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"That was tried too often. Wait {wait} and try again.")


class NotAllowedError(HoldwellError):
    """Somebody whose role does not include this."""

    def __init__(self) -> None:
        super().__init__("Your role in the clinic does not include this.")


class NotInCareError(NotAllowedError):
    """A record that the clinic opens to its care team only."""

    def __init__(self, patient_id: str) -> None:
        """Keep whose it is: in an emergency, there is a way in."""
        self.patient_id = patient_id
        super(NotAllowedError, self).__init__(
            "This patient is not in your care. Ask a colleague of the care team to add you. "
            "In an emergency you can open the record yourself: it is recorded, and your administrators are told."
        )


class OutOfScopeError(NotAllowedError):
    """An API token that was not made for this."""

    def __init__(self) -> None:
        super(NotAllowedError, self).__init__("This token was not made for that. Make one with the scope it needs.")


class ForgedRequestError(HoldwellError):
    """A request that does not come from one of our own pages."""

    def __init__(self) -> None:
        super().__init__(
            "This page was open for too long, or the request came from elsewhere. Load the page and try again."
        )


class InvalidError(HoldwellError):
    """Values that can't be kept as they are."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Keep ``errors``: field to its messages, every problem at once."""
        self.errors = {field: tuple(messages) for field, messages in errors.items()}
        super().__init__(" ".join(message for messages in self.errors.values() for message in messages))


class ConflictError(HoldwellError):
    """Something that does not go together with what the clinic's records say now."""


class StaleError(ConflictError):
    """A save that started from an older revision than the newest."""

    def __init__(self, *, current: Mapping[str, object], revision: int, by: str | None, at: datetime) -> None:
        """Keep what is stored now, its revision, who saved it and when, so that a page can show both."""
        self.current, self.revision, self.by, self.at = current, revision, by, at
        who = f"{by} has" if by else "Somebody else has"
        super().__init__(
            f"{who} saved a newer version in the meantime. Nothing of yours is lost: compare and save again."
        )


class KeyReusedError(ConflictError):
    """An idempotency key that has already been used for something else."""

    def __init__(self) -> None:
        super().__init__("This idempotency key belongs to another request. Take a new key for a new program.")


class DamagedError(HoldwellError):
    """A stored handout that is no longer what was issued."""

    def __init__(self, number: str, version: int) -> None:
        """Name the program, so that the clinic can tell whoever keeps its records."""
        self.number, self.version = number, version
        super().__init__(
            f"The stored handout of {number}, version {version}, is damaged and was not handed out. "
            "Tell the person who looks after this service."
        )


class PrinterError(HoldwellError):
    """A handout that could not be printed now; trying again may help."""


class MailError(HoldwellError):
    """A mail that could not be handed over now; sending it again may help."""

    def __init__(self) -> None:
        super().__init__("The e-mail could not be sent. Send it again in a while.")


class LinkError(HoldwellError):
    """A one-time link that opens nothing. One sentence for every cause."""

    def __init__(self) -> None:
        super().__init__("This link does not work any more. Each link works once, and not for long.")


class AddressTakenError(ConflictError):
    """An address that signs somebody in already, in whichever clinic. Told to nobody but the mailbox's owner."""

    def __init__(self) -> None:
        super().__init__(
            "Your e-mail address already belongs to an account on Holdwell, of this clinic or of another. "
            "One address opens one account: ask the clinic to invite you with another address."
        )


class OwnAccountError(ConflictError):
    """Somebody's own rights, which only another administrator changes."""

    def __init__(self) -> None:
        super().__init__("This is your own account. Ask another administrator of your clinic.")


class PasskeyError(HoldwellError):
    """A passkey that proved nothing."""

    SENTENCES: ClassVar[Mapping[str, str]] = {
        "late": "That took too long, or this page was used before. Try once more.",
        "unknown": "This is none of your passkeys. Take the one that you added, or another second factor.",
        "wrong": "The passkey could not be checked. Try once more, or take another second factor.",
        "copied": (
            "This passkey was not accepted: it seems that there is a copy of it. "
            "Take another second factor, remove this passkey, and tell your administrator."
        ),
        "taken": "This passkey is in use already.",
    }

    def __init__(self, cause: str) -> None:
        """Keep the cause, one of ``SENTENCES``."""
        self.cause = cause
        super().__init__(self.SENTENCES[cause])
