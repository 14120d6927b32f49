"""Follow-up questions: what is asked second is answered with the conversation as well as the whole question is without one.

Two documents, forty pairs and twenty follow-ups that nothing answers, of this project's own. The rules were made with the handbook's in view; the shop's were kept
back."""
import json
import pathlib

import pytest
from host import Caller, Host, register

FOLDER = pathlib.Path(__file__).with_name("follow_ups")
# Of the 20 pairs: the answer says it; of the 10 that nothing answers: it is not answered. Measured: handbook 19 and 10, shop 20 and 10; without the session 17 and
# 15 of the pairs, asked as whole questions all.
FLOORS = {"handbook": (18, 9), "shop": (19, 9)}


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    with Host(tmp_path_factory.mktemp("follow") / "data") as host:
        yield host


def ask(caller, question, session_id=None):
    reply = caller.post("/api/v1/chat", json={"question": question, "session_id": session_id})
    assert reply.status_code == 200, reply.text
    return reply.json()


def measure(caller, pairs):
    """Whose answers say it: to the follow-up in its session, to it alone, to the whole question; and which are not answered that should not be."""
    right = {"follow-up": [], "alone": [], "whole": [], "none": []}
    for pair in pairs:
        session_id = ask(caller, pair["first"])["session_id"]
        if pair["says"] is None:
            reply = ask(caller, pair["then"], session_id)
            if not reply["answered"]:
                right["none"].append(pair["then"])
            else:
                print("%s | %s -> %s" % (pair["first"], pair["then"], reply["answer"]))
            continue
        for way, reply in (("follow-up", ask(caller, pair["then"], session_id)), ("alone", ask(caller, pair["then"])), ("whole", ask(caller, pair["whole"]))):
            if pair["says"] in reply["answer"]:
                right[way].append(pair["then"])
            elif way == "follow-up":
                print("%s | %s -> %s" % (pair["first"], pair["then"], reply["answer"]))
    return right


@pytest.mark.parametrize("name", FLOORS)
def test_follow_ups(host, name):
    pairs = [pair for pair in json.loads((FOLDER / "pairs.json").read_text()) if pair["of"] == name]
    with Caller(host.url, register(host.url)) as caller:
        made = caller.post("/api/v1/knowledge/upload", files={"file": (name + ".md", (FOLDER / (name + ".md")).read_bytes())})
        assert made.status_code == 201, made.text
        right = measure(caller, pairs)
    print(name, len(pairs), {way: len(which) for way, which in right.items()})
    assert len(pairs) == 30 and len(right["follow-up"]) >= FLOORS[name][0] and len(right["none"]) >= FLOORS[name][1]
