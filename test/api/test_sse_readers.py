"""10,000 random strings in a model's words, its bytes cut anywhere: three readers that others wrote see the same text as is stored."""
import json
import random
import shutil
import subprocess

import fake_llm
import pytest
import requests
from host import ROOT
from test_llm import QUESTION, World

ANSWERS, STRINGS = 100, 100
PARTS = ["\r", "\n", "\r\n", "\n\n", "\0", "\x1b[0m", "data: ", "data:", "id: 9\n", "event: done\n", ": ", "retry: 1", '{"type":"done"}', '"', "\\", "\\n",
         "\t", " ", "x[DONE]", "\u2028", "\u2029", "\x85", "\ufeff", "\U0001f43c", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e6\U0001f1f9",
         "e\u0301", "\u00e9", "\u871c", "\uffff", "\U0010ffff", "\u202e", "\U000e0041", "a", "0", "Ida", "."]
PARSER = ROOT / "deps" / "eventsource-parser" / "dist" / "index.js"


def strings(answer):
    rng = random.Random(answer)
    return ["".join(rng.choice(PARTS) for _ in range(rng.randrange(1, 9))) for _ in range(STRINGS)]


def is_hidden(c):
    return (c < " " and c not in "\t\n") or "\x7f" <= c < "\xa0" or c in "\u200b\u200e\u200f\ufeff" or "\u202a" <= c <= "\u202e" or \
        "\u2060" <= c <= "\u2064" or "\u2066" <= c <= "\u2069" or "\U000e0000" <= c <= "\U000e007f"


def shown(answer):
    """What may be shown hides nothing, and begins and ends with a word (a "[…]:" where a line begins would be parted, so there is none)."""
    return "".join(c for c in "".join(strings(answer)) if not is_hidden(c)).strip(" \t\n")


def stream_of(answer):
    """The bytes of the model's event stream: any line ends, escapes or none."""
    rng = random.Random(-answer)
    end = rng.choice(["\n", "\r\n", "\r"])
    lines = [": a comment", "event: message"]
    for text in strings(answer):
        event = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
        lines += ["data:%s%s" % (rng.choice(["", " "]), json.dumps(event, ensure_ascii=rng.random() < 0.5)), ""]
    return end.join(lines + ["data: [DONE]", "", ""]).encode()


class Player:
    """Gives the answers in turn."""

    def __init__(self):
        self.next = 0

    def __call__(self, c, request):
        answer, self.next = self.next, self.next + 1
        rng, data, at = random.Random(answer + 7), stream_of(answer), 0
        c.send(fake_llm.HEAD)
        while at < len(data):
            n = rng.choice([1, 2, 3, 7, 60, 400, 3000])
            c.chunk(data[at:at + n])
            at += n
        c.send("0\r\n\r\n")
        return True


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    w = World(tmp_path_factory.mktemp("sse") / "w")
    with w.host:
        yield w
        w.tenant.session.close()
    w.model.close()


def texts_of_node(world, kind):
    if not shutil.which("node"):
        pytest.skip("there is no node here")
    asked = ("%s %s %s\n" % (world.host.url, world.tenant.key, QUESTION)) * ANSWERS
    run = subprocess.run(["node", str(ROOT / "test" / "api" / "sse_readers.mjs"), kind, str(PARSER)], input=asked.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in run.stdout.decode().split("\n")[:-1]]


def texts_of_eventsource_parser(world):
    if not PARSER.exists():
        pytest.skip("eventsource-parser is not there; script/bootstrap --test installs it")
    return texts_of_node(world, "eventsource-parser")


def texts_of_the_javascript(world):
    return texts_of_node(world, "documentation")


def text_of_the_python(world):
    resp = requests.post(world.host.url + "/api/v1/chat/stream", headers={"X-API-Key": world.tenant.key}, json={"question": QUESTION}, stream=True)
    text = ""
    for line in resp.iter_lines():
        if line.startswith(b"data: "):
            data = json.loads(line[6:])
            if data["type"] == "token":
                text += data["data"]
    return text


def texts_of_the_python(world):
    return [text_of_the_python(world) for _ in range(ANSWERS)]


def texts_of_one_reply(world):
    return [world.chat()["answer"] for _ in range(ANSWERS)]


@pytest.mark.parametrize("texts", [texts_of_one_reply, texts_of_eventsource_parser, texts_of_the_javascript, texts_of_the_python])
def test_text_is_identical(world, texts):
    world.model.play(Player())
    got = texts(world)
    assert len(got) == ANSWERS == len(world.model.requests)
    for answer, text in enumerate(got):
        assert text == shown(answer), answer
