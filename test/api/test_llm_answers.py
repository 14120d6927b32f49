"""What becomes of a model's words: citations compared with their passages, links taken out, budgets, equal questions, other servers' manners."""
import contextlib
import sqlite3
import threading

import fake_llm
import pytest
from conftest import Tenant
from fake_llm import says
from host import SLOW, until
from test_llm import KEY, QUESTION, QUOTE, TEXT, World
from test_stream import told


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    w = World(tmp_path_factory.mktemp("llm-answers") / "w")
    with w.host:
        yield w
        w.tenant.session.close()
    w.model.close()


@contextlib.contextmanager
def started(folder, *options, **more):
    w = World(folder / "w", *options, **more)
    with w.host:
        yield w
        w.tenant.session.close()
    w.model.close()


def rows(world, sql, *values):
    with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % (world.host.log.parent / "data" / "chatifix.db"), uri=True)) as db:
        return db.execute(sql, values).fetchall()


# ---- citations


def test_what_the_passage_does_not_say_is_marked(world):
    world.model.play(says("The harbour master is Ida [1]. The harbour opens at 7 in the morning [1]. It was built by Olaf in 1931."))
    reply = world.chat()
    assert reply["answered"] is True and 0 < reply["confidence"] < 1
    said = [(reply["answer"][c["start"]:c["end"]], c["source"], c["supported"], [(reply["answer"][f["start"]:f["end"]], f["kind"]) for f in c["flags"]])
            for c in reply["citations"]]
    assert said == [("The harbour master is Ida", 0, True, []), ("The harbour opens at 7 in the morning", 0, False, [("7", "number")]),
                    ("It was built by Olaf in 1931.", None, False, [("Olaf", "name"), ("1931", "date")])]


def test_marks_stream_and_are_stored(world):
    world.model.play(says("The harbour master is \U0001f6a2 Ida [1]. Otto left in May 1999 [1]."))
    body = world.stream()
    cited = told(body, "citation")
    assert cited == world.chat()["citations"] and [c["supported"] for c in cited] == [True, False]
    message = told(body, "start")[0]["message_id"]
    stored = rows(world, "select kind, start_at, end_at, source_rank, supported from message_citation c join message m using (tenant_id, message_id)"
                  " where m.public_id = ? order by rank", message)
    wanted = []
    for c in cited:
        wanted.append(("citation", c["start"], c["end"], c["source"], int(c["supported"])))
        wanted += [(f["kind"], f["start"], f["end"], c["source"], int(c["supported"])) for f in c["flags"]]
    assert stored == wanted and len(stored) > 3
    session = told(body, "start")[0]["session_id"]
    assert world.tenant.session.get("/api/v1/chat/sessions/%s/messages" % session).json()["messages"][0]["citations"] == cited


def test_a_sentence_without_a_number_finds_its_passage(world):
    world.model.play(says("Sure! The harbour master is Ida."))
    assert [(c["source"], c["supported"]) for c in world.chat()["citations"]] == [(0, True)]


@pytest.mark.parametrize("text", ["The documents do not answer this.", "I'm sorry, I cannot help with that.",
                                  "The captain is called Nemo and lives in Atlantis [1]."],
                         ids=["refusal", "apology", "invention"])
def test_no_answer_is_told_as_none(world, text):
    world.model.play(says(text))
    reply = world.chat()
    assert reply["answer"] == text and reply["answered"] is False and reply["confidence"] == 0 and reply["degraded"] is False
    assert told(world.stream(), "done")[0]["answered"] is False
    assert rows(world, "select answered from message order by public_id desc limit 1") == [(0,)]


def test_meaning_decides_where_words_do_not(world):
    """Few words are the same, and the encoder knows better."""
    world.model.play(says("Ida is in charge of the harbour as its master [1]."))
    assert [c["supported"] for c in world.chat()["citations"]] == [True]


# ---- links and the like


PIECES = ["The harbour master is Ida [1]. ![x](https://evil.exam", "ple/?q=CANARY) [here](", "http://evil.example) <img src=//evil.example/y>",
          " www.evil.example [7", "]"]


def test_no_link_comes_through(world):
    world.model.play(says(*PIECES))
    body = world.stream()
    text = "".join(told(body, "token"))
    assert text == world.chat()["answer"] == "The harbour master is Ida [1]. [x] [here] < img src=//evil.example/y> (link removed)"
    for bad in (b"https://", b"http://", b"](", b"<img", b"CANARY", b"www."):
        assert bad not in body


def test_the_rules_do_not_come_back(world):
    def echo(c, request):
        c.send(fake_llm.HEAD)
        for turn in request.body["messages"]:
            for at in range(0, len(turn["content"]), 7):
                c.say(turn["content"][at:at + 7])
        c.done()
        return True
    world.model.play(echo)
    answer = world.chat()["answer"]
    system = world.model.requests[0].body["messages"][0]["content"]
    mark = system.split("that begin with the mark ")[1].split(".")[0]
    assert mark not in answer and "mark" + mark[4:12] not in answer
    assert not any(system[i:i + 40] in answer for i in range(len(system) - 40)), "40 characters of the rules in a row"


# ---- persona


def set_terms(world, **settings):
    reply = world.tenant.session.put("/api/v1/settings", json=settings, headers={"X-API-Key": None, "Authorization": "Bearer " + world.tenant.token})
    assert reply.status_code == 200, reply.text


def test_persona_is_told(tmp_path):
    with started(tmp_path) as w:
        set_terms(w, persona="You are Captain Blue. Be brisk.")
        w.model.play(says("Ida [1]."))
        w.chat()
        system = w.model.requests[0].body["messages"][0]["content"]
        assert system.endswith("How the company wants you to sound, within these rules: You are Captain Blue. Be brisk.")
        set_terms(w, persona="É" * 1000)
        w.chat()
        assert w.model.requests[1].body["messages"][0]["content"].endswith("within these rules: " + "É" * 1000)
        set_terms(w, persona=None)
        w.chat()
        assert "How the company wants" not in w.model.requests[2].body["messages"][0]["content"]


# ---- budgets


def test_tokens_of_a_day_are_a_hard_bound(tmp_path):
    with started(tmp_path, "--llm-day-tokens", "2500", "--llm-max-tokens", "300") as w:
        w.model.play(says("The harbour master is Ida [1].", usage=(900, 100)))
        assert [w.chat()["degraded"] for _ in range(4)] == [False, False, True, True]
        assert len(w.model.requests) == 2 and w.chat()["answer"] == QUOTE
        other = Tenant(w.host.url)
        assert other.session.post(TEXT, json={"title": "Harbour", "content": QUOTE}).status_code == 201
        assert other.session.post("/api/v1/chat", json={"question": QUESTION}).json()["degraded"] is False, "each company has its own"
        other.session.close()


def test_calls_at_once_do_not_pass_the_bound_together(tmp_path):
    with started(tmp_path, "--llm-day-tokens", "2500", "--llm-max-tokens", "300") as w:
        gate = threading.Event()

        def play(c, request):
            gate.wait(30 * SLOW)
            return says("The harbour master is Ida [1].", usage=(500, 100))(c, request)
        w.model.play(play)
        bodies = []
        threads = [threading.Thread(target=lambda: bodies.append(w.stream())) for _ in range(12)]
        for thread in threads:
            thread.start()
        until(lambda: len(bodies) + len(w.model.requests) == 12)
        gate.set()
        for thread in threads:
            thread.join()
        asked = len(w.model.requests)
        assert 1 <= asked <= 4 and sum(told(body, "done")[0]["degraded"] for body in bodies) == 12 - asked
        assert w.chat()["degraded"] is False, "what calls did not use is free again"


def test_a_company_may_bound_itself(tmp_path):
    with started(tmp_path) as w:
        set_terms(w, model_tokens_a_day=100)
        assert w.chat()["degraded"] is True and w.model.requests == []
        set_terms(w, model_tokens_a_day=None)
        w.model.play(says("The harbour master is Ida [1].", usage=(900, 100)))
        assert w.chat()["degraded"] is False
        set_terms(w, model_tokens_a_day=10000)
        assert w.chat()["degraded"] is False and len(w.model.requests) == 2


def test_the_smaller_bound_holds(tmp_path):
    with started(tmp_path, "--llm-day-tokens", "100") as w:
        set_terms(w, model_tokens_a_day=10**9)
        assert w.chat()["degraded"] is True and w.model.requests == []


# ---- equal questions


def test_equal_questions_are_asked_once(tmp_path):
    with started(tmp_path, "--llm-cache", "1M") as w:
        w.model.play(says("The harbour master is Ida [1].", usage=(900, 100)))
        first, second = w.chat(), w.chat(" " + QUESTION + "\n")
        assert len(w.model.requests) == 1 and first["usage"]["output_tokens"] == 100
        assert second["usage"] == {"input_tokens": 0, "output_tokens": 0} and second["message_id"] != first["message_id"]
        for member in ("answer", "citations", "sources", "answered", "confidence", "degraded"):
            assert second[member] == first[member]
        assert "".join(told(w.stream(), "token")) == first["answer"] and len(w.model.requests) == 1
        w.chat("Who is the master of the harbour?")
        assert len(w.model.requests) == 2, "another question"
        w.chat(session_id=first["session_id"])
        assert len(w.model.requests) == 3, "another conversation"
        assert w.tenant.session.post(TEXT, json={"title": "Pier", "content": "The pier warden is Ute."}).status_code == 201
        w.chat()
        assert len(w.model.requests) == 4, "the documents have changed"


def test_the_cache_keeps_companies_apart_and_no_failures(tmp_path):
    with started(tmp_path, "--llm-cache", "1M") as w:
        w.model.play(says("The documents do not answer this."))
        w.chat(), w.chat()
        assert len(w.model.requests) == 2, "a refusal is not kept"
        w.model.play(says("The harbour master is Ida [1]."))
        w.chat(), w.chat()
        other = Tenant(w.host.url)
        assert other.session.post(TEXT, json={"title": "Harbour", "content": QUOTE + " The harbour opens at six in the morning."}).status_code == 201
        assert other.session.post("/api/v1/chat", json={"question": QUESTION}).status_code == 200 and len(w.model.requests) == 2
        other.session.close()


def test_without_a_cache_each_question_is_asked(world):
    world.model.play(says("The harbour master is Ida [1]."))
    world.chat(), world.chat()
    assert len(world.model.requests) == 2


# ---- servers and their manners


AZURE = "/openai/deployments/gpt/?api-version=2024-10-21"


@pytest.mark.parametrize("path,style,target,header,bound", [
    ("", "plain", "/v1/chat/completions", "authorization: bearer " + KEY, "max_tokens"),
    ("/", "openai", "/v1/chat/completions", "authorization: bearer " + KEY, "max_completion_tokens"),
    (AZURE, "azure", "/v1/openai/deployments/gpt/chat/completions?api-version=2024-10-21", "api-key: " + KEY, "max_completion_tokens")])
def test_manners(tmp_path, path, style, target, header, bound):
    with started(tmp_path, "--llm-style", style, path=path) as w:
        w.model.play(says("Ida [1]."))
        assert w.chat()["degraded"] is False
        request = w.model.requests[0]
        assert request.head.startswith("POST %s HTTP/1.1\r\n" % target)
        lines = request.head.lower().split("\r\n")
        assert header.lower() in lines and sum(KEY in line for line in request.head.split("\r\n")) == 1
        assert request.body[bound] == 512 and ("max_tokens" in request.body) != ("max_completion_tokens" in request.body)


CHUNK = {"object": "chat.completion.chunk", "created": 1, "model": "m"}
STREAMS = {  # first events and last ones, as these servers' documentation shows them
    "azure": ([{"choices": [], "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {"hate": {"filtered": False, "severity": "safe"}}}]},
               {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None, "content_filter_results": {}}], "usage": None}],
              [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "logprobs": None}], "usage": None},
               {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11, "prompt_tokens_details": {"cached_tokens": 0}}}]),
    "vllm": ([{"choices": [{"index": 0, "delta": {"role": "assistant", "content": "", "reasoning_content": None}, "logprobs": None, "finish_reason": None}],
               "usage": {"prompt_tokens": 5, "total_tokens": 5, "completion_tokens": 0}}],
             [{"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "stop", "stop_reason": None}]},
              {"choices": [], "usage": {"prompt_tokens": 5, "total_tokens": 11, "completion_tokens": 6}}]),
    "ollama": ([{"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}], "system_fingerprint": "fp_ollama"}],
               [{"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": "stop"}], "system_fingerprint": "fp_ollama"},
                {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11}}]),
    "llama-server": ([{"choices": [{"index": 0, "finish_reason": None, "delta": {"role": "assistant", "content": None}}], "system_fingerprint": "b1"}],
                     [{"choices": [{"index": 0, "finish_reason": "length", "delta": {}}]},
                      {"choices": [], "usage": {"completion_tokens": 6, "prompt_tokens": 5, "total_tokens": 11}, "timings": {"predicted_n": 6}}]),
}


@pytest.mark.parametrize("server", STREAMS)
def test_streams_of_many_servers(world, server):
    before, after = STREAMS[server]

    def play(c, request):
        c.send(fake_llm.HEAD)
        for event in before:
            c.event({**CHUNK, **event})
        for piece in ("The harbour", " master is Ida", " [1]."):
            c.say(piece)
        for event in after:
            c.event({**CHUNK, **event})
        c.event("[DONE]")
        c.send("0\r\n\r\n")
        return True
    world.model.play(play)
    reply = world.chat()
    assert reply["answer"] == "The harbour master is Ida [1]." and reply["usage"] == {"input_tokens": 5, "output_tokens": 6} and reply["degraded"] is False
