"""How much memory a 2 GB upload takes: the server's while slices come in, against one bytes object of the file.

That is what Streamlit's own uploader holds until the session ends. Then the same for taking the file into a project, which
reads it once for its fingerprint. Prints ratios of one run: `python -m benchmarks.upload_memory [GB]`.
"""

import http.client
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from core.workspace.projects import Workspace
from core.workspace.uploads.upload_tokens import make_claim
from core.workspace.uploads.uploads import Uploads

ROOT = Path(__file__).parents[1]
SLICE = 8 * 1024 * 1024
PORT = int(os.environ.get("PORT", "8719"))


class Watch:
    """The largest resident memory of a process, looked at fifty times a second."""

    def __init__(self, process: psutil.Process) -> None:
        self.process = process
        self.before = self.most = process.memory_info().rss
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.look)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()

    def look(self) -> None:
        while not self.ended.wait(0.02):
            self.most = max(self.most, self.process.memory_info().rss)

    @property
    def growth(self) -> int:
        return self.most - self.before


def serve(home: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.port",
        str(PORT),
        "--server.headless",
        "true",
    ]
    surroundings = os.environ | {"PLUMBLINE_HOME": str(home)}
    server = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while server.poll() is None:
        try:
            ask("GET", "/_stcore/health")
            return server
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"The server ended at once; is port {PORT} free?")


def ask(method: str, path: str, body: bytes = b"") -> bytes:
    line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    try:
        line.request(method, path, body, {"Origin": f"http://127.0.0.1:{PORT}"})
        answer = line.getresponse()
        words = answer.read()
    finally:
        line.close()
    if answer.status != 200:
        raise SystemExit(words.decode())
    return words


def send(home: Path, size: int) -> str:
    told = {"claim": make_claim(home), "name": "large.csv", "size": size}
    token = json.loads(ask("POST", "/uploads", json.dumps(told).encode()))["token"]
    slice_, offset = os.urandom(SLICE), 0
    while offset < size:
        answer = ask("PUT", f"/uploads/{token}?offset={offset}", slice_[: size - offset])
        offset = json.loads(answer)["offset"]
    return token


def main(size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server = serve(home)
        try:
            begun = time.perf_counter()
            with Watch(psutil.Process(server.pid)) as watch:
                token = send(home, size)
            spent = time.perf_counter() - begun
        finally:
            server.terminate()
            server.wait(30)
        print(
            f"upload of {size / 1e6:,.0f} MB: the server grows from {watch.before / 1e6:.0f} by {watch.growth / 1e6:.1f} MB in "
            f"{spent:.1f} s ({size / 1e6 / spent:.0f} MB/s); growth / bytes of the file = {watch.growth / size:.4f}"
        )
        workspace = Workspace(home)
        project = workspace.create_project("Large")
        upload = Uploads(home).take(token)
        before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, time.perf_counter()
        workspace.adopt_file(project.id, upload)
        grown, spent = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before, time.perf_counter() - begun
        print(
            f"taking it into a project: the peak grows by {grown / 1e6:.1f} MB in {spent:.1f} s; "
            f"growth / bytes of the file = {grown / size:.4f}"
        )
        workspace.close()


if __name__ == "__main__":
    main(int(float(sys.argv[1] if len(sys.argv) > 1 else 2) * 1e9))
