"""What of a conversation a language model is told: the newest turns as they were, older ones in short, the oldest not at all."""
import time

import fake_llm
import pytest
from test_llm import QUESTION, World


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    w = World(tmp_path_factory.mktemp("history") / "w", "--llm-context", "20000")
    with w.host:
        yield w
        w.tenant.session.close()
    w.model.close()


def talk(world, turns, answer="Answer %d begins. It goes on with %d [1]."):
    """The turns of the past that the model was told with the last question."""
    session_id = None
    for n in range(turns):
        world.model.play(fake_llm.says(answer.replace("%d", str(n))))
        reply = world.chat("%s (%d)" % (QUESTION, n), session_id=session_id)
        session_id = reply["session_id"]
        assert not reply["degraded"]
    return world.model.requests[-1].body["messages"][1:-1]


def test_older_answers_are_told_in_short(world):
    past = talk(world, 7)
    assert [turn["role"] for turn in past] == ["user", "assistant"] * 6
    assert [turn["content"] for turn in past[::2]] == ["%s (%d)" % (QUESTION, n) for n in range(6)]
    assert [turn["content"] for turn in past[1::2]] == ["Answer %d begins." % n for n in range(3)] + ["Answer %d begins. It goes on with %d [1]." % (n, n) for n in range(3, 6)]


def test_only_so_many_turns(world):
    past = talk(world, 16)
    assert len(past) == 24 and past[0]["content"] == "%s (3)" % QUESTION


def test_long_turns_are_cut(world):
    past = talk(world, 6, "Ida 蜂 " * 2000 + "[1].")
    texts = [turn["content"] for turn in past]
    assert len(past) >= 6 and all(len(text.encode()) <= 1200 for text in texts) and sum(len(text.encode()) for text in texts) <= 12000
    assert texts[-1].startswith("Ida 蜂 Ida") and "\ufffd" not in "".join(texts)


# ---- follow-ups in the model's words


def rewriting(request):
    return "Last question:" in request.prompt()


def plays(*rewritten):
    """The first script for a rewriting, "The pandas [1]." for an answer."""
    def play(c, request):
        return (fake_llm.says(*rewritten, usage=(50, 6)) if rewriting(request) else fake_llm.says("The pandas [1].", usage=(100, 7)))(c, request)
    return play


def follow_up(world, question, script, **members):
    world.model.play(fake_llm.says("Ida [1]."))
    session_id = world.chat()["session_id"]
    world.model.play(script)
    return world.chat(question, session_id=session_id, **members)


@pytest.mark.parametrize("rewritten", [["What does the zoo ", "feed at noon?"], ["\n \"What does the zoo feed at noon?\"\nHere you are."]])
def test_where_no_rule_finds_an_answer_the_model_is_asked(world, rewritten):
    reply = follow_up(world, "Xyzzy plugh?", plays(*rewritten))
    assert reply["answer"] == "The pandas [1]." and reply["answered"] is True and reply["sources"][0]["document_name"] == "Zoo"
    assert reply["usage"] == {"input_tokens": 150, "output_tokens": 13}
    first, second = (r.body for r in world.model.requests)
    assert first["max_tokens"] == 80 and first["temperature"] == 0 and "Question: " + QUESTION in first["messages"][1]["content"]
    assert second["messages"][-1]["content"].endswith("Question: Xyzzy plugh?"), "the model is asked what the person asked"


def test_filters_hold_for_it_too(world):
    zoo = next(d for d in world.tenant.session.get("/api/v1/knowledge/documents").json()["documents"] if d["filename"] == "Zoo")
    question = "What does the zoo feed at noon?"
    assert follow_up(world, "Xyzzy plugh?", plays(question), filters={"document_id": [zoo["id"]]}, collection="default")["answered"] is True
    assert follow_up(world, "Xyzzy plugh?", plays(question), filters={"document_id": ["doc_0"]})["answered"] is False
    assert follow_up(world, "Xyzzy plugh?", plays(question), filters={"metadata": {"colour": "red"}})["answered"] is False


@pytest.mark.parametrize("script", [plays(""), plays("word " * 200), plays("What is the boiling point of tungsten?"), fake_llm.replies("500 Oops"), fake_llm.streams("rubbish\n\n")])
def test_nothing_of_use_comes_back(world, script):
    reply = follow_up(world, "Xyzzy plugh?", script)
    assert reply["answered"] is False and reply["sources"] == [] and len(world.model.requests) == 1
    world.well()


def test_it_has_three_seconds(world):
    began = time.monotonic()
    reply = follow_up(world, "Xyzzy plugh?", fake_llm.begins("What does "))
    assert reply["answered"] is False and time.monotonic() - began >= 3
    world.well()


def test_it_is_not_asked_without_need(world):
    world.model.play(plays("What does the zoo feed at noon?"))
    assert world.chat("Xyzzy plugh?")["answered"] is False and not world.model.requests, "there is no conversation"
    follow_up(world, "And what do the pandas get there?", plays("x"))
    assert [rewriting(r) for r in world.model.requests] == [False], "a rule found it"


def test_a_stream_begins_after_it(world):
    world.model.play(fake_llm.says("Ida [1]."))
    session_id = world.chat()["session_id"]
    for resumable in (False, True):
        world.model.play(plays("What does the zoo feed at noon?"))
        body = world.tenant.session.post("/api/v1/chat/stream", json={"question": "Xyzzy plugh?", "session_id": session_id, "resumable": resumable}).text
        assert body.startswith("id: 1\ndata: {\"type\":\"start\"") and "pandas" in body and '"done"' in body


def test_it_counts_towards_the_tokens_of_a_day(tmp_path):
    w = World(tmp_path / "w", "--llm-day-tokens", "6000")
    with w.host:
        w.model.play(fake_llm.says("Ida [1].", usage=(10, 10)))
        session_id = w.chat()["session_id"]
        w.model.play(fake_llm.says("", usage=(5980, 0)))
        assert w.chat("Xyzzy plugh?", session_id=session_id)["usage"] == {"input_tokens": 5980, "output_tokens": 0} and len(w.model.requests) == 1
        w.model.play(plays("What does the zoo feed at noon?"))
        assert w.chat("Xyzzy plugh?", session_id=session_id)["answered"] is False and not w.model.requests
        assert w.chat()["degraded"] is True and not w.model.requests
        w.tenant.session.close()
    w.model.close()
