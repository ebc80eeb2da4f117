"""The handout as one prints it the first time: the reference that ``print_speed`` measures against, and no more.

One HTML string with its style inside, web fonts, grid and flex, everything read anew each time; PDF/UA-1 alone, nothing
enclosed, nothing repaired. It speaks the protocol of app/services/print_worker.py.

usage: worker.py FOLDER-OF-FONTS
"""

import json
import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from weasyprint import HTML

from app.services.print_worker import ANSWER, LENGTH, PDF
from prescriptions import handout_file

HERE = Path(__file__).parent


def main() -> None:
    """Print what comes in on standard input."""
    template = Environment(loader=FileSystemLoader(HERE), autoescape=True).get_template("handout.html")
    style = (HERE / "handout.css").read_text()
    while head := sys.stdin.buffer.read(LENGTH.size):
        handout = handout_file.from_dict(json.loads(sys.stdin.buffer.read(LENGTH.unpack(head)[0])))
        html = template.render(handout=handout, style=style)
        pdf = HTML(string=html, base_url=f"{sys.argv[1]}/").write_pdf(pdf_variant="pdf/ua-1")
        sys.stdout.buffer.write(ANSWER.pack(PDF, len(pdf)) + pdf)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
