"""How long a handout takes, against the same sheet done naively and against Chromium; all in one run, in turns.

The handouts are complete: pictures, PDF/UA-1 and PDF/A-3a, program file inside. Ratios are of processor time, so that
the machine's other work does not count; the ratio by the clock stands beside them. Two workers against one go by the
clock, and want two processors to themselves.

usage: .venv/bin/python -P benchmarks/print_speed.py [ROUNDS]     from the checkout, with PYTHONPATH=.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from statistics import median

from fontTools import subset
from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import Browser, sync_playwright

from app.services.printing import COMMAND, Worker
from benchmarks.sheets import asked, sheet

NAIVE = Path(__file__).parent / "naive"
FONTS = Path("/usr/share/fonts/truetype/noto")
LATIN = [*range(0x20, 0x250), *range(0x2010, 0x2030)]
SECONDS = 120.0
GOALS = {
    "4 exercises, to the naive sheet": 0.50,
    "1 exercise, to the naive sheet": 0.40,
    "4 exercises, to Chromium with a fresh context": 0.65,
}
MORE_BY_TWO = 1.9
MOST_BYTES = 60_000


def web_fonts(folder: str) -> None:
    """The sheet's own font as web fonts are handed out: Latin letters, compressed."""
    for style in ("Regular", "Bold"):
        options = subset.Options(flavor="woff2", layout_features=["*"])
        font = subset.load_font(str(FONTS / f"NotoSans-{style}.ttf"), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=LATIN)
        subsetter.subset(font)
        subset.save_font(font, str(Path(folder, f"{style}.woff2")), options)


def processor(worker: Worker) -> float:
    """Seconds of a processor that a process took up to now."""
    return time.clock_gettime((~worker._process.pid << 3) | 2)  # noqa: SLF001 - Linux' clock of another process


def browsers() -> float:
    """Seconds of a processor that all processes of Chromium took up to now, those that ended included."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = path.read_text().partition(") ")
            if "chrom" in name:
                ticks += sum(int(number) for number in rest.split()[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def printing(worker: Worker, exercises: int) -> Callable[[], tuple[float, float]]:
    """Something that prints a sheet and says how long it took, by processor and by clock."""
    text = asked(sheet(exercises))

    def timed() -> tuple[float, float]:
        used, begun = processor(worker), time.perf_counter()
        worker.print(text, seconds=SECONDS)
        return processor(worker) - used, time.perf_counter() - begun

    return timed


def browsing(browser: Browser, fonts: str) -> Callable[[], tuple[float, float]]:
    """The same in Chromium, in a context that knows nothing of the last patient."""
    template = Environment(loader=FileSystemLoader(NAIVE), autoescape=True).get_template("handout.html")
    html = template.render(handout=sheet(4), style=(NAIVE / "handout.css").read_text())
    page_file = Path(fonts, "sheet.html")
    page_file.write_text(html)

    def timed() -> tuple[float, float]:
        used, begun = browsers(), time.perf_counter()
        context = browser.new_context()
        page = context.new_page()
        page.goto(page_file.as_uri())
        page.pdf(format="A4", tagged=True, outline=True, print_background=True)
        context.close()
        return browsers() - used, time.perf_counter() - begun

    return timed


def measured(sides: dict[str, Callable[[], tuple[float, float]]], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Each side once a round, after two rounds that do not count."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for number in range(rounds + 2):
        for name, side in sides.items():
            took = side()
            if number >= 2:  # noqa: PLR2004 - the rounds to warm up
                times[name].append(took)
    return times


def by_two(workers: list[Worker], prints: int) -> float:
    """How many times the prints of one worker two of them make, in turns."""
    text, gains = asked(sheet(4)), []

    def some(worker: Worker, number: int) -> None:
        for _ in range(number):
            worker.print(text, seconds=SECONDS)

    for _ in range(3):
        begun = time.perf_counter()
        some(workers[0], prints)
        alone = time.perf_counter() - begun
        begun = time.perf_counter()
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(some, workers, [prints, prints]))
        gains.append(2 * alone / (time.perf_counter() - begun))
    return median(gains)


def compared(times: dict[str, list[tuple[float, float]]]) -> int:
    """Say what each side took and how they compare; how many goals were missed."""
    for name, took in times.items():
        print(f"{name:12} {median(by for by, _ in took):.3f} s of a processor, {median(by for _, by in took):.3f} s")
    against = [("ours, 4", "naive, 4"), ("ours, 1", "naive, 1"), ("ours, 4", "chromium, 4")]
    missed = 0
    for (name, most), (one, other) in zip(GOALS.items(), against, strict=True):
        by_processor, by_clock = (median(_ratios(times[one], times[other], which)) for which in (0, 1))
        missed += by_processor > most
        print(f"{name}: {by_processor:.3f}, by the clock {by_clock:.3f}; at most {most} is fine")
    return missed


def main() -> None:
    """Print the figures, and whether the goals are met."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    ours, second = Worker(COMMAND), Worker(COMMAND)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        web_fonts(folder)
        naive = Worker((sys.executable, "-P", str(NAIVE / "worker.py"), folder))
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        sides = {f"{name}, {n}": printing(side, n) for n in (1, 4) for name, side in (("ours", ours), ("naive", naive))}
        times = measured(sides | {"chromium, 4": browsing(browser, folder)}, rounds)
        browser.close()
    missed = compared(times)
    size = len(ours.print(asked(sheet(4)), seconds=SECONDS))
    gain = by_two([ours, second], max(3, rounds))
    print(f"two workers print {gain:.2f} times as much as one; goal {MORE_BY_TWO}")
    print(f"4 exercises take {size} bytes; at most {MOST_BYTES}")
    for worker in (ours, second, naive):
        worker.stop()
    raise SystemExit(missed > 0 or gain < MORE_BY_TWO or size > MOST_BYTES)


def _ratios(ours: list[tuple[float, float]], others: list[tuple[float, float]], which: int) -> list[float]:
    return [one[which] / other[which] for one, other in zip(ours, others, strict=True)]


if __name__ == "__main__":
    main()
