"""Whether the time that a refused sign-in takes tells who exists. Goal: medians no more than 5 % apart.

usage: python -m benchmarks.sign_in_timing [ATTEMPTS OF EACH KIND]
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from app.clock import now
from app.errors import SignInError, TooManyError
from app.models import Role
from app.services import accounts, people
from benchmarks.audit_verify import application
from prescriptions.brand import Brand

ATTEMPTS = 500
GOAL = 0.05
APART = timedelta(minutes=2)
"""Between two attempts at one address, so that none of them is refused unheard."""
KINDS = ("known, wrong password", "unknown", "known, another one", "unknown, another one")
"""Each twice: two of one kind differ by chance alone."""


def milliseconds(attempt: Callable[[], object]) -> float:
    """How long a refusal takes."""
    begun = time.perf_counter()
    try:
        attempt()
    except (SignInError, TooManyError):
        return (time.perf_counter() - begun) * 1000
    raise SystemExit("An attempt was let through.")


def measured(attempts: int) -> dict[str, float]:
    """Kind to the median, the kinds taking turns."""
    begun = now()
    addresses = dict(
        zip(KINDS, ("one@a.example", "nobody@a.example", "two@a.example", "no-one@a.example"), strict=True)
    )
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for n in range(attempts):
        at = begun + n * APART
        for kind, address in addresses.items():
            taken[kind].append(
                milliseconds(lambda: accounts.sign_in(email=address, password="a wrong guess", at=at))  # noqa: B023, S106 - called at once
            )
    return {kind: statistics.median(times) for kind, times in taken.items()}


def main() -> None:
    """Print the medians and how far they are apart."""
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
        medians = measured(attempts)
    for kind, median in medians.items():
        print(f"{kind:<24}{median:8.2f} ms")
    known, unknown = (statistics.mean(medians[kind] for kind in KINDS[start::2]) for start in (0, 1))
    ratio = unknown / known
    verdict = "within" if abs(ratio - 1) <= GOAL else "beyond"
    print(f"unknown : known = {ratio:.3f} in {attempts} attempts of each ({verdict} the goal)")


if __name__ == "__main__":
    main()
