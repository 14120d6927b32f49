"""Collections: made, renamed, deleted; and what a key that is bound to one sees."""
import pytest
import requests
from host import Caller

COLLECTIONS = "/api/v1/collections"
DOCUMENTS = "/api/v1/knowledge/documents"
TEXT = "/api/v1/knowledge/text"
CHAT = "/api/v1/chat"
SESSIONS = "/api/v1/chat/sessions"


def create(tenant, name, expected=201):
    reply = tenant.session.post(COLLECTIONS, json={"name": name})
    assert reply.status_code == expected, reply.text
    return reply.json()


def names(caller, **query):
    reply = caller.get(COLLECTIONS, params=query)
    assert reply.status_code == 200, reply.text
    return [c["name"] for c in reply.json()["collections"]]


def add(caller, title, content, **members):
    reply = caller.post(TEXT, json={"title": title, "content": content, **members})
    assert reply.status_code == 201, reply.text
    return reply.json()


def bound_key(tenant, collection, *scopes):
    members = {"scopes": list(scopes)} if scopes else {}
    reply = requests.post(tenant.url + "/api/v1/auth/api-keys", json={"name": "bound", "collection": collection, **members},
                          headers={"Authorization": "Bearer " + tenant.token}, timeout=60)
    assert reply.status_code == 201 and reply.json()["collection"] == collection, reply.text
    return Caller(tenant.url, reply.json()["api_key"])


def test_life_of_a_collection(tenant):
    assert names(tenant.session) == ["default"]
    made = create(tenant, "  manuals ")
    assert made["name"] == "manuals" and made["id"].startswith("col_") and made["documents"] == 0
    assert names(tenant.session) == ["manuals", "default"]
    add(tenant.session, "A", "Words.", collection="manuals")
    listed = tenant.session.get(COLLECTIONS).json()
    assert listed["total"] == 2 and listed["collections"][0] == {**made, "documents": 1}
    renamed = tenant.session.patch(COLLECTIONS + "/" + made["id"], json={"name": "guides"})
    assert renamed.status_code == 200 and renamed.json() == {**made, "name": "guides", "documents": 1}
    assert tenant.session.get(DOCUMENTS).json()["documents"][0]["collection"] == "guides"
    assert tenant.session.post("/api/v1/search", json={"query": "words", "collection": "manuals"}).status_code == 404
    assert len(tenant.session.post("/api/v1/search", json={"query": "words", "collection": "guides"}).json()["results"]) == 1


def test_names_are_taken_once(tenant):
    first, second = create(tenant, "manuals"), create(tenant, "Manuals")
    create(tenant, "manuals", 409)
    assert tenant.session.patch(COLLECTIONS + "/" + second["id"], json={"name": "manuals"}).status_code == 409
    assert tenant.session.patch(COLLECTIONS + "/" + first["id"], json={"name": "manuals"}).status_code == 200
    assert names(tenant.session) == ["Manuals", "manuals", "default"]


def test_default_stays(tenant):
    default = tenant.session.get(COLLECTIONS).json()["collections"][0]["id"]
    assert tenant.session.delete(COLLECTIONS + "/" + default).status_code == 409
    assert tenant.session.patch(COLLECTIONS + "/" + default, json={"name": "other"}).status_code == 409
    assert names(tenant.session) == ["default"]


def test_delete(tenant):
    made = create(tenant, "manuals")
    document = add(tenant.session, "A", "Words.", collection="manuals")
    path = COLLECTIONS + "/" + made["id"]
    assert "documents" in tenant.session.delete(path).json()["detail"]
    assert tenant.session.delete(DOCUMENTS + "/" + document["id"]).status_code == 204
    key = bound_key(tenant, "manuals")
    assert "keys" in tenant.session.delete(path).json()["detail"].lower()
    key.close()
    other = create(tenant, "empty")
    assert tenant.session.delete(COLLECTIONS + "/" + other["id"]).status_code == 204
    assert tenant.session.delete(COLLECTIONS + "/" + other["id"]).status_code == 404
    assert names(tenant.session) == ["manuals", "default"]


def test_delete_where_documents_were(tenant):
    made = create(tenant, "manuals")
    document = add(tenant.session, "A", "The word is abracadabra.", collection="manuals")
    assert tenant.session.delete(DOCUMENTS + "/" + document["id"]).status_code == 204
    assert tenant.session.delete(COLLECTIONS + "/" + made["id"]).status_code == 204
    assert tenant.session.post("/api/v1/search", json={"query": "abracadabra"}).json()["results"] == []
    add(tenant.session, "A", "The word is abracadabra.", collection="manuals")
    assert len(tenant.session.post("/api/v1/search", json={"query": "abracadabra", "collection": "manuals"}).json()["results"]) == 1


def test_pages(tenant):
    for n in range(4):
        create(tenant, "c%d" % n)
    seen, cursor = [], {}
    while True:
        page = tenant.session.get(COLLECTIONS, params={"limit": 2, **cursor}).json()
        seen += [c["name"] for c in page["collections"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == ["c3", "c2", "c1", "c0", "default"]


def test_same_request_twice(tenant):
    replies = [tenant.session.post(COLLECTIONS, json={"name": "manuals"}, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [r.status_code for r in replies] == [201, 201] and replies[0].json() == replies[1].json()
    assert replies[1].headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("name", [None, "", "   ", "a\nb", "n" * 101, 5, "a\x01"])
def test_names_refused(module_tenant, name):
    reply = module_tenant.session.post(COLLECTIONS, json={"name": name})
    assert reply.status_code == 422 and reply.json()["detail"][0]["loc"] == ["body", "name"]


# ---- a key that is bound


@pytest.fixture(scope="module")
def shop(module_tenant):
    for collection, content in (("red", "The red keeper is Otto."), ("blue", "The blue keeper is Ida.")):
        module_tenant.session.post(COLLECTIONS, json={"name": collection})
        add(module_tenant.session, collection, content, collection=collection)
    module_tenant.red = bound_key(module_tenant, "red")
    yield module_tenant
    module_tenant.red.close()


def test_a_bound_key_sees_its_own(shop):
    assert names(shop.red) == ["red"]
    assert [d["filename"] for d in shop.red.get(DOCUMENTS).json()["documents"]] == ["red"]
    assert {r["document_name"] for r in shop.red.post("/api/v1/search", json={"query": "keeper"}).json()["results"]} == {"red"}
    reply = shop.red.post(CHAT, json={"question": "Who is the blue keeper?"}).json()
    assert "Ida" not in reply["answer"] and "blue" not in {s["document_name"] for s in reply["sources"]}
    assert "Otto" in shop.red.post(CHAT, json={"question": "Who is the red keeper?"}).json()["answer"]
    blue = next(d for d in shop.session.get(DOCUMENTS).json()["documents"] if d["filename"] == "blue")
    assert shop.red.get(DOCUMENTS + "/" + blue["id"]).status_code == 404
    assert shop.red.delete(DOCUMENTS + "/" + blue["id"]).status_code == 404
    for path, member in ((CHAT, "question"), ("/api/v1/search", "query")):
        theirs, unknown = (shop.red.post(path, json={member: "keeper", "collection": c}) for c in ("blue", "nowhere"))
        assert theirs.status_code == unknown.status_code == 404 and theirs.json()["detail"] == unknown.json()["detail"]
        assert shop.red.post(path, json={member: "keeper", "collection": "red"}).status_code == 200


def test_a_bound_key_uploads_into_its_own(shop):
    assert add(shop.red, "more", "More words.")["collection"] == "red"
    assert shop.red.post(TEXT, json={"title": "t", "content": "c", "collection": "blue"}).status_code == 403


def test_a_bound_key_changes_no_collections(shop):
    red = shop.red.get(COLLECTIONS).json()["collections"][0]["id"]
    assert shop.red.post(COLLECTIONS, json={"name": "new"}).status_code == 403
    assert shop.red.patch(COLLECTIONS + "/" + red, json={"name": "new"}).status_code == 403
    assert shop.red.delete(COLLECTIONS + "/" + red).status_code == 403


def test_conversations_of_a_bound_key(shop):
    of_red = shop.red.post(CHAT, json={"question": "Who is the red keeper?"}).json()["session_id"]
    of_all = shop.session.post(CHAT, json={"question": "Who is the blue keeper?"}).json()["session_id"]
    assert shop.red.get(SESSIONS + "/" + of_all).status_code == 404
    assert of_all not in [s["id"] for s in shop.red.get(SESSIONS).json()["sessions"]]
    assert {of_red, of_all} <= {s["id"] for s in shop.session.get(SESSIONS).json()["sessions"]}
    for caller, session_id in ((shop.red, of_all), (shop.session, of_red)):
        assert caller.post(CHAT, json={"question": "And?", "session_id": session_id}).status_code == 404, "what was answered from elsewhere stays there"


def test_a_bound_key_makes_bound_keys(shop):
    admin = bound_key(shop, "red", "admin", "chat", "knowledge:read")
    made = admin.post("/api/v1/auth/api-keys", json={"name": "child", "scopes": ["knowledge:read"]})
    assert made.status_code == 201 and made.json()["collection"] == "red"
    with Caller(shop.url, made.json()["api_key"]) as child:
        assert names(child) == ["red"]
    assert admin.post("/api/v1/auth/api-keys", json={"name": "child", "scopes": ["chat"], "collection": "blue"}).json()["detail"][0]["loc"] == ["body", "collection"]
    admin.close()


def test_a_key_for_no_collection(shop):
    reply = requests.post(shop.url + "/api/v1/auth/api-keys", json={"name": "x", "collection": "nowhere"}, headers={"Authorization": "Bearer " + shop.token}, timeout=60)
    assert reply.status_code == 422 and reply.json()["detail"][0]["loc"] == ["body", "collection"]
