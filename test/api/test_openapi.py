"""The OpenAPI document: valid, and true of the server. The tools are those of script/bootstrap --test; without them these tests skip."""
import re
import subprocess
import sys
import uuid

import pytest
from host import ROOT, SLOW, Caller, Host, environment

TOOLS = ROOT / "deps" / "openapi-tools"
CASES = 12  # generated a call and phase; with the fixed seed a run is the same every time, but for ids and times
# A document cannot say all that makes a request acceptable (a password must not be a common one): refusals are listed as 422, and not held against the server.
LEFT_OUT = "positive_data_acceptance"
# Not there without a token, which the document cannot say either.
HIDDEN = "/metrics"
# It would end the token that all the other calls are made with; test_person.py has it.
ENDING = "/api/v1/auth/logout"


def tool(folder, module, *arguments):
    """Run in a folder, for it leaves files behind."""
    if not (TOOLS / "schemathesis").is_dir():
        pytest.skip("the OpenAPI tools are not there; script/bootstrap --test installs them")
    return subprocess.run([sys.executable, "-B", "-m", module, *arguments], cwd=folder, env={**environment(), "PYTHONPATH": str(TOOLS)},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240 * SLOW)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """A server of its own, for it is filled with rubbish."""
    with Host(tmp_path_factory.mktemp("openapi") / "data") as host:
        yield host


@pytest.fixture
def credentials(host):
    """Headers of a fresh company: with a token, with a key."""
    with Caller(host.url) as caller:
        mail = "%s@example.com" % uuid.uuid4().hex
        reply = caller.post("/api/v1/auth/register", json={"name": "Company", "email": mail, "password": "six wet herons wade"})
        token = "Authorization: Bearer " + reply.json()["access_token"]
        name, value = token.split(": ")
        key = caller.post("/api/v1/auth/api-keys", json={"name": "tests"}, headers={name: value}).json()["api_key"]
    return {"token": token, "key": "X-API-Key: " + key}


def test_document_is_valid(host, tmp_path):
    path = tmp_path / "openapi.json"
    with Caller(host.url) as caller:
        path.write_bytes(caller.get("/openapi.json").content)
    run = tool(tmp_path, "openapi_spec_validator", str(path))
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("kind", ["key", "token"])
def test_server_answers_as_documented(host, credentials, kind, tmp_path):
    run = tool(tmp_path, "schemathesis.cli", "run", host.url + "/openapi.json", "--header", credentials[kind], "--seed", "1", "--max-examples", str(CASES),
               "--exclude-checks", LEFT_OUT, "--exclude-path", HIDDEN, "--exclude-path", ENDING, "--request-timeout", str(30 * SLOW))
    assert run.returncode == 0, run.stdout[-20000:]
    # All but the document itself, which the tool leaves out, what is hidden, and what ends the token.
    tested = re.search(r"Tested: (\d+)", run.stdout)
    with Caller(host.url) as caller:
        operations = sum(len(item) for item in caller.get("/openapi.json").json()["paths"].values())
    assert tested and int(tested.group(1)) == operations - 3, run.stdout[-3000:]


def test_every_type_of_error_is_explained(host):
    """Those that the sources name."""
    named = set()
    for path in (ROOT / "src").rglob("*.c"):
        named.update(re.findall(r'(?:PROBLEM_\w+|reply_error\(\w+, \d{3}), "([a-z-]+)"', path.read_text(encoding="utf-8")))
    assert "email-taken" in named and "not-found" in named
    with Caller(host.url) as caller:
        assert [name for name in sorted(named) if caller.get("/errors/" + name).status_code != 200] == []
