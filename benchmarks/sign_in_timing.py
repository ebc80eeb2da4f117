"""Whether the time that a refused sign-in takes tells who exists. Goal: medians no more than 5 % apart.

usage: python -m benchmarks.sign_in_timing [ATTEMPTS OF EACH KIND]
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from app.clock import now
from app.errors import SignInError, TooManyError
from app.models import Role
from app.services import accounts, audit, people
from benchmarks.audit_verify import application
from prescriptions.brand import Brand

ATTEMPTS = 500
GOAL = 0.05
APART = timedelta(minutes=2)
"""Between two attempts at one address, so that none of them is refused unheard."""
KINDS = ("known, wrong password", "unknown", "known, another one", "unknown, another one")
"""Each twice: two of one kind differ by chance alone."""
ADDRESSES = ("one@a.example", "nobody@a.example", "two@a.example", "no-one@a.example")


def milliseconds(attempt: Callable[[], object]) -> float:
    """How long a refusal takes."""
    begun = time.perf_counter()
    try:
        attempt()
    except (SignInError, TooManyError):
        return (time.perf_counter() - begun) * 1000
    raise SystemExit("An attempt was let through.")


def guess(address: str, at: datetime) -> float:
    """How long it takes to refuse a wrong password."""
    return milliseconds(lambda: accounts.sign_in(email=address, password="a wrong guess", at=at))  # noqa: S106 - none


def looked_at(attempts: int, *, begun: datetime) -> dict[str, float]:
    """Kind to the median of attempts whose password is looked at, the kinds taking turns."""
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for n in range(attempts):
        for kind, address in zip(KINDS, ADDRESSES, strict=True):
            taken[kind].append(guess(address, begun + n * APART))
    return {kind: statistics.median(times) for kind, times in taken.items()}


def throttled(attempts: int, *, begun: datetime) -> dict[str, float]:
    """The same for attempts that come too often. The first of them leaves a trace, and is not counted."""
    for address in ADDRESSES:
        for _ in range(11):
            guess(address, begun)
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for n in range(attempts):
        # From another network each time: else it would soon be that which is refused, and not the address.
        audit.origin.set(audit.Origin(ip=f"10.0.{n // 250}.{n % 250}"))
        for kind, address in zip(KINDS, ADDRESSES, strict=True):
            taken[kind].append(guess(address, begun))
    return {kind: statistics.median(times) for kind, times in taken.items()}


def tell(what: str, medians: dict[str, float], attempts: int) -> None:
    """Print the medians and how far they are apart."""
    for kind, median in medians.items():
        print(f"{what:<12}{kind:<24}{median:8.2f} ms")
    known, unknown = (statistics.mean(medians[kind] for kind in KINDS[start::2]) for start in (0, 1))
    ratio = unknown / known
    verdict = "within" if abs(ratio - 1) <= GOAL else "beyond"
    print(f"{what:<12}unknown : known = {ratio:.3f} in {attempts} attempts of each ({verdict} the goal)")


def main() -> None:
    """Measure both."""
    attempts = int(sys.argv[1]) if len(sys.argv) > 1 else ATTEMPTS
    with tempfile.TemporaryDirectory() as folder, application(Path(folder)).app_context():
        clinic = people.add_clinic(brand=Brand(clinic_name="Timing"), at=now())
        for name in ("one", "two"):
            people.add_user(
                clinic=clinic,
                email=f"{name}@a.example",
                name=name.title(),
                roles=[Role.STAFF],
                password="kettle marsh ribbon owl",  # noqa: S106 - of somebody made up
                at=now(),
            )
        begun = now()
        tell("looked at", looked_at(attempts, begun=begun), attempts)
        tell("throttled", throttled(attempts, begun=begun + (attempts + 10) * APART), attempts)


if __name__ == "__main__":
    main()
