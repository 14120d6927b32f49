"""Streams that are resumed, and answers that are stopped: with a scripted model whose words come when the test lets them."""
import threading

import fake_llm
import pytest
from host import SLOW, Caller, register, until
from test_llm import QUESTION, World
from test_stream import ask, connect, events, told

MESSAGES = "/api/v1/chat/sessions/%s/messages"
STREAM = "/api/v1/chat/messages/%s/stream"
STOP = "/api/v1/chat/messages/%s/stop"
PIECES = ["The harbour ", "master \U0001f6a2 is ", "蜂\u2028蜜", " called Ida [1].", " That is all [1]."]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    w = World(tmp_path_factory.mktemp("resume") / "w", "--llm-silence", "60", "--llm-timeout", "100")
    with w.host:
        yield w
        w.tenant.session.close()
    w.model.close()


class Gated:
    """Says `before`, waits to be opened, says `after`."""

    def __init__(self, before, after):
        self.before, self.after, self.gate = before, after, threading.Event()

    def __call__(self, c, request):
        c.send(fake_llm.HEAD)
        for piece in self.before:
            c.say(piece)
        self.gate.wait(60 * SLOW)
        for piece in self.after:
            c.say(piece)
        c.done((9, 5))
        return True


class Reader:
    """A stream read as far as the test wants."""

    def __init__(self, tenant, **members):
        self.raw = connect(tenant)
        ask(self.raw, tenant, QUESTION, **members)
        self.raw.head()
        self.body = b""

    def until(self, condition):
        while not self.body or not condition(self.body):
            size = int(self.raw._until(b"\r\n"), 16)
            self.body += self.raw._exactly(size)
            self.raw._exactly(2)
            assert size, "the stream has ended"
        return self.body

    def until_said(self, text):
        """White space behind it may be held back."""
        text = text.rstrip()
        return self.until(lambda body: text in "".join(told(body, "token")))

    def leave(self):
        self.raw.socket.close()

    def message_id(self):
        return told(self.until(lambda body: told(body, "start")), "start")[0]["message_id"]


def follow(caller, message_id, after=None, expected=200, **query):
    reply = caller.get(STREAM % message_id, headers={} if after is None else {"Last-Event-ID": str(after)}, params=query)
    assert reply.status_code == expected, reply.text
    return reply.content


def stored(world, message_id):
    """The message once it is stored."""
    def look():
        for session in world.tenant.session.get("/api/v1/chat/sessions", params={"limit": 5}).json()["sessions"]:
            for message in world.tenant.session.get(MESSAGES % session["id"]).json()["messages"]:
                if message["id"] == message_id:
                    return message
    return until(look)


def last_id(body):
    return events(body)[-1][0]


def test_the_rest_comes_while_the_answer_is_given(world):
    script = Gated(PIECES[:2], PIECES[2:])
    world.model.play(script)
    reader = Reader(world.tenant, resumable=True)
    seen = reader.until_said(PIECES[1])
    message_id = reader.message_id()
    reader.leave()
    threading.Timer(0.3, script.gate.set).start()
    rest = follow(world.tenant.session, message_id, last_id(seen))
    assert "".join(told(seen + rest, "token")) == "".join(PIECES)
    ids = [id for id, _, _ in events(seen + rest)]
    assert ids == sorted(set(ids)), "none twice"
    kinds = [kind for _, kind, _ in events(rest)]
    assert kinds[-3:] == ["citation", "citation", "done"] and "start" not in kinds and "source" not in kinds
    message = stored(world, message_id)
    assert message["answer"] == "".join(PIECES) and message["status"] == "complete" and message["usage"] == {"input_tokens": 9, "output_tokens": 5}


def test_the_answer_goes_on_alone(world):
    script = Gated(PIECES[:1], PIECES[1:])
    world.model.play(script)
    reader = Reader(world.tenant, resumable=True)
    seen = reader.until_said(PIECES[0])
    reader.leave()
    script.gate.set()
    assert stored(world, reader.message_id())["status"] == "complete"
    rest = follow(world.tenant.session, reader.message_id(), last_id(seen))
    assert "".join(told(seen + rest, "token")) == "".join(PIECES)
    assert not world.model.requests[0].left.is_set()


def test_a_second_reader_takes_over(world):
    """The first hears no more, the second all of it."""
    script = Gated(PIECES[:2], PIECES[2:])
    world.model.play(script)
    first = Reader(world.tenant, resumable=True)
    seen = first.until_said(PIECES[1])
    with connect(world.tenant) as raw:
        raw.send(b"GET %s HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\n\r\n" % ((STREAM % first.message_id()).encode(), world.tenant.key.encode()))
        assert raw.head().status == 200
        begun = raw._exactly(int(raw._until(b"\r\n"), 16))
        raw._exactly(2)
        script.gate.set()
        whole = begun + raw._chunks()
    assert "".join(told(whole, "token")) == "".join(PIECES) and told(whole, "start") == told(seen, "start") and len(told(whole, "done")) == 1
    assert first.raw._chunks() == b"", "nothing more, and a proper end"
    first.leave()


@pytest.mark.parametrize("resumable", [False, True])
def test_every_place_to_resume_from(world, resumable):
    """Of an answer that has ended, however it was asked for."""
    world.model.play(fake_llm.says(*PIECES))
    whole = world.tenant.session.post("/api/v1/chat/stream", json={"question": QUESTION, "resumable": resumable}).content
    message_id = told(whole, "start")[0]["message_id"]
    stored(world, message_id)
    for at, (id, kind, _) in enumerate(events(whole)):
        if kind == "done":
            assert follow(world.tenant.session, message_id, id, 204) == b""
            continue
        rest = follow(world.tenant.session, message_id, id)
        left = events(whole)[at + 1:]
        assert [data for _, k, data in left if k != "token"] == [{n: v for n, v in data.items() if n != "removed"} for _, k, data in events(rest) if k != "token"]
        assert "".join(data for _, k, data in left if k == "token") == "".join(told(rest, "token"))
        assert last_id(rest) == last_id(whole)
    again = follow(world.tenant.session, message_id)
    assert told(again, "start") == told(whole, "start") and "".join(told(again, "token")) == "".join(PIECES)


def test_any_byte_of_the_text(world):
    world.model.play(fake_llm.says("Ida [1]. " + "word " * 300))
    whole = world.tenant.session.post("/api/v1/chat/stream", json={"question": QUESTION}).content
    message_id = told(whole, "start")[0]["message_id"]
    first = 1 + len(told(whole, "source"))
    text = "".join(told(whole, "token"))
    for offset in (0, 1, 511, 512, 513, len(text) - 1, len(text)):
        assert "".join(told(follow(world.tenant.session, message_id, first + offset), "token")) == text[offset:]
    follow(world.tenant.session, message_id, 10**17, 204)


def test_quotes_are_resumed_too(product, module_tenant):
    module_tenant.session.post("/api/v1/knowledge/text", json={"title": "Shop", "content": "The shop in Linz opens at nine."})
    whole = module_tenant.session.post("/api/v1/chat/stream", json={"question": "When does the shop in Linz open?", "resumable": True}).content
    plain = module_tenant.session.post("/api/v1/chat/stream", json={"question": "When does the shop in Linz open?"}).content
    assert [(k, d) for _, k, d in events(whole) if k != "start"] == [(k, d) for _, k, d in events(plain) if k != "start"]
    assert [i for i, _, _ in events(whole)] == [i for i, _, _ in events(plain)]
    assert "".join(told(follow(module_tenant.session, told(plain, "start")[0]["message_id"], 2), "token")) == "".join(told(plain, "token"))


@pytest.mark.parametrize("id", ["x", "-1", "1.5", "99999999999999999999"])
def test_a_last_event_id_that_is_none(world, id):
    world.model.play(fake_llm.says("Ida [1]."))
    message_id = world.chat()["message_id"]
    assert world.tenant.session.get(STREAM % message_id, headers={"Last-Event-ID": id}).json()["detail"][0]["loc"] == ["header", "Last-Event-ID"]


def test_only_its_owner_resumes_or_stops(world):
    script = Gated(PIECES[:1], PIECES[1:])
    world.model.play(script)
    reader = Reader(world.tenant, resumable=True, user="ann")
    reader.until_said(PIECES[0])
    with Caller(world.host.url, register(world.host.url)) as stranger:
        for caller, query in ((stranger, {}), (stranger, {"user": "ann"}), (world.tenant.session, {"user": "bob"})):
            assert b"There is no message" in follow(caller, reader.message_id(), 1, 404, **query)
            assert caller.post(STOP % reader.message_id(), params=query).status_code == 404
    script.gate.set()
    reader.until(lambda body: told(body, "done"))
    assert told(reader.body, "done")[0].get("interrupted") is None
    reader.leave()


@pytest.mark.parametrize("resumable", [False, True])
def test_stop(world, resumable):
    world.model.play(fake_llm.begins("The master is Ida [1]. Half an "))
    reader = Reader(world.tenant, resumable=resumable)
    reader.until_said("Half an ")
    reply = world.tenant.session.post(STOP % reader.message_id())
    assert reply.status_code == 202 and reply.json() == {"id": reader.message_id(), "status": "stopping"}
    body = reader.until(lambda body: told(body, "done"))
    assert told(body, "done")[0]["interrupted"] is True and len(told(body, "citation")) == 1
    assert world.model.requests[0].left.wait(10 * SLOW)
    message = stored(world, reader.message_id())
    assert message["status"] == "interrupted" and message["answer"] == "".join(told(body, "token")) == "The master is Ida [1]. Half an" and message["usage"]["output_tokens"] > 0
    assert message["citations"] == told(body, "citation")
    again = world.tenant.session.post(STOP % reader.message_id())
    assert again.status_code == 200 and again.json()["status"] == "interrupted"
    assert told(follow(world.tenant.session, reader.message_id(), 1), "done")[0]["interrupted"] is True
    reader.leave()


def test_without_resumable_leaving_ends_it(world):
    world.model.play(fake_llm.begins("Ida [1]. And "))
    reader = Reader(world.tenant)
    reader.until_said("And ")
    assert follow(world.tenant.session, reader.message_id(), 1, 404)
    reader.leave()
    assert world.model.requests[0].left.wait(10 * SLOW)
    message = stored(world, reader.message_id())
    assert message["status"] == "interrupted" and message["answer"] == "Ida [1]. And"


def test_the_end_of_the_server_ends_a_lonely_answer(tmp_path):
    w = World(tmp_path / "w", "--shutdown-time", "0", "--llm-silence", "60")
    with w.host:
        w.model.play(fake_llm.begins("Ida [1]. And "))
        reader = Reader(w.tenant, resumable=True)
        reader.until_said("And ")
        reader.leave()
    w.tenant.session.close()
    w.model.close()


def test_a_stopped_answer_is_not_given_again(tmp_path):
    w = World(tmp_path / "w", "--llm-cache", "1M", "--llm-silence", "60")
    with w.host:
        w.model.play(fake_llm.begins("The harbour master is Ida [1]. Half an"))
        reader = Reader(w.tenant)
        reader.until_said("Half an")
        w.tenant.session.post(STOP % reader.message_id())
        done = told(reader.until(lambda body: told(body, "done")), "done")[0]
        assert done["answered"] is True and done["interrupted"] is True
        reader.leave()
        w.model.play(fake_llm.says("The harbour master is Ida [1]."))
        assert w.chat()["answer"] == "The harbour master is Ida [1]." and len(w.model.requests) == 1
        w.tenant.session.close()
    w.model.close()
