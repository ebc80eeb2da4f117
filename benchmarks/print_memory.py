"""Whether a worker that prints keeps what it once took: its memory over many handouts of four exercises.

usage: .venv/bin/python -P benchmarks/print_memory.py [PRINTS]     from the checkout, with PYTHONPATH=.
"""

import sys
from pathlib import Path

from app.services.printing import COMMAND, Worker
from benchmarks.sheets import asked, sheet

WARM_UP = 100
MOST_GROWTH, MOST_PEAK = 10.0, 130.0
SECONDS = 120.0


def megabytes(process: int, what: str) -> float:
    """A figure of the kernel's about a process: VmRSS is what it has, VmHWM the most it ever had."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024


def main() -> None:
    """Print, and say what it took."""
    prints = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    worker = Worker(COMMAND)
    for _ in range(WARM_UP):
        worker.print(asked(sheet(4)), seconds=SECONDS)
    process = worker._process.pid  # noqa: SLF001 - the figures are the kernel's
    begun = megabytes(process, "VmRSS")
    for number in range(prints):
        worker.print(asked(sheet(4, name=f"Sample Patient {number}")), seconds=SECONDS)
    growth = (megabytes(process, "VmRSS") - begun) / prints * 1000
    peak = megabytes(process, "VmHWM")
    worker.stop()
    print(f"{prints} prints after {WARM_UP}: {growth:+.1f} MB per 1,000, at most {MOST_GROWTH} are fine")
    print(f"peak {peak:.0f} MB, at most {MOST_PEAK:.0f} are fine")
    raise SystemExit(growth > MOST_GROWTH or peak > MOST_PEAK)


if __name__ == "__main__":
    main()
