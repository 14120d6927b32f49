"""The own account: me, logout, password."""
import uuid

import pytest
from host import Caller

PASSWORD, OTHER = "six wet herons wade", "nine dry storks fly"


class Person(Caller):
    def __init__(self, url):
        super().__init__(url)
        self.email = "%s@example.com" % uuid.uuid4().hex
        reply = self.post("/api/v1/auth/register", json={"name": "Company", "email": self.email, "password": PASSWORD})
        self.grant = reply.json()
        self.bear(self.grant["access_token"])

    def bear(self, token):
        self.headers["Authorization"] = "Bearer " + token

    def login(self, password):
        return self.post("/api/v1/auth/login", json={"email": self.email, "password": password})

    def me(self):
        return self.get("/api/v1/auth/me")


@pytest.fixture
def person(product):
    with Person(product.url) as person:
        yield person


def test_me(person):
    me = person.me().json()
    assert me["tenant_id"] == person.grant["tenant_id"] and me["tenant_name"] == "Company" and me["user"] == person.grant["user"]
    assert me["api_key_id"] is None and set(me["scopes"]) == {"chat", "knowledge:read", "knowledge:write", "admin"}


def test_me_of_a_key(tenant):
    me = tenant.session.get("/api/v1/auth/me").json()
    assert me["user"] is None and me["api_key_id"] == tenant.key_id and set(me["scopes"]) == {"chat", "knowledge:read", "knowledge:write"}


@pytest.mark.parametrize("path", ["auth/logout", "auth/api-keys/key_none/rotate", "chat/messages/msg_none/stop"])
def test_calls_without_a_body_ignore_a_small_one(person, path):
    small = person.post("/api/v1/" + path, json={})
    assert small.status_code == (204 if path == "auth/logout" else 404), small.text
    person.bear(person.login(PASSWORD).json()["access_token"])
    assert person.post("/api/v1/" + path, data=b" " * 2000).status_code == 413


def test_logout_ends_all_earlier_tokens(person):
    second = person.login(PASSWORD).json()["access_token"]
    assert person.post("/api/v1/auth/logout").status_code == 204
    for token in (person.grant["access_token"], second):
        person.bear(token)
        assert person.me().status_code == 401
    person.bear(person.login(PASSWORD).json()["access_token"])
    assert person.me().status_code == 200


def change(person, current, new):
    return person.post("/api/v1/auth/password", json={"current_password": current, "new_password": new})


def test_a_new_password_ends_all_earlier_tokens(person):
    old = person.grant["access_token"]
    reply = change(person, PASSWORD, OTHER)
    assert reply.status_code == 200 and reply.headers["Cache-Control"] == "no-store" and reply.json()["user"] == person.grant["user"]
    assert person.me().status_code == 401
    person.bear(reply.json()["access_token"])
    assert person.me().status_code == 200 and reply.json()["access_token"] != old
    assert person.login(PASSWORD).status_code == 401 and person.login(OTHER).status_code == 200


@pytest.mark.parametrize("current,new,field", [("wrong password", OTHER, "current_password"), (PASSWORD, "short", "new_password"), (PASSWORD, "password123", "new_password"), (None, OTHER, "current_password")])
def test_password_refused(person, current, new, field):
    reply = change(person, current, new)
    assert reply.status_code == 422 and reply.json()["detail"][0]["loc"] == ["body", field] and OTHER not in reply.text and "wrong password" not in reply.text
    assert person.me().status_code == 200 and person.login(PASSWORD).status_code == 200


def test_guesses_are_bounded(person):
    assert [change(person, "wrong %d" % n, OTHER).status_code for n in range(11)] == [422] * 10 + [429]
    assert int(change(person, PASSWORD, OTHER).headers["Retry-After"]) > 0


def test_keys_have_neither(tenant):
    assert tenant.session.post("/api/v1/auth/logout").status_code == 403
    assert change(tenant.session, PASSWORD, OTHER).status_code == 403
    assert tenant.session.get("/api/v1/auth/me").status_code == 200
