"""kill -9 and SIGTERM at any moment: what was acknowledged stays, what was not finished goes on, and the end is orderly."""
import contextlib
import json
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.parse

import pytest
import requests
from fixtures import pdf
from host import SLOW, Caller, Host, command, environment, register, until
from rawhttp import Raw

TEXT = "/api/v1/knowledge/text"
UPLOAD = "/api/v1/knowledge/upload"
DOCUMENTS = "/api/v1/knowledge/documents"
SEARCH = "/api/v1/search"
CLIENTS = 3
KILLS = 20 if SLOW <= 1 else 8


# Vectors of hundreds of pages would take most of a test's time and tell nothing about it.
WORDS_ALONE = ("--model", "none")


def letters(rng):
    """A word that no other document has."""
    return "".join(rng.choice("bdfgklmnprtvz") + rng.choice("aeiou") for _ in range(7))


class Ledger:
    """What the clients were told: the truth that each restart is held against."""

    def __init__(self):
        self.lock = threading.Lock()
        self.acknowledged = {}  # id: word
        self.completed = set()  # ids that were told to be searchable
        self.sent = set()       # words whose request got no answer
        self.deleting = set()   # ids whose deletion got no answer
        self.deleted = {}       # id: word

    def added(self, word, reply):
        document = reply.json()
        with self.lock:
            self.sent.discard(word)
            self.acknowledged[document["id"]] = word
            if document["status"] == "completed":
                self.completed.add(document["id"])

    def pick(self, rng):
        with self.lock:
            ids = [id for id in self.acknowledged if id not in self.deleting]
            id = rng.choice(ids) if ids else None
            if id:
                self.deleting.add(id)
            return id

    def gone(self, id):
        with self.lock:
            self.deleting.discard(id)
            self.deleted[id] = self.acknowledged.pop(id)


def add_one(caller, ledger, rng):
    word = letters(rng)
    with ledger.lock:
        ledger.sent.add(word)
    headers = {"Prefer": rng.choice(["respond-async", "wait=10"])}
    sentence = "The %s sleeps in the barn." % word
    if rng.random() < 0.5:
        reply = caller.post(TEXT, json={"title": word, "content": sentence + "\n\nMore words follow here." * rng.choice([1, 400])}, headers=headers)
    else:
        content = pdf([[sentence]] * rng.choice([1, 8])) if rng.random() < 0.5 else sentence.encode()
        reply = caller.post(UPLOAD, files={"file": (word, content)}, headers=headers)
    assert reply.status_code in (201, 202), reply.text
    ledger.added(word, reply)


def delete_one(caller, ledger, rng):
    id = ledger.pick(rng)
    if id:
        reply = caller.delete(DOCUMENTS + "/" + id)
        assert reply.status_code == 204, reply.text
        ledger.gone(id)


def client(url, key, ledger, seed, failures):
    rng = random.Random(seed)
    try:
        with Caller(url, key) as caller:
            while True:
                (delete_one if rng.random() < 0.25 else add_one)(caller, ledger, rng)
    except requests.RequestException:
        return  # the server was killed
    except Exception as e:  # reported by the test's own thread
        failures.append(e)


def listed(caller):
    documents, cursor = [], None
    while True:
        page = caller.get(DOCUMENTS, params={"cursor": cursor} if cursor else {}).json()
        documents += page["documents"]
        cursor = page["next_cursor"]
        if not cursor:
            assert page["total"] == len(documents)
            return documents


def check_rows(caller, ledger):
    """Right after the restart: each document that was acknowledged, none that was deleted, and of the rest only what may be."""
    rows = {d["id"]: d for d in listed(caller)}
    lost = set(ledger.acknowledged) - ledger.deleting - set(rows)
    assert not lost, "acknowledged and lost: %s" % lost
    back = set(ledger.deleted) & set(rows)
    assert not back, "deleted and back: %s" % back
    for id in ledger.completed & set(rows):
        assert rows[id]["status"] == "completed", "was searchable once: %s" % rows[id]
    for id in list(ledger.deleting):  # now it is known which way it went
        ledger.deleting.discard(id)
        if id not in rows:
            ledger.deleted[id] = ledger.acknowledged.pop(id)
    for id, row in rows.items():
        if id not in ledger.acknowledged:
            assert row["filename"] in ledger.sent, row
            ledger.sent.discard(row["filename"])
            ledger.acknowledged[id] = row["filename"]
    names = [row["filename"] for row in rows.values()]
    assert len(names) == len(set(names)), "one request made two documents"


def finished(caller):
    rows = listed(caller)
    return rows if all(d["status"] in ("completed", "failed") for d in rows) else None


def check_search(caller, ledger, rng, share):
    for words, expected in [(ledger.acknowledged, 1), (ledger.deleted, 0)]:
        ids = sorted(words)
        for id in rng.sample(ids, int(len(ids) * share)):
            found = caller.post(SEARCH, json={"query": words[id], "top_k": 20}).json()["results"]
            own = [r["text"] for r in found if r["document_id"] == id]
            assert len([text for text in own if words[id] in text]) == expected and (expected or not own), (id, words[id], found)


def test_kill_at_any_moment(tmp_path):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    rng, ledger, failures, key = random.Random(seed), Ledger(), [], None
    for round in range(KILLS):
        with Host(tmp_path / "data") as host:
            key = key or register(host.url)
            with Caller(host.url, key) as caller:
                check_rows(caller, ledger)
                if round % 4 == 3:
                    rows = until(lambda: finished(caller), 60)
                    assert all(d["status"] == "completed" for d in rows), [d for d in rows if d["status"] != "completed"]
                    check_search(caller, ledger, rng, 0.2)
            threads = [threading.Thread(target=client, args=(host.url, key, ledger, rng.random(), failures)) for _ in range(CLIENTS)]
            for t in threads:
                t.start()
            time.sleep(rng.uniform(0.02, 0.7) * SLOW)
            host.kill()
            for t in threads:
                t.join()
            assert not failures
    assert len(ledger.acknowledged) > 20 and ledger.deleted, "too little happened to prove anything"
    with Host(tmp_path / "data") as host, Caller(host.url, key) as caller:
        check_rows(caller, ledger)
        rows = until(lambda: finished(caller), 60)
        assert all(d["status"] == "completed" for d in rows) and {d["id"] for d in rows} == set(ledger.acknowledged)
        check_search(caller, ledger, rng, 1)


def test_credentials_outlive_a_kill(tmp_path):
    account = {"name": "Company", "email": "owner@example.com", "password": "nine calm badgers dig"}
    with Host(tmp_path / "data") as host, Caller(host.url) as caller:
        token = caller.post("/api/v1/auth/register", json=account).json()["access_token"]
        key = caller.post("/api/v1/auth/api-keys", json={"name": "k"}, headers={"Authorization": "Bearer " + token}).json()["api_key"]
        host.kill()
    with Host(tmp_path / "data") as host, Caller(host.url) as caller:
        assert caller.get(DOCUMENTS, headers={"Authorization": "Bearer " + token}).status_code == 200
        assert caller.get(DOCUMENTS, headers={"X-API-Key": key}).status_code == 200
        assert caller.post("/api/v1/auth/login", json=account).status_code == 200
        assert caller.post("/api/v1/auth/register", json=account).status_code == 409


def test_replacement_is_whole_or_not_at_all(tmp_path):
    """Killed while it is replaced again and again, a document is one version or the other, found by its own words only."""
    rng, key, last = random.Random(), None, 0
    for round in range(5):
        with Host(tmp_path / "data") as host:
            key = key or register(host.url)
            acknowledged = last

            def replace():
                nonlocal acknowledged
                with Caller(host.url, key) as caller:
                    try:
                        for n in range(last + 1, last + 1000):
                            content = "\n\n".join("Paragraph %d of version v%dx stands here." % (i, n) for i in range(60))
                            if caller.post(TEXT, json={"title": "Rules", "content": content, "external_id": "rules"}).status_code != 201:
                                return
                            acknowledged = n
                    except requests.RequestException:
                        return
            thread = threading.Thread(target=replace)
            thread.start()
            time.sleep(rng.uniform(0.1, 0.5) * SLOW)
            host.kill()
            thread.join()
        with Host(tmp_path / "data") as host, Caller(host.url, key) as caller:
            rows = until(lambda: finished(caller), 60)
            assert len(rows) <= 1 and (rows or not acknowledged)
            if rows:
                texts = [r["text"] for r in caller.post(SEARCH, json={"query": "paragraph version stands here", "top_k": 100}).json()["results"]]
                versions = {int(v) for text in texts for v in re.findall(r"v(\d+)x", text)}
                assert len(versions) == 1 and versions.pop() in (acknowledged, acknowledged + 1), (versions, acknowledged)
                paragraphs = {int(p) for text in texts for p in re.findall(r"Paragraph (\d+) of", text)}
                assert paragraphs == set(range(60))
            last = acknowledged + 1


# ---- SIGTERM ----

def connect(host):
    return Raw(urllib.parse.urlparse(host.url).port, 30 * SLOW)


def get(raw, path, key):
    raw.send(b"GET %s HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\n\r\n" % (path.encode(), key.encode()))
    return raw.reply()


class HalfUpload:
    """An upload of which the last bytes are held back: it keeps a server that is told to stop from ending."""

    def __init__(self, host, key, word):
        body = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s.txt\"\r\n\r\nThe %s sleeps.\r\n--b--\r\n" % (word, word)
        self.raw = connect(host)
        self.raw.send(b"POST %s HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\nContent-Type: multipart/form-data; boundary=b\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" %
                      (UPLOAD.encode(), key.encode(), len(body)))
        assert self.raw.reply().status == 100
        self.raw.send(body[:-9])
        self.rest = body[-9:]

    def finish(self):
        self.raw.send(self.rest)
        return self.raw.reply()


def refuses(host):
    """Whether new work is refused on new connections."""
    with connect(host) as raw:
        raw.send(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        return raw.reply().status == 503


def test_term_refuses_new_work_and_finishes_the_old(tmp_path):
    with Host(tmp_path / "data", "--shutdown-time", "300") as host:
        key = register(host.url)
        with connect(host) as idle, connect(host) as other:
            assert get(idle, DOCUMENTS, key).status == 200
            assert get(other, DOCUMENTS, key).status == 200
            half = HalfUpload(host, key, b"walrus")
            host.process.terminate()
            until(lambda: refuses(host))
            for raw, path in [(idle, DOCUMENTS), (other, "/readyz")]:
                reply = get(raw, path, key)
                body = json.loads(reply.body)
                assert reply.status == 503 and int(reply.get("retry-after")) >= 1 and reply.get("connection") == "close"
                assert body["type"] == "/errors/unavailable" and body["request_id"] == reply.get("x-request-id")
                assert raw.is_closed()
            assert host.process.poll() is None
            reply = half.finish()
            assert reply.status in (201, 202), reply.body
            id = json.loads(reply.body)["id"]
            assert half.raw.is_closed()
        assert host.process.wait(30 * SLOW) == 0
    with Host(tmp_path / "data") as host, Caller(host.url, key) as caller:
        until(lambda: caller.get(DOCUMENTS + "/" + id).json()["status"] == "completed")
        assert caller.post(SEARCH, json={"query": "walrus"}).json()["results"][0]["document_id"] == id


def test_term_ends_in_bounded_time_whatever_clients_do(tmp_path):
    """Clients that never finish are cut off when the time is up; what they did not finish leaves nothing."""
    with Host(tmp_path / "data", "--shutdown-time", "1") as host:
        key = register(host.url)
        half, silent, head = HalfUpload(host, key, b"walrus"), connect(host), connect(host)
        head.send(b"GET /livez HTTP/1.1\r\nHost:")
        assert host.stop() == 0
        for raw in (half.raw, silent, head):
            raw.socket.close()
    with Host(tmp_path / "data") as host, Caller(host.url, key) as caller:
        assert caller.get(DOCUMENTS).json()["total"] == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_second_signal_ends_at_once(tmp_path, number):
    with Host(tmp_path / "data", "--shutdown-time", "600") as host:
        key = register(host.url)
        half = HalfUpload(host, key, b"walrus")
        host.process.send_signal(number)
        until(lambda: refuses(host))
        host.process.send_signal(number)
        assert host.process.wait(60 * SLOW) == 1
        half.raw.socket.close()
    with Host(tmp_path / "data") as host, Caller(host.url, key) as caller:
        assert caller.get(DOCUMENTS).json()["total"] == 0


def test_second_signal_is_heard_while_documents_are_given_up(tmp_path):
    """Another program holds the database, so that the threads which read documents cannot give them back."""
    data = tmp_path / "data"
    with Host(data, *WORDS_ALONE) as host:
        key = register(host.url)
        with Caller(host.url, key) as caller, contextlib.closing(sqlite3.connect(data / "chatifix.db", isolation_level=None, timeout=30 * SLOW)) as other:
            for i in range(6):
                content = pdf([["Page %d of book %d." % (p, i)] * 40 for p in range(150)])
                assert caller.post(UPLOAD, files={"file": ("%d.pdf" % i, content)}, headers={"Prefer": "respond-async"}).status_code == 202
            other.execute("begin immediate")
            assert any(d["status"] != "completed" for d in listed(caller))
            host.process.terminate()
            until(lambda: '"event":"stopping"' in host.log.read_text())
            host.process.terminate()
            assert host.process.wait(60 * SLOW) == 1
    with Host(data, *WORDS_ALONE) as host, Caller(host.url, key) as caller:
        assert all(d["status"] == "completed" for d in until(lambda: finished(caller), 60))


def uploader(url, key, seed, told, failures):
    rng = random.Random(seed)
    try:
        with Caller(url, key) as caller:
            while True:
                word = letters(rng)
                reply = caller.post(UPLOAD, files={"file": (word, pdf([["The %s sleeps in the barn." % word]] * rng.choice([1, 30])))})
                assert reply.status_code in (201, 202, 503), reply.text
                if reply.status_code == 503:
                    assert int(reply.headers["Retry-After"]) >= 1
                    return
                told[reply.json()["id"]] = word
    except requests.RequestException:
        return
    except Exception as e:
        failures.append(e)


def test_term_while_uploads_run(tmp_path):
    """An upload is acknowledged, and then it is there and becomes completed; or it is not acknowledged."""
    told, failures, key = {}, [], None
    for round in range(4):
        with Host(tmp_path / "data") as host:
            key = key or register(host.url)
            threads = [threading.Thread(target=uploader, args=(host.url, key, random.random(), told, failures)) for _ in range(6)]
            for t in threads:
                t.start()
            time.sleep(random.uniform(0.05, 0.6) * SLOW)
            assert host.stop() == 0
            for t in threads:
                t.join()
            assert not failures
    assert told
    with Host(tmp_path / "data") as host, Caller(host.url, key) as caller:
        rows = {d["id"]: d for d in until(lambda: finished(caller), 60)}
        assert set(told) <= set(rows) and all(d["status"] == "completed" for d in rows.values())
        for id, word in random.sample(sorted(told.items()), min(10, len(told))):
            assert caller.post(SEARCH, json={"query": word}).json()["results"][0]["document_id"] == id


def streamer(host, key, ends, failures):
    try:
        with connect(host) as raw:
            while True:
                body = b'{"question": "Who sleeps in the barn?"}'
                raw.send(b"POST /api/v1/chat/stream HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (key.encode(), len(body), body))
                reply = raw.head()
                if reply.status != 200:
                    assert reply.status == 503 and reply.get("retry-after")
                    return
                events = [json.loads(line[6:]) for line in raw._chunks().split(b"\n") if line.startswith(b"data: ")]
                assert events[0]["type"] == "start" and events[-1]["type"] in ("done", "error"), events[-1]
                ends.append(events[-1]["type"])
                if reply.get("connection") == "close":
                    return
    except EOFError as e:
        if "b''" not in str(e):  # cut within a reply
            failures.append(e)
    except OSError:
        return  # no connection, or closed between two requests
    except Exception as e:
        failures.append(e)


def test_term_while_streams_run(tmp_path):
    """A stream that has begun ends with its last event, its last chunk."""
    ends, failures = [], []
    with Host(tmp_path / "data") as host:
        key = register(host.url)
        with Caller(host.url, key) as caller:
            assert caller.post(TEXT, json={"title": "Barn", "content": "The walrus sleeps in the barn. " * 50}).status_code == 201
        threads = [threading.Thread(target=streamer, args=(host, key, ends, failures)) for _ in range(6)]
        for t in threads:
            t.start()
        until(lambda: len(ends) > 20 or failures)
        assert host.stop() == 0
        for t in threads:
            t.join()
    assert not failures and "error" not in ends


def test_term_while_a_document_is_read(tmp_path):
    """The reader is given up, its document is taken up by the next run."""
    with Host(tmp_path / "data", *WORDS_ALONE) as host:
        key = register(host.url)
        with Caller(host.url, key) as caller:
            ids = [caller.post(UPLOAD, files={"file": ("%d.pdf" % i, pdf([["Page %d of book %d." % (p, i)] * 40 for p in range(150)]))}, headers={"Prefer": "respond-async"}).json()["id"]
                   for i in range(6)]
        assert host.stop() == 0
    with Host(tmp_path / "data", *WORDS_ALONE) as host, Caller(host.url, key) as caller:
        rows = until(lambda: finished(caller), 60)
        assert {d["id"] for d in rows} == set(ids) and all(d["status"] == "completed" and d["pages"] == 150 for d in rows)


def test_term_during_the_start(tmp_path):
    """Before it takes signals it just ends, afterwards it ends in order; the data folder is good in any case."""
    for _ in range(12):
        process = subprocess.Popen(command(tmp_path / "data"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        time.sleep(random.uniform(0, 0.06) * SLOW)
        process.terminate()
        _, log = process.communicate(timeout=60 * SLOW)
        assert process.returncode in (0, -signal.SIGTERM), log
    with Host(tmp_path / "data") as host:
        register(host.url)


def test_term_while_the_start_waits_for_the_database(tmp_path):
    data = tmp_path / "data"
    with Host(data):
        pass
    with contextlib.closing(sqlite3.connect(data / "chatifix.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        process = subprocess.Popen(command(data), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        until(lambda: any(os.readlink(fd).endswith("chatifix.db-shm") for fd in pathlib.Path("/proc/%d/fd" % process.pid).iterdir()))
        process.terminate()
        out, log = process.communicate(timeout=120 * SLOW)
        assert process.returncode == -signal.SIGTERM and not out, log
