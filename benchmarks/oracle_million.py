"""A million programs through the check and through the oracle: python -m benchmarks.oracle_million.

The tests hold a hundred thousand of them; this takes a few minutes, and counts how many differ from each other.
"""

import json
import sys
import time
from collections.abc import Iterator
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any

import tests
from prescriptions.packs import HAMSTRING, load_pack

tests.__path__ = [str(Path(__file__).resolve().parents[1] / "tests")]  # a library installs a package of that name

from tests.prescriptions.oracle_cases import GROUPS, mixes  # noqa: E402  the line above makes it importable
from tests.prescriptions.test_oracle import disagreements  # noqa: E402  the same

MIXES = 1_000_000
SEED = 2026


def main() -> int:
    """Print the number of programs and the smallest disagreements; 1 when there are any."""
    started, distinct = time.perf_counter(), set[bytes]()
    cases = chain(*(group() for group in GROUPS), mixes(SEED, MIXES))
    count, differing = disagreements(_noted(cases, distinct), load_pack(HAMSTRING))
    seconds = time.perf_counter() - started
    print(f"{count:,} programs ({len(distinct):,} distinct) in {seconds:.0f} s, {len(differing)} disagreements")
    for case, answered, expected in differing[:5]:
        print(f"\n{case}\n  answered {answered}\n  expected {expected}")
    return 1 if differing else 0


def _noted(cases: Iterator[dict[str, Any]], distinct: set[bytes]) -> Iterator[dict[str, Any]]:
    for case in cases:
        distinct.add(blake2b(json.dumps(case, sort_keys=True).encode(), digest_size=8).digest())
        yield case


if __name__ == "__main__":
    sys.exit(main())
