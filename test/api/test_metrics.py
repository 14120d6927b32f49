"""GET /metrics: who may read it, its format, and that the counts move; the log lines that go with it."""
import json
import re

import pytest
import requests
from fixtures import docx
from host import Caller, Host, register, until

TOKEN = "metrics-token-of-the-tests"
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="[^"\\\n]*",?)*)\})? (-?[0-9.]+|\+Inf|NaN)')
SECRET_WORDS = "quokka"


def families(text):
    """{name: (type, {(sample, labels): value})}; fails on a line that is not of the text format 0.0.4."""
    found, name = {}, None
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            assert name not in found and line.split(" ", 3)[3]
        elif line.startswith("# TYPE "):
            assert line.split(" ")[2] == name and line.split(" ")[3] in ("counter", "gauge", "histogram")
            found[name] = (line.split(" ")[3], {})
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            kind, samples = found[name]
            endings = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
            assert sample[1] in [name + ending for ending in endings], line
            key = (sample[1], sample[2] or "")
            assert key not in samples, line
            samples[key] = float(sample[3])
    return found


def read(url):
    reply = requests.get(url + "/metrics", headers={"Authorization": "Bearer " + TOKEN}, timeout=60)
    assert reply.status_code == 200, reply.text
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return families(reply.text)


def value(found, name, labels=""):
    return found[name][1].get((name, labels), 0)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    with Host(tmp_path_factory.mktemp("metrics") / "data", "--metrics-token", TOKEN) as host:
        yield host


@pytest.fixture(scope="module")
def caller(host):
    with Caller(host.url, register(host.url)) as caller:
        yield caller


def test_without_token_or_address_there_is_nothing(product):
    with Caller(product.url) as caller:
        nothing, metrics = caller.get("/nothing"), caller.get("/metrics", headers={"Authorization": "Bearer x"})
        assert (nothing.status_code, metrics.status_code) == (404, 404)
        assert {**nothing.json(), "request_id": ""} == {**metrics.json(), "request_id": ""}


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Bearer x", "Bearer " + TOKEN + "x", "Bearer " + TOKEN[:-1], "Basic " + TOKEN, TOKEN])
def test_only_with_the_token(host, authorization):
    reply = requests.get(host.url + "/metrics", headers={"Authorization": authorization} if authorization is not None else {}, timeout=60)
    assert reply.status_code == 401 and reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert "chatifix_" not in reply.text


def test_a_key_of_a_company_is_no_token(host, caller):
    assert caller.get("/metrics").status_code == 401


def test_counts_move(host, caller):
    before = read(host.url)
    assert caller.post("/api/v1/knowledge/text", json={"title": "Parcels", "content": "Parcels are sent back within ten days."}).status_code == 201
    assert caller.post("/api/v1/knowledge/upload", files={"file": ("a.docx", docx(["The cellar is dry."]))}).status_code == 201
    assert caller.post("/api/v1/knowledge/upload", files={"file": ("b.pdf", b"%PDF-1.4 nothing")}).json()["status"] == "failed"
    assert caller.post("/api/v1/chat", json={"question": "When are parcels sent back?"}).json()["answered"]
    assert not caller.post("/api/v1/chat", json={"question": "Who is the " + SECRET_WORDS + " of France?"}).json()["answered"]
    assert caller.post("/api/v1/search", json={"query": "cellar"}).status_code == 200
    assert caller.post("/api/v1/search", json={}).status_code == 422
    failed = 'operation="search",status="4xx"'
    until(lambda: value(read(host.url), "chatifix_http_requests_total", failed) > value(before, "chatifix_http_requests_total", failed))  # counted when sent
    after = read(host.url)

    def moved(name, labels=""):
        return value(after, name, labels) - value(before, name, labels)
    assert moved("chatifix_documents_accepted_total") == 3
    assert moved("chatifix_ingest_documents_total", 'outcome="completed"') == 2
    assert moved("chatifix_ingest_documents_total", 'outcome="refused"') == 1
    assert moved("chatifix_answers_total", 'outcome="answered"') == 1
    assert moved("chatifix_answers_total", 'outcome="fallback"') == 1
    assert moved("chatifix_searches_total") == 3
    assert moved("chatifix_http_requests_total", 'operation="chat",status="2xx"') == 2
    assert moved("chatifix_http_requests_total", failed) == 1
    assert after["chatifix_extract_duration_seconds"][1][("chatifix_extract_duration_seconds_count", "")] >= 2
    assert value(after, "chatifix_indexes") >= 1 and value(after, "chatifix_index_memory_bytes") > 0
    assert value(after, "chatifix_http_requests_in_flight") >= 1 and value(after, "chatifix_http_connections") >= 1
    assert value(after, "chatifix_database_bytes") > 4096 and value(after, "process_resident_memory_bytes") > 1 << 20


def test_histograms_are_sound(host, caller):
    caller.get("/api/v1/knowledge/documents")
    for name, (kind, samples) in read(host.url).items():
        if kind != "histogram":
            assert all(v >= 0 for v in samples.values()), name
            continue
        buckets = {}
        for (sample, labels), v in samples.items():
            if sample.endswith("_bucket"):
                rest, _, le = labels.rpartition("le=")
                buckets.setdefault(rest.rstrip(","), []).append((float(le.strip('"')), v))
        for labels, list_ in buckets.items():
            assert list_ == sorted(list_) and [v for _, v in list_] == sorted(v for _, v in list_)
            assert list_[-1] == (float("inf"), samples[(name + "_count", labels)])
            assert samples[(name + "_sum", labels)] >= 0


def test_labels_are_bounded_and_tell_no_one(host):
    for n in range(20):
        requests.get(host.url + "/nothing/%d" % n, timeout=60)
    for _ in range(5):
        register(host.url)
    text = requests.get(host.url + "/metrics", headers={"Authorization": "Bearer " + TOKEN}, timeout=60).text
    names = {label for (_, samples) in families(text).values() for (_, labels) in samples for label in re.findall(r'(\w+)=', labels)}
    assert names <= {"operation", "status", "le", "outcome", "queue", "version", "from"}
    assert not re.search(r"ten_|doc_|key_|cfx_|@|" + SECRET_WORDS, text)
    assert len(text.splitlines()) < 2000


def test_an_address_of_its_own(tmp_path):
    with Host(tmp_path / "data", "--metrics-listen", "127.0.0.1:0") as host:
        line = next(line for line in iter(host.process.stdout.readline, b"") if line.startswith(b"metrics: "))
        url = line.decode().split()[1]
        reply = requests.get(url, timeout=60)
        assert reply.status_code == 200 and "chatifix_build_info" in families(reply.text)
        base = url[:-len("/metrics")]
        assert base != host.url
        assert requests.get(base + "/livez", timeout=60).status_code == 404
        assert requests.get(host.url + "/metrics", timeout=60).status_code == 404
        requests.get(host.url + "/livez", timeout=60)
        until(lambda: value(families(requests.get(url, timeout=60).text), "chatifix_http_requests_total", 'operation="livez",status="2xx"') == 1)


def test_the_log(host, caller):
    """Each line is an object; what a request caused carries its id; neither secrets nor what people wrote is in it."""
    reply = caller.post("/api/v1/knowledge/text", json={"title": "Secret plan", "content": "The " + SECRET_WORDS + " sleeps."})
    mail = "somebody@example.org"
    refused = requests.post(host.url + "/api/v1/auth/login", json={"email": mail, "password": "wombats wander"}, timeout=60)
    ended = '"event":"document","outcome":"completed","document":"%s"' % reply.json()["id"]
    until(lambda: ended in host.log.read_text())
    text = host.log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[0]["event"] == "started" and lines[0]["metrics-token"] == "(set)" and lines[0]["version"]

    def events(request):
        return [line["event"] for line in lines if line.get("request_id") == request.headers["X-Request-Id"]]
    assert "document accepted" in events(reply) and "login failed" in events(refused)
    accepted = [line["document"] for line in lines if line["event"] == "document accepted"]
    assert reply.json()["id"] in accepted
    for secret in (TOKEN, caller.headers["X-API-Key"], mail, "wombats", SECRET_WORDS, "Secret plan"):
        assert secret not in text
