"""What of a conversation a language model is told: the newest turns as they were, older ones in short, the oldest not at all."""
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
