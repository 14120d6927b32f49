"""Another --model over HTTP: the old vectors answer until the new ones are complete, through kill -9 and uploads; an operator sees how far it is."""
import pathlib
import re
import shutil
import sqlite3

import pytest
import requests
from host import ROOT, Caller, Host, register, until

TEXT = "/api/v1/knowledge/text"
SEARCH = "/api/v1/search"
CHAT = "/api/v1/chat"
TOKEN = "metrics-token-of-the-tests"
MINILM = ROOT / "deps" / "minilm" / "all-minilm-l6-v2.cfx"
E5 = ROOT / "deps" / "e5" / "multilingual-e5-small.cfx"

# Found by meaning alone, with either encoder: no word of the question stands in its passage.
PAY, CAR = "When do employees get their pay?", "Is there room for my automobile?"
LIBRARY = {"Wages": "Salaries are paid on the last day of each month.", "Opening hours": "Our office is closed on bank holidays."}
PARKING = "Visitors may leave their cars in the garage next door."

pytestmark = pytest.mark.skipif(not (MINILM.exists() and E5.exists()), reason="the weight files of both encoders are needed: script/model e5")


def add(caller, name, content):
    reply = caller.post(TEXT, json={"title": name, "content": content}, headers={"Prefer": "wait=60"})
    assert reply.status_code == 201, reply.text


def first(caller, question, mode="semantic"):
    reply = caller.post(SEARCH, json={"query": question, "mode": mode})
    assert reply.status_code == 200, reply.text
    results = reply.json()["results"]
    return results[0]["document_name"] if results else None


def assert_answers(caller):
    assert first(caller, PAY) == "Wages"
    assert first(caller, PAY, "lexical") is None


def filler(number):
    """A text of some ten passages that is like nothing that is asked for."""
    animals = ("heron", "badger", "lynx", "otter", "marten", "stoat", "bison", "ibex")
    sentence = "The %s of valley %d sleeps under tree %d until the %s comes near the water."
    return "\n\n".join(" ".join(sentence % (animals[(number + s) % 8], number, 10 * p + s, animals[s % 8]) for s in range(8)) for p in range(10))


def start(folder, model, *more):
    return Host(folder / "data", "--model", str(model), "--metrics-token", TOKEN, *more)


def metrics(url):
    reply = requests.get(url + "/metrics", headers={"Authorization": "Bearer " + TOKEN}, timeout=60)
    found = re.findall(r"^(chatifix_(?:reembed_\w+|encoders)) (\d+)$", reply.text, re.M)
    return {name: int(value) for name, value in found}


def vectors(folder):
    """{model: rows}, of a server that has ended."""
    with sqlite3.connect(folder / "data" / "chatifix.db") as db:
        return dict(db.execute("select model, count(*) from embedding group by model"))


def log_of(folder):
    return (folder / "log").read_text()


def is_complete(folder):
    return "new vectors are complete" in log_of(folder).rpartition("the encoder is another one")[2]


@pytest.fixture
def prepared(tmp_path):
    """A company with a hundred passages, whose vectors are those of minilm: (folder, key)."""
    with start(tmp_path, MINILM) as host:
        key = register(host.url)
        with Caller(host.url, key) as caller:
            for name, content in LIBRARY.items():
                add(caller, name, content)
            for number in range(10):
                add(caller, "Valley %d" % number, filler(number))
            assert_answers(caller)
    return tmp_path, key


def test_old_vectors_answer_while_new_ones_are_made(prepared):
    folder, key = prepared
    before = vectors(folder)
    assert len(before) == 1
    with start(folder, E5) as host:
        with Caller(host.url, key) as caller:
            assert_answers(caller)
            until(lambda: metrics(host.url)["chatifix_reembed_tenants"])
            now = metrics(host.url)
            assert now["chatifix_encoders"] == 2, now
            assert now["chatifix_reembed_passages"] == sum(before.values())
            assert requests.get(host.url + "/readyz?verbose", timeout=60).json()["checks"]["vectors"].startswith("new ones are being made")
            add(caller, "Parking", PARKING)
            assert not is_complete(folder)
            assert first(caller, CAR) == "Parking"
        host.kill()
    middle = vectors(folder)
    assert len(middle) == 2 and middle[min(before)] >= sum(before.values())  # old ones stay until the end
    with start(folder, E5) as host:
        with Caller(host.url, key) as caller:
            while not is_complete(folder):
                assert_answers(caller)
                assert first(caller, CAR) == "Parking"
            assert_answers(caller)
            assert first(caller, CAR) == "Parking"
            until(lambda: first(caller, CAR) and metrics(host.url)["chatifix_encoders"] == 1)
            assert_answers(caller)
            assert caller.post(CHAT, json={"question": "When are salaries paid?"}).json()["sources"][0]["document_name"] == "Wages"
        assert requests.get(host.url + "/readyz?verbose", timeout=60).json()["checks"]["vectors"] == "ok"
    after = vectors(folder)
    assert len(after) == 1 and set(after) != set(before) and sum(after.values()) == sum(before.values()) + 1
    told = log_of(folder)
    assert "the encoder is another one" in told and "new vectors begin" in told and "new vectors are complete" in told
    with start(folder, E5) as host, Caller(host.url, key) as caller:
        assert_answers(caller)


def test_killed_again_and_again(prepared):
    """What was made before a kill is not made again: each run needs fewer."""
    folder, key = prepared
    left = []
    for run in range(4):
        with start(folder, E5) as host:
            with Caller(host.url, key) as caller:
                until(lambda: is_complete(folder) or metrics(host.url)["chatifix_reembed_passages_done"] > 12 * (run + 1))
                assert_answers(caller)
            host.kill()
        rows = vectors(folder)
        left.append(sum(count for model, count in rows.items() if model.startswith("e5")))
    assert left == sorted(left) and left[0] > 0
    with start(folder, E5) as host, Caller(host.url, key) as caller:
        until(lambda: is_complete(folder), 120)
        assert_answers(caller)
    assert [model[:2] for model in vectors(folder)] == ["e5"]


@pytest.mark.parametrize("replaced", [False, True], ids=["gone", "replaced"])
def test_without_the_old_weight_file_words_answer(prepared, tmp_path_factory, replaced):
    """By words at once, by meaning as the new vectors come."""
    folder, key = prepared
    copied = tmp_path_factory.mktemp("weights") / "minilm.cfx"
    shutil.copy(MINILM, copied)
    with start(folder, copied) as host:  # from now on the database knows the file by this path
        until(lambda: metrics(host.url)["chatifix_encoders"] == 1)
    pathlib.Path(copied).unlink()
    if replaced:
        shutil.copy(E5, copied)
    with start(folder, E5) as host, Caller(host.url, key) as caller:
        assert first(caller, "bank holidays", "hybrid") == "Opening hours"
        until(lambda: first(caller, PAY) == "Wages")
        until(lambda: is_complete(folder), 120)
        assert_answers(caller)
    assert "an encoder cannot be loaded" in log_of(folder) and str(copied) in log_of(folder)
