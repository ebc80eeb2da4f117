"""A handout is read back: the program inside, and whether it is the one on the paper."""

import io
import json
import sys
from hashlib import sha256

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject

from prescriptions.cli import main
from prescriptions.program_file import canonical, read
from tests.prescriptions.builders import the_contract_example
from tests.prescriptions.builders_paper import the_pack


@pytest.fixture(scope="module")
def handout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("read")
    program = folder / "program.json"
    program.write_text(json.dumps(the_contract_example()))
    assert main(["render", str(program), "-o", str(folder / "handout.pdf")]) == 0
    return folder / "handout.pdf"


def changed(handout, tmp_path, *, file=None, metadata=None, page=None, name="program.json"):
    """The handout with another file inside, other metadata, or a page that says nothing."""
    writer = PdfWriter(clone_from=handout)
    if metadata:
        stream = writer.root_object["/Metadata"]
        stream.set_data(metadata(stream.get_data()))
    if page is not None:
        empty = StreamObject()
        writer.pages[page][NameObject("/Contents")] = empty
    for attachment in list(writer.attachment_list):
        attachment.delete()
    if file is not None:
        writer.add_attachment(name, file)
    path = tmp_path / "changed.pdf"
    writer.write(path)
    return str(path)


def inside(handout):
    return next(PdfReader(handout).attachment_list).content


def test_the_program_file_comes_back_in_its_one_form(handout, capsys):
    assert main(["read", str(handout)]) == 0

    said = capsys.readouterr()
    assert said.out == canonical(read(the_contract_example(), the_pack())) + "\n"
    assert "Intact" in said.err


def test_what_comes_back_can_be_checked_and_has_the_hash_on_the_paper(handout, monkeypatch, capsys):
    main(["read", str(handout)])
    file = capsys.readouterr().out.encode()

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file)))
    assert main(["check", "-"]) == 0

    begins = sha256(file).hexdigest()
    shown = "-".join(begins[start : start + 4] for start in range(0, 16, 4))
    assert all(f"file {shown}" in page.extract_text() for page in PdfReader(handout).pages)


def test_standard_input_is_read_too(handout, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(handout.read_bytes())))

    assert main(["read", "-"]) == 0


def test_a_copy_that_only_went_through_another_program_is_intact(handout, tmp_path):
    assert main(["read", changed(handout, tmp_path, file=inside(handout))]) == 0


def test_another_program_inside_is_found(handout, tmp_path, capsys):
    other = inside(handout).replace(b'"hold_seconds":30', b'"hold_seconds":25')

    assert main(["read", changed(handout, tmp_path, file=other)]) == 1

    said = capsys.readouterr()
    assert '"hold_seconds":25' in said.out
    assert "does not show" in said.err
    assert "made with another file" in said.err


def test_another_program_is_found_by_the_paper_alone(handout, tmp_path, capsys):
    was, other = inside(handout), inside(handout).replace(b'"hold_seconds":30', b'"hold_seconds":25')
    renamed = changed(
        handout,
        tmp_path,
        file=other,
        metadata=lambda xmp: xmp.replace(sha256(was).hexdigest().encode(), sha256(other).hexdigest().encode()),
    )

    assert main(["read", renamed]) == 1

    said = capsys.readouterr().err
    assert "does not show" in said
    assert "another file" not in said


def test_a_page_of_another_handout_is_found(handout, tmp_path, capsys):
    assert main(["read", changed(handout, tmp_path, file=inside(handout), page=1)]) == 1
    assert "on page 2." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (None, ""),
        (b'{"format": "holdwell-program/1"}', "other.json"),
        (b"\xff\xfe", "program.json"),
        (b"not JSON", "program.json"),
        (b'{"format": "something else"}', "program.json"),
        (b'{"format": "holdwell-program/1", "x": "\x1b[2J"}', "program.json"),
        (b'{"format": "holdwell-program/1", "x": "\xc2\x9b2J"}', "program.json"),
        (b"[" * 100_000, "program.json"),
        (b'{"format": "holdwell-program/1", "x": "' + b"x" * 300_000 + b'"}', "program.json"),
    ],
    ids=["nothing", "another name", "bytes", "text", "another format", "escape", "C1", "deep", "large"],
)
def test_a_pdf_without_a_program_file_is_refused(file, name, handout, tmp_path, capsys):
    assert main(["read", changed(handout, tmp_path, file=file, name=name)]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"plain text", b"%PDF-1.7\n" + b"\x00" * 1000])
def test_what_is_no_pdf_is_refused(content, tmp_path, capsys):
    path = tmp_path / "no.pdf"
    path.write_bytes(content)

    assert main(["read", str(path)]) == 2
    assert "is not a PDF" in capsys.readouterr().err


def test_a_damaged_pdf_never_ends_in_a_traceback(handout, tmp_path):
    pdf, path = handout.read_bytes(), tmp_path / "damaged.pdf"

    for place in range(0, len(pdf), len(pdf) // 9):
        path.write_bytes(pdf[:place] + b"\xff" * 40 + pdf[place + 40 :])
        assert main(["read", str(path)]) in {0, 1, 2}
        path.write_bytes(pdf[:place])
        assert main(["read", str(path)]) in {0, 1, 2}  # what lacks its last octets alone can still be read


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    assert main(["read", str(tmp_path / "missing.pdf")]) == 2
    assert "cannot be read" in capsys.readouterr().err
