"""`chatifix backup` of a server that works, `chatifix restore`, and one server at a time on a data folder."""
import pathlib
import subprocess
import threading

import pytest
from host import BINARY, SLOW, Caller, Host, command, environment, register, until

DOCUMENTS = "/api/v1/knowledge/documents"


def run(*arguments):
    return subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True, timeout=120 * SLOW, env=environment())


class Uploader(threading.Thread):
    """A company that adds one text after the other until it is told to stop; `known` are those the server has acknowledged."""

    def __init__(self, url, number):
        super().__init__()
        self.url, self.number, self.key = url, number, register(url)
        self.known, self.over, self.fault = [], threading.Event(), None

    def run(self):
        try:
            with Caller(self.url, self.key) as caller:
                while not self.over.is_set():
                    n = len(self.known)
                    reply = caller.post("/api/v1/knowledge/text", headers={"Prefer": "respond-async"}, json={
                        "title": "Note %d" % n, "content": "The cupboard number %d of hall %d holds %s." % (n, self.number, "lamps " * (n % 50 + 1))})
                    assert reply.status_code in (201, 202), reply.text
                    self.known.append(reply.json()["id"])
        except Exception as fault:
            self.fault = fault


@pytest.fixture(scope="module")
def backup(tmp_path_factory):
    """A backup taken while four companies upload: (file, {key: ids acknowledged before it began}, the data folder, the server)."""
    folder = tmp_path_factory.mktemp("backup")
    with Host(folder / "data") as host:
        uploaders = [Uploader(host.url, n) for n in range(4)]
        for u in uploaders:
            u.start()
        until(lambda: all(len(u.known) >= 5 for u in uploaders) or any(u.fault for u in uploaders))
        before = {u.key: list(u.known) for u in uploaders}
        done = run("backup", folder / "copy", "--data", folder / "data")
        for u in uploaders:
            u.over.set()
        for u in uploaders:
            u.join()
        assert not any(u.fault for u in uploaders), [u.fault for u in uploaders]
        assert (done.returncode, done.stderr) == (0, "")
        yield folder / "copy", before, folder / "data", host


def test_backup_file(backup):
    assert backup[0].stat().st_mode & 0o777 == 0o600
    assert [p.name for p in backup[0].parent.iterdir() if ".part-" in p.name] == []


def test_backup_overwrites_nothing(backup):
    before = backup[0].read_bytes()
    again = run("backup", backup[0], "--data", backup[2])
    assert again.returncode == 1 and "there already" in again.stderr
    assert backup[0].read_bytes() == before


def test_backup_of_nothing(tmp_path):
    done = run("backup", tmp_path / "copy", "--data", tmp_path / "absent")
    assert done.returncode == 1 and "There is no database" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_everything_acknowledged_comes_back(backup, tmp_path):
    done = run("restore", backup[0], "--data", tmp_path / "new")
    assert (done.returncode, done.stderr) == (0, "")
    with Host(tmp_path / "new") as host:
        for key, ids in backup[1].items():
            with Caller(host.url, key) as caller:
                def all_completed():
                    listed = caller.get(DOCUMENTS).json()["documents"]
                    assert set(ids) <= {d["id"] for d in listed}
                    return all(d["status"] == "completed" for d in listed)
                until(all_completed)
                reply = caller.post("/api/v1/chat", json={"question": "What does the cupboard number 0 hold?"}).json()
                assert reply["answered"] and "lamps" in reply["answer"], reply


def test_restore_sets_the_old_file_aside(backup, tmp_path):
    data = tmp_path / "data"
    with Host(data) as host:
        key = register(host.url)
    assert run("restore", backup[0], "--data", data).returncode == 0
    aside = [p for p in data.iterdir() if ".before-" in p.name]
    assert len(aside) == 1 and aside[0].stat().st_mode & 0o777 == 0o600
    with Host(data) as host:
        with Caller(host.url, key) as caller:
            assert caller.get(DOCUMENTS).status_code == 401  # a company of the old file
        with Caller(host.url, next(iter(backup[1]))) as caller:
            assert caller.get(DOCUMENTS).status_code == 200
    assert run("restore", aside[0], "--data", tmp_path / "again").returncode == 0
    with Host(tmp_path / "again") as host, Caller(host.url, key) as caller:
        assert caller.get(DOCUMENTS).status_code == 200


def test_restore_under_a_server_is_refused(backup):
    done = run("restore", backup[0], "--data", backup[2])
    assert done.returncode == 1 and "in use by another process" in done.stderr
    with Caller(backup[3].url, next(iter(backup[1]))) as caller:
        assert caller.get(DOCUMENTS).status_code == 200


@pytest.mark.parametrize("how", ["page", "end", "text", "empty"])
def test_damaged_backup_is_refused(backup, tmp_path, how):
    whole, middle = backup[0].read_bytes(), backup[0].stat().st_size // 2 // 4096 * 4096
    damaged = {"page": whole[:middle] + b"Z" * 4096 + whole[middle + 4096:], "end": whole[:middle], "text": b"no database " * 1000, "empty": b""}[how]
    (tmp_path / "damaged").write_bytes(damaged)
    done = run("restore", tmp_path / "damaged", "--data", tmp_path / "data")
    assert done.returncode == 1 and ("is damaged" in done.stderr or "no database of this program" in done.stderr), done.stderr
    assert not (tmp_path / "data" / "chatifix.db").exists()


def test_second_server_is_refused(backup):
    done = subprocess.run(command(backup[2]), capture_output=True, text=True, timeout=60 * SLOW, env=environment())
    assert done.returncode == 1 and "in use by another process" in done.stderr


@pytest.mark.parametrize("arguments", [["backup"], ["restore", "--data", "x"], ["backup", "f", "--dat", "x"], ["restore", "f", "g"], ["nonsense"]])
def test_wrong_command_lines(arguments, tmp_path):
    done = run(*arguments)
    assert done.returncode == 2 and done.stderr and not pathlib.Path("f").exists()
