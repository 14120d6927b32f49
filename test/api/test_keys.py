"""API keys after they were made: list, change, revoke, rotate."""
import pytest
from host import Caller

KEYS = "/api/v1/auth/api-keys"


@pytest.fixture
def owner(tenant):
    with Caller(tenant.url) as caller:
        caller.headers["Authorization"] = "Bearer " + tenant.token
        caller.tenant = tenant
        yield caller


def make(caller, name="k", **members):
    reply = caller.post(KEYS, json={"name": name, **members})
    assert reply.status_code == 201, reply.text
    return reply.json()


def works(owner, key):
    with Caller(owner.url, key) as caller:
        return caller.get("/api/v1/knowledge/documents").status_code


def listed(caller, **query):
    reply = caller.get(KEYS, params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_list(owner):
    made = make(owner, "second", scopes=["chat"], expires_at="2126-01-01T00:00:00Z")
    page = listed(owner)
    assert page["total"] == 2 and page["next_cursor"] is None and [k["name"] for k in page["api_keys"]] == ["second", "tests"]
    secret = made.pop("api_key")
    assert page["api_keys"][0] == {**made, "last_used_at": None} and secret not in str(page)


def test_last_use(owner):
    made = make(owner)
    assert works(owner, made["api_key"]) == 200
    assert [k for k in listed(owner)["api_keys"] if k["id"] == made["id"]]


def test_pages(owner):
    for n in range(4):
        make(owner, "k%d" % n)
    seen, cursor = [], {}
    while True:
        page = listed(owner, limit=2, **cursor)
        seen += [k["name"] for k in page["api_keys"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == ["k3", "k2", "k1", "k0", "tests"]


def test_revoked_at_the_next_request(owner):
    made = make(owner)
    assert works(owner, made["api_key"]) == 200
    assert owner.delete(KEYS + "/" + made["id"]).status_code == 204
    assert works(owner, made["api_key"]) == 401
    assert made["id"] not in [k["id"] for k in listed(owner)["api_keys"]]
    for call in (owner.delete(KEYS + "/" + made["id"]), owner.patch(KEYS + "/" + made["id"], json={"name": "x"}), owner.post(KEYS + "/" + made["id"] + "/rotate")):
        assert call.status_code == 404


def test_rotate(owner):
    made = make(owner, "old", scopes=["knowledge:read"])
    reply = owner.post(KEYS + "/" + made["id"] + "/rotate")
    assert reply.status_code == 200 and reply.headers["Cache-Control"] == "no-store"
    new = reply.json()
    assert new["api_key"] != made["api_key"] and new["api_key"].startswith(new["prefix"])
    assert {k: v for k, v in new.items() if k not in ("api_key", "prefix")} == {k: v for k, v in made.items() if k not in ("api_key", "prefix")}
    assert works(owner, made["api_key"]) == 401 and works(owner, new["api_key"]) == 200


def test_change(owner):
    made = make(owner, "old", expires_at="2126-01-01T00:00:00Z")
    path = KEYS + "/" + made["id"]
    changed = owner.patch(path, json={"name": " new "}).json()
    assert changed["name"] == "new" and changed["scopes"] == made["scopes"] and changed["expires_at"] == made["expires_at"]
    assert owner.patch(path, json={"scopes": ["chat"]}).json()["scopes"] == ["chat"] and works(owner, made["api_key"]) == 403
    assert owner.patch(path, json={"expires_at": None, "scopes": ["knowledge:read"]}).json()["expires_at"] is None and works(owner, made["api_key"]) == 200


@pytest.mark.parametrize("body,field", [({"name": ""}, "name"), ({"name": "a\nb"}, "name"), ({"scopes": []}, "scopes"), ({"scopes": ["all"]}, "scopes"),
                                        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"), ({"expires_at": "soon"}, "expires_at")])
def test_change_refused(owner, body, field):
    reply = owner.patch(KEYS + "/" + make(owner)["id"], json=body)
    assert reply.status_code == 422 and reply.json()["detail"][0]["loc"] == ["body", field]


def test_who_may(owner):
    made = make(owner, "victim", scopes=["chat", "knowledge:write"])
    path = KEYS + "/" + made["id"]
    with Caller(owner.url, owner.tenant.key) as plain:
        for reply in (plain.get(KEYS), plain.patch(path, json={"name": "x"}), plain.delete(path), plain.post(path + "/rotate")):
            assert reply.status_code == 403
    with Caller(owner.url, make(owner, "admin", scopes=["admin", "chat"])["api_key"]) as admin:
        assert admin.patch(path, json={"name": "x"}).status_code == 403, "it has a scope that the caller lacks"
        assert admin.post(path + "/rotate").status_code == 403
        assert admin.patch(path, json={"scopes": ["chat"]}).status_code == 200
        assert admin.post(path + "/rotate").status_code == 200
        assert admin.delete(path).status_code == 204


def test_a_bound_admin_sees_keys_of_its_collection(owner):
    owner.post("/api/v1/collections", json={"name": "red"})
    with Caller(owner.url, make(owner, "red admin", scopes=["admin"], collection="red")["api_key"]) as admin:
        assert [k["name"] for k in listed(admin)["api_keys"]] == ["red admin"]
        assert admin.delete(KEYS + "/" + owner.tenant.key_id).status_code == 404
