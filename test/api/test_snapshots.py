"""Index snapshots beside the data file: a restart goes on from them, and whatever lies in that folder, a search shows what the rows say and nothing else."""
import random
import shutil
import stat
import subprocess

import pytest
import requests
from host import BINARY, SLOW, Caller, Host, environment, register, until

TOKEN = "metrics-token-of-the-tests"
OPTIONS = ("--model", "none", "--metrics-token", TOKEN)
DOCUMENTS = "/api/v1/knowledge/documents"
NOT_USED = "an index snapshot is not used"


def filler(seed):
    """Text with so many different words that its index is worth a snapshot."""
    rng = random.Random(seed)
    words = ["".join(rng.choice("bdfgklmnprtvz") + rng.choice("aeiou") for _ in range(6)) for _ in range(14000)]
    return "\n\n".join(" ".join(words[i:i + 50]).capitalize() + "." for i in range(0, len(words), 50))


def add(caller, title, content):
    reply = caller.post("/api/v1/knowledge/text", json={"title": title, "content": content}, headers={"Prefer": "wait=60"})
    assert reply.status_code in (201, 202), reply.text
    id = reply.json()["id"]
    until(lambda: caller.get(DOCUMENTS + "/" + id).json()["status"] == "completed", 60)
    return id


def found(caller, query):
    reply = caller.post("/api/v1/search", json={"query": query})
    assert reply.status_code == 200, reply.text
    return {r["document_name"] for r in reply.json()["results"]}


def loads(host, source):
    text = requests.get(host.url + "/metrics", headers={"Authorization": "Bearer " + TOKEN}, timeout=60).text
    return next(int(line.split()[-1]) for line in text.splitlines() if line.startswith('chatifix_index_loads_total{from="%s"}' % source))


class Company:
    def __init__(self, host, number):
        self.key, self.word = register(host.url), "zinnia%d" % number
        with Caller(host.url, self.key) as caller:
            add(caller, "filler", filler(number))
            self.note = add(caller, "note", "The %s stands in the hall." % self.word)
            self.other = add(caller, "other", "A heron sleeps beside the pond.")
            assert found(caller, self.word) == {"note"}


def snapshots(data):
    return sorted((data / "snapshots").glob("*"))


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """(the data folder of a server that was stopped, its two companies): to be copied, not used."""
    folder = tmp_path_factory.mktemp("snapshots")
    with Host(folder / "data", *OPTIONS) as host:
        companies = [Company(host, n) for n in range(2)]
    assert len(snapshots(folder / "data")) == 2
    return folder / "data", companies


@pytest.fixture
def data(stopped, tmp_path):
    shutil.copytree(stopped[0], tmp_path / "data")
    return tmp_path / "data"


def test_files_are_for_the_owner_alone(stopped):
    assert stat.S_IMODE((stopped[0] / "snapshots").stat().st_mode) == 0o700
    for path in snapshots(stopped[0]):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path.suffix == ".index"


def test_restart_goes_on_from_them(stopped, data):
    with Host(data, *OPTIONS) as host:
        for company in stopped[1]:
            with Caller(host.url, company.key) as caller:
                assert found(caller, company.word) == {"note"}
                assert found(caller, "heron") == {"other"}
        assert (loads(host, "snapshot"), loads(host, "rows")) == (2, 0)
        with Caller(host.url, stopped[1][0].key) as caller:
            add(caller, "late", "A late walrus arrives.")
            assert found(caller, "walrus") == {"late"}
            assert found(caller, stopped[1][1].word) == set()


def test_deletion_removes_the_file_and_a_kill_brings_nothing_back(stopped, data):
    company = stopped[1][0]
    before = {path: path.read_bytes() for path in snapshots(data)}
    with Host(data, *OPTIONS) as host, Caller(host.url, company.key) as caller:
        assert found(caller, company.word) == {"note"}
        assert caller.delete(DOCUMENTS + "/" + company.note).status_code == 204
        assert len(snapshots(data)) == 1  # the other company's
        host.kill()
    for path, content in before.items():  # as if the kill had come between the commit and the removal
        path.write_bytes(content)
    with Host(data, *OPTIONS) as host, Caller(host.url, company.key) as caller:
        assert found(caller, company.word) == set()
        assert found(caller, "heron") == {"other"}
        with Caller(host.url, stopped[1][1].key) as other:
            assert found(other, stopped[1][1].word) == {"note"}
    for path in snapshots(data):  # what was written anew at the end
        assert company.word.encode() not in path.read_bytes()
    with Host(data, *OPTIONS) as host, Caller(host.url, company.key) as caller:
        assert found(caller, company.word) == set()
        assert loads(host, "snapshot") == 1


def test_replacement_removes_the_file(stopped, data):
    company = stopped[1][0]
    with Host(data, *OPTIONS) as host, Caller(host.url, company.key) as caller:
        assert found(caller, company.word) == {"note"}
        first = caller.post("/api/v1/knowledge/text", json={"title": "page", "content": "A marmot whistles.", "external_id": "p"}, headers={"Prefer": "wait=60"})
        assert first.status_code == 201 and len(snapshots(data)) == 2  # adding leaves it
        second = caller.post("/api/v1/knowledge/text", json={"title": "page", "content": "A badger digs.", "external_id": "p"}, headers={"Prefer": "wait=60"})
        assert second.status_code in (200, 201) and len(snapshots(data)) == 1
        assert found(caller, "marmot") == set() and found(caller, "badger") == {"page"}


def test_another_companys_file_is_not_used(stopped, data):
    first, second = snapshots(data)
    a, b = first.read_bytes(), second.read_bytes()
    first.write_bytes(b)
    second.write_bytes(a)
    with Host(data, *OPTIONS) as host:
        for company, other in (stopped[1], stopped[1][::-1]):
            with Caller(host.url, company.key) as caller:
                assert found(caller, company.word) == {"note"}
                assert found(caller, other.word) == set()
        assert (loads(host, "snapshot"), loads(host, "rows")) == (0, 2)


@pytest.mark.parametrize("how", ["flipped", "cut", "empty", "older", "text", "folder"])
def test_damage_costs_time_alone(stopped, data, how):
    for path in snapshots(data):
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.unlink()
        if how == "folder":
            path.mkdir()
            continue
        path.write_bytes({"flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:], "cut": whole[:middle], "empty": b"",
                          "older": whole[:12] + b"\0\0\0\0" + whole[16:], "text": b"no snapshot " * 1000}[how])
    with Host(data, *OPTIONS) as host:
        for company in stopped[1]:
            with Caller(host.url, company.key) as caller:
                assert found(caller, company.word) == {"note"}
        assert (loads(host, "snapshot"), loads(host, "rows")) == (0, 2)
        if how == "flipped":  # found when it is read; the others at the start
            assert host.log.read_text().count(NOT_USED) == 2


def test_restore_does_not_use_those_of_before(stopped, data, tmp_path):
    company = stopped[1][0]

    def run(*arguments):
        done = subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True, timeout=120 * SLOW, env=environment())
        assert done.returncode == 0, done.stderr
    run("backup", tmp_path / "copy", "--data", data)
    with Host(data, *OPTIONS) as host, Caller(host.url, company.key) as caller:
        add(caller, "late", "A late walrus arrives.")
        assert caller.delete(DOCUMENTS + "/" + company.other).status_code == 204
        assert found(caller, "heron") == set() and found(caller, "walrus") == {"late"}
    assert len(snapshots(data)) == 2
    kept = {path: path.read_bytes() for path in snapshots(data)}
    run("restore", tmp_path / "copy", "--data", data)
    assert not (data / "snapshots").exists()
    (data / "snapshots").mkdir()
    for path, content in kept.items():  # whoever puts them back
        path.write_bytes(content)
    with Host(data, *OPTIONS) as host, Caller(host.url, company.key) as caller:
        assert found(caller, "heron") == {"other"}
        assert found(caller, "walrus") == set()
        assert loads(host, "snapshot") == 0
        until(lambda: not snapshots(data) or loads(host, "rows") > 1)


def test_a_copy_put_in_place_by_hand_does_not_use_those_of_before(stopped, data, tmp_path):
    company = stopped[1][0]
    shutil.copy(data / "chatifix.db", tmp_path / "copy")
    with Host(data, *OPTIONS) as host, Caller(host.url, company.key) as caller:
        add(caller, "late", "A late walrus arrives.")
        assert caller.delete(DOCUMENTS + "/" + company.other).status_code == 204
        assert found(caller, "walrus") == {"late"}
    shutil.copy(tmp_path / "copy", data / "chatifix.db")
    with Host(data, *OPTIONS) as host, Caller(host.url, company.key) as caller:
        assert found(caller, "heron") == {"other"}
        assert found(caller, "walrus") == set()


def test_none_are_kept_where_the_operator_says_so(stopped, data):
    with Host(data, *OPTIONS, "--snapshots", "0") as host, Caller(host.url, stopped[1][0].key) as caller:
        assert not (data / "snapshots").exists()
        assert found(caller, stopped[1][0].word) == {"note"}
        assert loads(host, "rows") == 1
    assert not (data / "snapshots").exists()


def test_quiet_indexes_are_written_while_the_server_runs(stopped, data):
    for path in snapshots(data):
        path.unlink()
    company = stopped[1][0]
    with Host(data, *OPTIONS) as host, Caller(host.url, company.key) as caller:
        assert found(caller, company.word) == {"note"}
        until(lambda: snapshots(data) and snapshots(data)[0].suffix == ".index")
        host.kill()
    with Host(data, *OPTIONS) as host, Caller(host.url, company.key) as caller:
        assert found(caller, company.word) == {"note"}
        assert loads(host, "snapshot") == 1
