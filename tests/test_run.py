"""The first command of the README, run as a newcomer runs it."""

import hashlib
import os
import re
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RUN = str(ROOT / "bin" / "run")


def start(*arguments, folder=None, **settings):
    return subprocess.Popen(  # noqa: S603 - our own script
        [RUN, *arguments],
        cwd=folder,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(*arguments, folder=None, **settings):
    with start(*arguments, folder=folder, **settings) as process:
        said, _ = process.communicate()
    return process.returncode, said


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(port, process):
    while process.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError(process.stdout.read())


def test_the_demo_leaves_a_handout_and_says_where_it_is_and_its_hash(tmp_path):
    code, said = run("--demo", folder=tmp_path)

    assert code == 0, said
    path, size, sha256 = re.search(r"^(/.*\.pdf)\n  (\d+) bytes, sha256 (\w{64})$", said, re.MULTILINE).groups()
    pdf = Path(path).read_bytes()
    Path(path).unlink()
    assert pdf.startswith(b"%PDF-")
    assert (len(pdf), hashlib.sha256(pdf).hexdigest()) == (int(size), sha256)


def test_a_taken_port_is_refused_in_a_sentence_before_any_data_is_made(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        code, said = run("--data", "data", folder=tmp_path, HOLDWELL_PORT=str(port))

    assert code == 69
    assert said.startswith(f"Port {port} can't be opened")
    assert not (tmp_path / "data").exists()


def test_the_data_is_for_its_owner_alone_and_ctrl_c_ends_the_service(tmp_path):
    port, data = free_port(), tmp_path / "the data"
    elsewhere = "postgresql://nobody@localhost/clinic"
    with start("--data", data, HOLDWELL_PORT=str(port), DATABASE_URL=elsewhere) as process:
        wait_for(port, process)

        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert f"http://localhost:{port}" in said
    assert "therapist@demo.example" in said
    assert "Traceback" not in said
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (data, *data.iterdir())}
    assert modes.pop("the data") == 0o700
    assert modes.keys() >= {"holdwell.db", "secret-key"}
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("arguments", [["--demmo"], ["--data"], ["--demo", "--data"]])
def test_a_misspelt_option_is_answered_with_the_usage(arguments):
    code, said = run(*arguments)

    assert code == 64
    assert said.startswith("usage: ")
