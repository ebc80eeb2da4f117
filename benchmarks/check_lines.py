"""How many typical programs a second ``holdwell check --lines`` answers on one core. Goal: 3,000.

usage: python benchmarks/check_lines.py [PROGRAMS]
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
GOAL = 3000


def programs(number: int) -> str:
    """Typical programs, no two alike: a stretch or two, a glide, a full screening, a reason."""
    lines = []
    for index in range(number):
        stretch = {
            "exercise": "supine-hamstring-stretch-strap",
            "repetitions": 2 + index % 3,
            "hold_seconds": 20 + index % 12,
        }
        glide = {"exercise": "seated-sciatic-nerve-glide", "side": "right", "sets": 2, "repetitions": 8 + index % 8}
        screening = {
            "date": "2026-11-20",
            "legs": {"left": {"sensations": ["pull"]}, "right": {"sensations": ["tingling", "burning"][: index % 3]}},
            "causes": ["prolonged_sitting"],
            "equipment": ["strap", "chair"][index % 2 :],
        }
        program = {
            "format": "holdwell-program/1",
            "patient": {"name": f"Sample Patient {index}", "identifier": f"MRN-{index:06}", "birth_date": "1984-03-09"},
            "screening": screening,
            "warm_up": {"activity": "walking", "minutes": 5},
            "sessions_per_week": 3 + index % 5,
            "timing": ["after_workout"],
            "weeks": 6,
            "starts_on": "2026-11-23",
            "items": [stretch, glide | {"note": "Slow and easy."}],
            "acknowledgements": [{"code": "nerve-symptoms-need-review", "reason": "Examined today; negative."}],
        }
        lines.append(json.dumps(program))
    return "\n".join(lines) + "\n"


def seconds(content: str) -> float:
    """Processor time of one run over ``content``, start-up included. Wall time would count the machine's other work."""
    with tempfile.TemporaryFile() as lines:
        lines.write(content.encode())
        lines.seek(0)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "prescriptions.cli", "check", "--lines"],
            stdin=lines,
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print programs a second, best and median of five runs, start-up taken off."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    content, one = programs(number), programs(1)
    rates = sorted(number / (seconds(content) - seconds(one)) for _ in range(5))
    print(f"{number} programs on one core: median {rates[2]:.0f} a second, best {rates[-1]:.0f}, worst {rates[0]:.0f}")
    print(f"goal {GOAL}: {'met' if rates[2] >= GOAL else 'MISSED'} ({rates[2] / GOAL:.2f} of it)")


if __name__ == "__main__":
    main()
