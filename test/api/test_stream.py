"""POST /api/v1/chat/stream: the events, byte by byte."""
import json
import re
import socket
import struct
import urllib.parse

import pytest
from host import SLOW
from rawhttp import Raw

TEXT = "/api/v1/knowledge/text"
CHAT = "/api/v1/chat"
STREAM = "/api/v1/chat/stream"
EVENT_MAX = 4096

ODD = {  # title: a sentence whose odd characters must come through
    "line ends": "The lighthouse log says: first\r\nsecond\rthird\nfourth.",
    "data line": "The brewery sign says data: {\"type\":\"token\"} and event: done, id: 7.",
    "emoji": "The zoo feeds \U0001f43c\U0001f468\u200d\U0001f469\u200d\U0001f467 and \U0001f1e6\U0001f1f9 flags at noon.",
    "separators": "The archive keeps line\u2028one, paragraph\u2029two and next\u0085three.",
    "quotes": "The printer wrote \"quoted\" \\ back\\slash \\n and </script><b>bold</b> & more.",
    "long": "The glacier moves " + "very " * 700 + "slowly.",
    "no spaces": "The telescope saw " + "ab" * 3000 + " yesterday.",
    "wide": "The dictionary lists 蜂" + "蜜" * 900 + " as one word.",
}
ODD_QUESTIONS = ["What does the lighthouse log say?", "What does the brewery sign say?", "What does the zoo feed?", "What does the archive keep?", "What did the printer write?",
                 "How does the glacier move?", "What did the telescope see?", "What does the dictionary list?", "What is the boiling point of tungsten?", "Hello!"]


@pytest.fixture(scope="module")
def shop(module_tenant):
    for title, content in ODD.items():
        reply = module_tenant.session.post(TEXT, json={"title": title, "content": content})
        assert reply.status_code == 201, reply.text
    title = "\r\n\ndata: x\u2028\U0001f41d" + "t" * 180
    content = "The harbour master is Ida. " + "\u2028\U0001f6a2" * 150
    reply = module_tenant.session.post(TEXT, json={"title": title, "content": content})
    assert reply.status_code == 201, reply.text
    return module_tenant


def connect(tenant):
    return Raw(urllib.parse.urlparse(tenant.url).port, 30 * SLOW)


def ask(raw, tenant, question, **members):
    body = json.dumps({"question": question, **members}).encode()
    raw.send(b"POST %s HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" %
             (STREAM.encode(), tenant.key.encode(), len(body), body))


def stream(tenant, question, **members):
    with connect(tenant) as raw:
        ask(raw, tenant, question, **members)
        return raw.reply()


def events(body):
    """The events of a stream: each an id: line and one data: line, small, nothing else on the wire but comments."""
    found = []
    assert body.endswith(b"\n\n") and b"\r" not in body
    for block in body[:-2].split(b"\n\n"):
        assert len(block) + 2 <= EVENT_MAX
        if block.startswith(b":"):
            continue
        match = re.fullmatch(rb"id: ([0-9]+)\ndata: (.*)", block)  # . is any byte but LF
        assert match, block
        text = match[2].decode()
        assert len(text.splitlines()) == 1, "a client that splits at U+0085, U+2028 or U+2029 cuts it"
        event = json.loads(text)
        assert set(event) == {"type", "data"}
        found.append((int(match[1]), event["type"], event["data"]))
    return found


def told(body, kind):
    return [data for _, type, data in events(body) if type == kind]


def test_headers(shop):
    reply = stream(shop, "Who is the harbour master?")
    assert reply.status == 200
    assert reply.get("content-type").split(";")[0] == "text/event-stream"
    assert reply.all("cache-control") == ["no-cache, no-transform"] and reply.all("x-accel-buffering") == ["no"]
    assert reply.get("x-request-id") and reply.all("access-control-allow-origin") == ["*"]
    assert reply.get("content-length") is None and reply.get("content-encoding") is None


@pytest.mark.parametrize("question", ["Who is the harbour master?", *ODD_QUESTIONS])
def test_order(shop, question):
    all = events(stream(shop, question).body)
    assert re.fullmatch("start (source )*(token )+(citation )*done", " ".join(type for _, type, _ in all))
    ids = [id for id, _, _ in all]
    assert ids == sorted(set(ids))


def test_members(shop):
    body = stream(shop, "Who is the harbour master?").body
    start, done = told(body, "start")[0], told(body, "done")[0]
    assert set(start) == {"session_id", "message_id"} and start["session_id"].startswith("sess-") and start["message_id"].startswith("msg_")
    assert {"answered", "confidence", "usage"} <= set(done) and done["answered"] is True
    for source in told(body, "source"):
        assert {"document_name", "similarity_score", "document_id", "page", "heading", "snippet", "start", "end"} <= set(source)
        assert 0 < len(source["snippet"]) <= 200 and 0 < source["similarity_score"] <= 1
    assert all(isinstance(text, str) and text for text in told(body, "token"))


@pytest.mark.parametrize("question", ["Who is the harbour master?", *ODD_QUESTIONS])
def test_same_as_chat(shop, question):
    body = stream(shop, question).body
    chat = shop.session.post(CHAT, json={"question": question}).json()
    assert "".join(told(body, "token")) == chat["answer"]
    assert told(body, "citation") == chat["citations"]
    assert told(body, "done") == [{k: chat[k] for k in ("answered", "confidence", "degraded", "usage")}]
    shown, whole = told(body, "source"), chat["sources"]
    assert [{**s, "heading": None, "snippet": None} for s in shown] == [{**s, "heading": None, "snippet": None} for s in whole]
    assert all(w["snippet"].startswith(s["snippet"]) for s, w in zip(shown, whole))


@pytest.mark.parametrize("question,parts", [("What does the lighthouse log say?", ["The lighthouse log says: first"]),
                                            ("What does the brewery sign say?", ["data: {\"type\":\"token\"} and event: done, id: 7."]),
                                            ("What does the zoo feed?", ["\U0001f43c\U0001f468", "\U0001f469", "\U0001f1e6\U0001f1f9"]),
                                            ("What did the printer write?", ["\"quoted\" \\ back\\slash \\n and </script><b>bold</b> & more."]),
                                            ("How does the glacier move?", ["The glacier moves very very"]),
                                            ("Who is the harbour master?", ["The harbour master is Ida."])])
def test_odd_characters_survive(shop, question, parts):
    text = "".join(told(stream(shop, question).body, "token"))
    at = 0
    for part in parts:
        assert part in text[at:], (part, text)
        at = text.index(part, at) + len(part)


def test_odd_names_survive(shop):
    names = [s["document_name"] for s in told(stream(shop, "Who is the harbour master?").body, "source")]
    assert names[0].endswith("data: x\u2028\U0001f41d" + "t" * 180)


def test_session_goes_on(shop):
    first = told(stream(shop, "Who is the harbour master?").body, "start")[0]
    second = told(stream(shop, "And what does the zoo feed?", session_id=first["session_id"]).body, "start")[0]
    assert second["session_id"] == first["session_id"] and second["message_id"] != first["message_id"]
    reply = shop.session.post(CHAT, json={"question": "And the brewery sign?", "session_id": first["session_id"]})
    assert reply.status_code == 200


@pytest.mark.parametrize("members,status", [({"question": ""}, 422), ({"question": "q" * 8001}, 422), ({"question": "When?", "session_id": "sess-0"}, 404),
                                            ({"question": "When?", "top_k": 0}, 422), ({"question": "When?", "collection": "nowhere"}, 404)])
def test_refused_before_it_begins(shop, members, status):
    reply = shop.session.post(STREAM, json=members)
    assert reply.status_code == status and reply.headers["Content-Type"].startswith("application/") and "json" in reply.headers["Content-Type"]
    assert reply.json()["detail"]


def test_no_key(shop):
    with connect(shop) as raw:
        raw.send(b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}" % STREAM.encode())
        assert raw.reply().status == 401


def test_connection_is_kept(shop):
    with connect(shop) as raw:
        for _ in range(3):
            ask(raw, shop, "What does the archive keep?")
            assert events(raw.reply().body)[-1][1] == "done"


def test_each_event_is_a_chunk_of_its_own(shop):
    with connect(shop) as raw:
        ask(raw, shop, "How does the glacier move?")
        assert raw.head().get("transfer-encoding") == "chunked"
        while True:
            chunk = raw._exactly(int(raw._until(b"\r\n"), 16))
            assert raw._exactly(2) == b"\r\n"
            if not chunk:
                break
            assert chunk.endswith(b"\n\n") and chunk.count(b"\n\n") == 1


LEAVES = {
    "at-once": lambda raw: None,
    "after-the-head": lambda raw: raw.head(),
    "after-one-event": lambda raw: (raw.head(), raw._until(b"\n\n")),
}


@pytest.mark.parametrize("leave", LEAVES.values(), ids=LEAVES)
@pytest.mark.parametrize("reset", [False, True], ids=["close", "reset"])
def test_client_goes_away(shop, leave, reset):
    for _ in range(15):
        with connect(shop) as raw:
            ask(raw, shop, "What did the telescope see?")
            leave(raw)
            if reset:
                raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert events(stream(shop, "Who is the harbour master?").body)[-1][1] == "done"
    assert shop.session.get("/readyz").status_code == 200
