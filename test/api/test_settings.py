"""Settings of a company: what is said where nothing answers, how sure an answer must be, how a model sounds and what it may use."""
import uuid

import pytest
from host import Caller

PATH = "/api/v1/settings"
DEFAULT = "I could not find an answer to that in the documents."
QUESTION = "How many lifts does the resort have?"


class Owner:
    """A company with one document: `session` bears a key without the scope admin, `settings` the token of its owner."""

    def __init__(self, url):
        self.session, self.person = Caller(url), Caller(url)
        account = {"name": "Resort", "email": "%s@example.com" % uuid.uuid4().hex, "password": "six wet herons wade"}
        self.person.headers["Authorization"] = "Bearer " + self.person.post("/api/v1/auth/register", json=account).json()["access_token"]
        self.session.headers["X-API-Key"] = self.person.post("/api/v1/auth/api-keys", json={"name": "tests"}).json()["api_key"]
        reply = self.session.post("/api/v1/knowledge/text", json={"title": "Resort", "content": "The resort has nine lifts. They run from December to April."})
        assert reply.status_code == 201, reply.text

    def settings(self, method, **options):
        return self.person.request(method, PATH, **options)


@pytest.fixture
def owner(product):
    made = Owner(product.url)
    yield made
    made.session.close()
    made.person.close()


def ask(tenant, question):
    return tenant.session.post("/api/v1/chat", json={"question": question}).json()


def test_defaults_and_changes(owner):
    first = owner.settings("GET").json()
    assert first["fallback_text"] == DEFAULT and 0 < first["threshold"] < 0.5
    assert owner.settings("PUT", json={"fallback_text": "Ask Zoë: +43 1."}).json() == {**first, "fallback_text": "Ask Zoë: +43 1."}
    assert ask(owner, "Who won the chess final?")["answer"] == "Ask Zoë: +43 1."
    assert owner.settings("PUT", json={"threshold": 0.25}).json() == {**first, "fallback_text": "Ask Zoë: +43 1.", "threshold": 0.25}
    assert first["persona"] == "" and first["model_tokens_a_day"] is first["retention_days"] is None
    changed = {"fallback_text": "Ask Zoë: +43 1.", "threshold": 0.25, "persona": "Like Zoë:\nbrisk.", "model_tokens_a_day": 10**12, "retention_days": 0}
    assert owner.settings("PUT", json={"persona": changed["persona"], "model_tokens_a_day": 10**12, "retention_days": 0}).json() == changed
    assert owner.settings("PUT", json={}).json() == owner.settings("GET").json() == changed
    assert owner.settings("PUT", json=dict.fromkeys(changed)).json() == first
    assert owner.settings("GET").json() == first


def test_threshold_decides(owner):
    sure = ask(owner, QUESTION)
    assert sure["answered"] and "nine lifts" in sure["answer"]
    owner.settings("PUT", json={"threshold": min(1, sure["confidence"] + 0.01)})
    refused = ask(owner, QUESTION)
    assert not refused["answered"] and refused["answer"] == DEFAULT and refused["sources"] == [] and refused["confidence"] == sure["confidence"]
    owner.settings("PUT", json={"threshold": 0})
    assert ask(owner, QUESTION)["answered"]
    assert not ask(owner, "Zxqv blorf?")["answered"], "what is not found at all is no answer at any threshold"


@pytest.mark.parametrize("body", [{"threshold": 1.01}, {"threshold": -0.1}, {"threshold": "high"}, {"fallback_text": ""}, {"fallback_text": " \n "}, {"fallback_text": 5},
                                  {"fallback_text": "x" * 2001}, {"persona": ""}, {"persona": " \t"}, {"persona": ["brisk"]}, {"persona": "x" * 1001},
                                  {"model_tokens_a_day": 0}, {"model_tokens_a_day": -1}, {"model_tokens_a_day": 10**12 + 1}, {"model_tokens_a_day": 1.5},
                                  {"model_tokens_a_day": "many"}, {"retention_days": -1}, {"retention_days": 36501}, {"retention_days": 0.5}])
def test_what_is_refused(owner, body):
    before = owner.settings("GET").json()
    reply = owner.settings("PUT", json=body)
    assert reply.status_code == 422 and reply.json()["detail"][0]["loc"] == ["body", next(iter(body))]
    assert owner.settings("GET").json() == before


def test_only_admins(owner):
    assert owner.session.get(PATH).status_code == 403
    assert owner.session.put(PATH, json={"threshold": 0.9}).status_code == 403
    assert owner.session.put(PATH, json={"persona": "Brisk."}).status_code == 403
    assert owner.session.get(PATH, headers={"X-API-Key": None}).status_code == 401


def test_companies_are_apart(owner, new_tenant):
    ours = {"fallback_text": "Ours.", "threshold": 0.9, "persona": "Brisk.", "model_tokens_a_day": 5, "retention_days": 30}
    assert owner.settings("PUT", json=ours).json() == ours
    other = new_tenant()
    assert ask(other, "Anything?")["answer"] == DEFAULT
