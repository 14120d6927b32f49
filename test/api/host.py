"""Servers of a test's own: started on a data folder, stopped, killed; and companies on them."""
import os
import pathlib
import subprocess
import time
import uuid

import pytest
import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CHATIFIX") or ROOT / "build" / "chatifix")
SLOW = float(os.environ.get("CHATIFIX_SLOW", "1"))


def command(data, *options):
    if not BINARY.exists():
        pytest.skip("%s is not built" % BINARY)
    return [str(BINARY), "serve", "--listen", "127.0.0.1:0", "--data", str(data), *options]


def environment():
    """Without CHATIFIX_* variables: those that steer the tests are no options of the program."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CHATIFIX")}


class Host:
    """One process; ready when constructed. Its log goes on in data/../log."""

    def __init__(self, data, *options):
        self.log = pathlib.Path(data).parent / "log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command(data, *options), stdout=subprocess.PIPE, stderr=log, env=environment())
        line = self.process.stdout.readline().decode()
        assert line.startswith("listening on http://"), "%s: %s" % (line, self.log.read_text()[-3000:])
        self.url = line.split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            status = self.stop()
            assert kind or status == 0, self.log.read_text()[-3000:]
        self.process.stdout.close()

    def stop(self):
        """SIGTERM; the exit status."""
        self.process.terminate()
        return self.process.wait(30 * SLOW)

    def kill(self):
        self.process.kill()
        self.process.wait(30 * SLOW)


class Caller(requests.Session):
    """A session whose paths are relative to a server."""

    def __init__(self, url, key=None):
        super().__init__()
        self.url = url
        self.trust_env = False
        if key:
            self.headers["X-API-Key"] = key

    def request(self, method, path, **options):
        options.setdefault("timeout", 60 * SLOW)
        return super().request(method, self.url + path, **options)


def register_owner(url):
    """The key as it was made, and the owner's token, of a fresh company."""
    with Caller(url) as caller:
        mail = "%s@example.com" % uuid.uuid4().hex
        reply = caller.post("/api/v1/auth/register", json={"name": "Company", "email": mail, "password": "six wet herons wade"})
        assert reply.status_code == 201, reply.text
        token = reply.json()["access_token"]
        bearer = {"Authorization": "Bearer " + token}
        reply = caller.post("/api/v1/auth/api-keys", json={"name": "tests"}, headers=bearer)
        assert reply.status_code == 201, reply.text
        return reply.json(), token


def register(url):
    """The key of a fresh company."""
    return register_owner(url)[0]["api_key"]


def until(condition, seconds=30):
    """The first true value of condition(), asked again and again; a failure when there is none in time."""
    end = time.monotonic() + seconds * SLOW
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "still not so after %g s" % (seconds * SLOW)
        time.sleep(0.02)
