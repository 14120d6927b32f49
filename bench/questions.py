"""Latency of questions on a server at rest, and while two documents of 500 pages each are read, cut and embedded.

  script/build build-release -- --buildtype=release -Dtests=disabled
  python3 bench/questions.py build-release/chatifix deps/minilm/all-minilm-l6-v2.cfx [OPTION OF THE SERVER...]

One connection; the questions (searches by words and meaning, searches by meaning alone, chats) come in turn, 5 ms after the last reply, no one twice. They are asked of the
company that uploads. A question counts as asked under load while both documents are unfinished. The asker runs at a higher priority where it may: its own wait for a processor is not
the server's. "Others" is what the rest of the machine computed meanwhile, in processors: figures with more than 0.1 of it say little."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

SHARED = pathlib.Path(__file__).resolve().parents[2] / "shared"
sys.path.insert(0, str(SHARED / "score"))
sys.dont_write_bytecode = True
from load import TICK, Chatifix, Procs, pct  # noqa: E402

RETRIEVAL = SHARED / "corpora" / "retrieval"
PAGES, LINES, LINE_WORDS, ROUNDS, PAUSE_S = 500, 42, 11, 400, 0.005
KINDS = {"hybrid": "search", "semantic": "search by meaning", "chat": "chat"}


def read(name, kind):
    return [json.loads(line) for line in open(RETRIEVAL / name / kind, encoding="utf-8")]


def pages(words):
    """The content streams of the pages of a document: a heading and lines of running text."""
    at = 0
    for page in range(PAGES):
        lines = []
        for _ in range(LINES):
            lines.append(" ".join(words[at:at + LINE_WORDS]))
            at += LINE_WORDS
        shown = " ".join("(%s) '" % line.replace("\\", "").replace("(", "").replace(")", "") for line in lines)
        yield ("BT /F 16 Tf 50 800 Td (Section %d) Tj /F 9 Tf 17 TL 0 -8 Td %s ET" % (page + 1, shown)).encode("latin-1", "ignore")


def pdf(words):
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for content in pages(words):
        kids.append(len(objects) + 1)
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents %d 0 R >>" % (len(objects) + 2))
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % k for k in kids))
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table, len(objects) + 1, len(out))


def documents():
    """Two of 500 pages, and small ones that are there before."""
    texts = [d["title"] + "\n\n" + d["text"] for d in read("scifact-train", "corpus.jsonl")]
    words = " ".join(texts).split()
    need = PAGES * LINES * LINE_WORDS
    return [pdf(words[n * need:(n + 1) * need]) for n in range(2)], texts[-200:]


def questions():
    """No one twice."""
    seen = dict.fromkeys(q["text"] for name in ("scifact-train", "squad2-dev-a", "xquad-en", "stackfaq") for q in read(name, "queries.jsonl"))
    return iter(seen)


class Machine:
    """What it computes beside the server and this program, from when the block begins."""

    def __init__(self, server):
        self.server = server

    def busy(self):
        fields = open("/proc/stat").readline().split()
        return sum(map(int, fields[1:4])) / TICK - self.server.cpu() - sum(os.times()[:2])

    def __enter__(self):
        self.start, self.before = time.monotonic(), self.busy()
        return self

    def __exit__(self, *_):
        self.wall = time.monotonic() - self.start
        self.others = (self.busy() - self.before) / self.wall


def request(api, kind, question):
    return api.chat(question) if kind == "chat" else api.req("POST", "/api/v1/search", {"query": question, "top_k": 5, "mode": kind})


def ask(api, asked, go_on):
    """Seconds by kind, until go_on says no; what was asked when it did is left out."""
    found, connection, rounds = {kind: [] for kind in KINDS}, api.conn(), 0
    while go_on(rounds):
        for kind in KINDS:
            raw = request(api, kind, next(asked))
            start = time.perf_counter()
            code, body = connection.ask(raw)
            taken = time.perf_counter() - start
            if code != 200:
                sys.exit("HTTP %d: %r" % (code, body[:300]))
            if go_on(rounds):
                found[kind].append(taken)
            time.sleep(PAUSE_S)
        rounds += 1
    return found


def upload(api, connection, name, data):
    body, kind = api.multipart(name, data)
    api.js(connection, api.req("POST", "/api/v1/knowledge/upload", body, {"Prefer": "respond-async"}, kind))


def until_done(api, count):
    connection = api.conn()
    while True:
        state = api.status(connection)
        if state["failed"]:
            sys.exit("a document failed")
        if state["done"] >= count:
            return state
        time.sleep(0.2)


def watch(api, before, done, state):
    """Sets done when the first of the two is finished, and tells when the second was."""
    start = time.monotonic()
    until_done(api, before + 1)
    state["first"] = time.monotonic() - start
    done.set()
    state["chunks"] = until_done(api, before + 2)["chunks"]
    state["second"] = time.monotonic() - start


def show(name, found, rest, machine):
    for kind, seconds in found.items():
        p = pct(seconds)
        ratio = "" if rest is None else "%.2f" % (p["p99_ms"] / pct(rest[kind])["p99_ms"])
        print("| %s | %s | %d | %.2f | %.2f | %.2f | %.2f | %s | %.2f |"
              % (name, KINDS[kind], p["n"], p["p50_ms"], p["p95_ms"], p["p99_ms"], p["max_ms"], ratio, machine.others), flush=True)


def measure(api, server):
    large, small = documents()
    connection, asked, done, state = api.conn(), questions(), threading.Event(), {}
    for n, text in enumerate(small):
        api.put_text(connection, "abstract %d" % n, text)
    before = until_done(api, len(small))
    ask(api, asked, lambda rounds: rounds < 20)
    print("| | question | count | p50 ms | p95 | p99 | max | p99 to rest | others |\n|---|---|---|---|---|---|---|---|---|")
    with Machine(server) as machine:
        rest = ask(api, asked, lambda rounds: rounds < ROUNDS)
    show("at rest", rest, None, machine)
    watcher = threading.Thread(target=watch, args=(api, len(small), done, state))
    for n, data in enumerate(large):
        upload(api, connection, "book %d.pdf" % n, data)
    watcher.start()
    with Machine(server) as machine:
        loaded = ask(api, asked, lambda rounds: not done.is_set())
    show("two uploads", loaded, rest, machine)
    watcher.join()
    print("\nThe first document was ready after %.1f s, the second after %.1f s; %d chunks" % (state["first"], state["second"], state["chunks"] - before["chunks"]))


def main():
    program, model, *options = sys.argv[1:]
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -10)
        first = ["nice", "-n", "10"]  # the server itself stays at 0
    except PermissionError:
        first = []
    with tempfile.TemporaryDirectory() as folder, open(folder + "/log", "wb") as log:
        command = [*first, program, "serve", "--listen", "127.0.0.1:0", "--data", folder + "/data", "--model", model, *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            api = Chatifix(process.stdout.readline().split()[-1])
            api.setup()
            measure(api, Procs([process.pid]))
        finally:
            process.terminate()
            process.wait(60)


if __name__ == "__main__":
    main()
