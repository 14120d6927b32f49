"""One table: this server beside a FastAPI + Chroma stack, same driver (load.py of ../shared/score), same documents, one sitting. Run by script/bench.

The peer runs only where PEER names a virtual environment that holds it; without, the table has one column. Figures per CPU second are those to compare on a
machine where the driver shares the cores with the server."""
import argparse
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
LOAD = SHARED / "score" / "load.py"
STACK = SHARED / "peers" / "fastapi_chroma"
HOW = """The peer is left out. To have it beside: python3 -m venv PEER; PEER/bin/pip install -r %s; then give the model's files and the folder:
  EMBED_ONNX=…/model.onnx EMBED_TOKENIZER=…/tokenizer.json PEER=PEER script/bench""" % os.path.relpath(STACK / "requirements.txt", ROOT)
START_S = 120

# name, path into load.py's JSON, unit, whether more is better (a ratio is then ours / theirs)
ROWS = [
    ("cold start to the first 200", ("cold", "cold_s"), "s", False),
    ("idle RSS, empty", ("cold", "rss_mb"), "MB", False),
    ("idle RSS after ingest", ("idle", "rss_mb"), "MB", False),
    ("ingest, 7 PDFs", ("azure", "MB_per_cpu_s"), "MB/cpu-s", True),
    ("ingest, 245 Markdown pages", ("f18", "MB_per_cpu_s"), "MB/cpu-s", True),
    ("ingest, abstracts", ("scifact", "docs_per_cpu_s"), "docs/cpu-s", True),
    ("peak RSS of ingest", ("f18", "peak_rss_mb"), "MB", False),
    ("lost or stuck documents", ("lost",), "", False),
    ("search, 1 connection, p50", ("search", "c1", "p50_ms"), "ms", False),
    ("search, 1 connection, p99", ("search", "c1", "p99_ms"), "ms", False),
    ("search, 16 connections", ("search", "c16", "rps_per_cpu_s"), "per cpu-s", True),
    ("chat, 1 connection, p50", ("chat", "c1", "p50_ms"), "ms", False),
    ("chat, 16 connections", ("chat", "c16", "rps_per_cpu_s"), "per cpu-s", True),
    ("200 streams, first token p99", ("stream", "c200", "ttft", "p99_ms"), "ms", False),
    ("200 streams", ("stream", "c200", "tokens_per_cpu_s"), "tokens/cpu-s", True),
    ("search while ingesting, p99", ("mixed", "p99_ms"), "ms", False),
]
INGEST = ("azure", "f18", "pdf10", "scifact")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(url):
    end = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > end:
                sys.exit("bench: nothing answered at %s within %d s" % (url, START_S))
            time.sleep(0.05)


class Side:
    """A server to measure: how it is started on a port and a folder, and which path tells that it is up."""

    def __init__(self, command, alive, environment=None, folder=None):
        self.command, self.alive, self.environment, self.folder = command, alive, environment, folder

    def cold(self, scratch, out):
        """Five starts on empty folders."""
        port = free_port()
        # A new folder for each start: load.py runs one command line again and again.
        command = "sh -c 'exec %s'" % " ".join(self.command(port, "$(mktemp -d %s/cold.XXXXXX)" % scratch))
        self.load("cold", "--cmd", command, "--base", "http://127.0.0.1:%d" % port, "--path", self.alive, "--json", out)

    def run(self, scratch, out, options):
        port = free_port()
        data = tempfile.mkdtemp(dir=scratch)
        with open(os.path.join(scratch, "log"), "ab") as log:
            process = subprocess.Popen(["sh", "-c", "exec " + " ".join(self.command(port, data))], stdout=log, stderr=log, cwd=self.folder,
                                       env={**os.environ, **(self.environment or {}), "DATA_DIR": data})
        try:
            base = "http://127.0.0.1:%d" % port
            wait(base + self.alive)
            self.load("run", "--base", base, "--pid", str(process.pid), "--json", out, *options)
        finally:
            process.terminate()
            process.wait(60)

    def load(self, *arguments):
        subprocess.run([sys.executable, str(LOAD), *arguments], check=True, cwd=self.folder, env={**os.environ, **(self.environment or {})}, stdout=sys.stderr)


def measure(side, options):
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "figures.json")
        side.cold(scratch, out)
        side.run(scratch, out, options)
        figures = json.loads(pathlib.Path(out).read_text())
    for phase in INGEST + ("search", "chat", "stream", "mixed"):
        if phase + "_error" in figures:
            print("bench: %s failed: %s" % (phase, figures[phase + "_error"]), file=sys.stderr)
    figures["lost"] = sum(figures.get(p, {}).get(what, 0) for p in INGEST for what in ("failed", "stuck", "http_errors"))
    figures["cold"]["cold_s"] = statistics.median(figures["cold"]["cold_s"])
    return figures


def value(figures, path):
    for name in path:
        figures = figures.get(name) if isinstance(figures, dict) else None
    return figures


def shown(number):
    return "-" if number is None else "%.3g" % number if number < 1000 else "%.0f" % number


def print_table(ours, theirs):
    print("%-30s %-13s %12s" % ("", "", "Chatifix") + ("%18s %10s" % ("FastAPI+Chroma", "ratio") if theirs else ""))
    for name, path, unit, more in ROWS:
        mine = value(ours, path)
        line = "%-30s %-13s %12s" % (name, unit, shown(mine))
        if theirs:
            other = value(theirs, path)
            ratio = (mine / other if more else other / mine) if mine and other else None
            line += "%18s %9s" % (shown(other), shown(ratio) + ("x" if ratio else ""))
        print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="small", choices=["small", "full"], help="how much is ingested; small: 752 documents")
    parser.add_argument("--secs", default="5", help="seconds of each throughput measurement")
    parser.add_argument("--json", help="write both sides' figures to this file")
    options = parser.parse_args()
    if not LOAD.exists():
        sys.exit("bench: the driver is not beside the project (../shared/score/load.py)")
    arguments = ["--size", options.size, "--secs", options.secs]
    program = str(ROOT / "build-release" / "chatifix")
    ours = measure(Side(lambda port, data: [program, "serve", "--listen", "127.0.0.1:%d" % port, "--data", data, "--log-level", "warn"], "/readyz"), arguments)
    theirs = None
    peer = os.environ.get("PEER")
    if peer:
        uvicorn = [str(pathlib.Path(peer).resolve() / "bin" / "uvicorn"), "app:app", "--log-level", "warning", "--port"]
        theirs = measure(Side(lambda port, data: ["env", "DATA_DIR=" + data, "CHROMA=embedded", *uvicorn, str(port)], "/health", folder=str(STACK),
                              environment={"PYTHONDONTWRITEBYTECODE": "1"}), arguments)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({"chatifix": ours, "fastapi_chroma": theirs}, indent=1))
    print_table(ours, theirs)
    if not peer:
        print("\n" + HOW)


if __name__ == "__main__":
    main()
