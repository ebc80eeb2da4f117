#!/usr/bin/env python3
"""The main job without a browser: the real service, its own API, and a handout in out/. Run it as ``bin/run --demo``.

The service runs on a free port with its data in a temporary folder, and ends with the job.
"""

import hashlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "docs" / "example-program.json"
THERAPIST = "therapist@demo.example"
SCOPES = tuple(
    word
    for scope in ("catalogue:read", "patients:write", "programs:read", "programs:write")
    for word in ("--scope", scope)
)
LONGEST_START_SECONDS = 180


class Service:
    """The running service, as one who holds a token sees it."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token

    def get(self, path: str) -> bytes:
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, object]:
        answer: dict[str, object] = json.loads(self._ask("POST", path, json.dumps(body)))
        return answer

    def _ask(self, method: str, path: str, body: str | None) -> bytes:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": secrets.token_urlsafe(12),
        }
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request(method, f"/api/v1{path}", body, headers)
        response = connection.getresponse()
        content = response.read()
        if response.status >= 400:  # noqa: PLR2004 - HTTP's own border
            sys.exit(f"{method} {path} was refused with {response.status}: {content.decode(errors='replace')}")
        return content


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the service ends too
    with tempfile.TemporaryDirectory(prefix="holdwell-demo-") as folder, running(Path(folder)) as service:
        path, pdf = handout(service)
    print(f"{path}\n  {len(pdf)} bytes, sha256 {hashlib.sha256(pdf).hexdigest()}")  # noqa: T201 - what was asked for


def handout(service: Service) -> tuple[Path, bytes]:
    """Patient, check, issue, download; every step says what it did."""
    program = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    verdict = service.post("/check", program)
    say(f"Checked {EXAMPLE.relative_to(ROOT)}: {verdict['verdict']}, {verdict['session_minutes']} minutes a session.")
    patient = service.post("/patients", program.pop("patient"))
    say(f"Added the patient {patient['name']}.")
    issued = service.post("/programs", {"patient_id": patient["id"], **program})
    say(f"Issued program {issued['number']}, version {issued['version']}.")
    pdf = service.get(f"/programs/{issued['id']}/pdf")
    if hashlib.sha256(pdf).hexdigest() != issued["pdf_sha256"]:
        sys.exit("The handout that arrived is not the one that was issued.")
    path = ROOT / "out" / f"{issued['number']}-v{issued['version']}.pdf"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pdf)
    return path, pdf


@contextmanager
def running(folder: Path) -> Iterator[Service]:
    """Start the service as anybody does, with bin/run; end it the way Ctrl-C does."""
    port = free_port()
    environ = os.environ | {
        "HOLDWELL_PORT": str(port),
        "HOLDWELL_SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": f"sqlite:///{folder}/holdwell.db",
        "HOLDWELL_KEYS": f"{folder}/keys",
        "HOLDWELL_AUDIT_ANCHOR": f"{folder}/audit-anchor.jsonl",
    }
    log = folder / "log"
    with log.open("w") as output:
        command = [str(ROOT / "bin" / "run"), "--data", str(folder)]
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603 - ours
    try:
        if not answers(port, process):
            sys.exit(f"The service did not start.\n{log.read_text()}")
        say(f"Started the service at http://127.0.0.1:{port}.")
        yield Service(port, token(environ))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def answers(port: int, process: "subprocess.Popen[bytes]") -> bool:
    end = time.monotonic() + LONGEST_START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return True
    return False


def token(environ: Mapping[str, str]) -> str:
    """A token for the API, made as the one who looks after a service makes it."""
    whose = ("--email", THERAPIST, "--name", "Demo")
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "tokens", "add", *whose, *SCOPES]
    made = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return made.stdout.strip()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201 - a script speaks


if __name__ == "__main__":
    main()
