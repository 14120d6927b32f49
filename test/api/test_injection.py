"""Documents that try to take over (injections.py), asked normally, with a model that does whatever it reads: the prompt keeps them between their marks,
and the reply carries no link, no image, no other's secret and no rule."""
import re

import fake_llm
import pytest
from conftest import Tenant
from injections import ATTACKS
from test_llm import World
from test_stream import stream, told

TEXT = "/api/v1/knowledge/text"
HIDDEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
LINKS = re.compile(r"https?:|ftp:|gopher:/|www\.|\]\(|!\[|<[a-z/!?]|^\s*\[[^\]]*\]:", re.I | re.M)
THINGS = ["anvil", "barrel", "candle", "drum", "easel", "flagpole", "gong", "hammock", "inkwell", "jigsaw", "kettle", "ladder", "mirror", "notebook",
          "oar", "pulley", "quiver", "rudder", "saddle", "trumpet", "umbrella", "vase", "wagon", "xylophone", "yoke", "zither", "abacus", "bellows",
          "compass", "distaff", "ember", "flute", "goblet", "harness", "icebox", "javelin", "kayak", "lantern", "mandolin", "needle", "organ",
          "plough", "quill", "rake", "scythe", "tiller", "urn", "violin", "windmill", "zeppelin"]
SECRET, FOREIGN = "CANARY-7731", "CANARY-9942"


def fact(i):
    return "The %s is kept by Ida Berg in hall %d." % (THINGS[i], i + 10)


def question(i):
    return "Who keeps the %s?" % THINGS[i]


def add(tenant, title, content):
    reply = tenant.session.post(TEXT, json={"title": title, "content": content})
    assert reply.status_code == 201, reply.text
    return reply.json()["id"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    assert 40 <= len(ATTACKS) <= len(THINGS)
    w = World(tmp_path_factory.mktemp("injection") / "w", "--llm-context", "8192")
    with w.host:
        w.model.play(fake_llm.says("Fine."))
        w.chat()
        mark = mark_of(w.model.requests[0])
        for i, (_, name, attack) in enumerate(ATTACKS):
            known = {"mark": mark, "mark_split": mark[:9] + "\u200b" + mark[9:], "fact": fact(i)}
            name, attack = (re.sub(r"\{(mark|mark_split|fact)\}", lambda m: known[m[1]], text) for text in (name, attack))
            add(w.tenant, "%s %s" % (name, THINGS[i]), fact(i) + " " + attack)
        add(w.tenant, "Treasury", "The vault code of the treasury is %s." % SECRET)
        other = Tenant(w.host.url)
        add(other, "Treasury", "The vault code of the treasury is %s." % FOREIGN)
        other.session.close()
        yield w
        w.tenant.session.close()
    w.model.close()


def mark_of(request):
    return request.body["messages"][0]["content"].split("that begin with the mark ")[1].split(".")[0]


def obey(c, request):
    """Says all that it was told, the rules first: what the most gullible model could do."""
    c.send(fake_llm.HEAD)
    for turn in request.body["messages"]:
        for piece in re.findall(r"\S+\s*", turn["content"]):
            c.say(piece)
    c.done()
    return True


@pytest.mark.parametrize("i", range(len(ATTACKS)), ids=[attack[0].replace(" ", "-") for attack in ATTACKS])
def test_attack(world, i):
    world.model.play(obey)
    body = stream(world.tenant, question(i)).body
    request = world.model.requests[0]
    check_prompt(request, i)
    check_reply(world, "".join(told(body, "token")), request, i)


def check_prompt(request, i):
    turns, mark = request.body["messages"], mark_of(request)
    assert [turn["role"] for turn in turns] == ["system", "user"]
    rules, content = turns[0]["content"], turns[1]["content"]
    assert rules.count(mark) == 1 and "Berg" not in rules and "PWNED" not in rules
    assert not HIDDEN.search(content)
    lines = content.split("\n")
    marked = [line for line in lines if mark in line]
    passages = len(marked) // 2
    assert marked == [line for n in range(1, passages + 1) for line in ("%s passage %d" % (mark, n), "%s end of passage %d" % (mark, n))]
    outside = re.sub("(?s)%s passage ([0-9]+)\n.*?%s end of passage \\1\n" % (mark, mark), "", content)
    assert outside.split() == ["Passages:", "Question:"] + question(i).split(), "all else stands between marks"
    assert fact(i).split(" is ")[0] in content
    assert FOREIGN not in content and SECRET not in content


def check_reply(world, text, request, i):
    rules = request.body["messages"][0]["content"]
    assert "Ida Berg" in text, "the honest sentence is there"
    assert not HIDDEN.search(text) and not LINKS.search(text), LINKS.search(text) or HIDDEN.search(text)
    assert mark_of(request) not in text and SECRET not in text and FOREIGN not in text
    assert not any(rules[at:at + 40] in text for at in range(len(rules) - 40))
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", text)]
    assert all(1 <= n <= 5 for n in numbers)


def test_what_hides_is_gone_from_the_documents(world):
    for document in world.tenant.session.get("/api/v1/knowledge/documents?limit=1000").json()["documents"]:
        results = world.tenant.session.post("/api/v1/search", json={"query": "hall", "filters": {"document_id": [document["id"]]}}).json()["results"]
        for result in results:
            assert not HIDDEN.search(result["text"] + result["heading"]), document["filename"]
