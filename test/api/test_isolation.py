"""No company sees another's: generated from the server's own OpenAPI document, so that a new call is tested or breaks the test."""
import json

import pytest
import requests
from host import Caller

METHODS = {"get", "post", "put", "patch", "delete"}
UNKNOWN = {"document": "doc_01900000000070008000000000000000", "session": "sess-01900000000070008000000000000000", "message": "msg_01900000000070008000000000000000",
           "collection": "col_01900000000070008000000000000000", "key": "key_01900000000070008000000000000000"}
BODIES = {"question": "Who keeps the vault?", "query": "vault keeper", "rating": "up", "name": "new"}
OPEN = {"/errors/{slug}"}  # parameters in the path that name nothing of a company


@pytest.fixture(scope="module")
def document(product):
    return requests.get(product.url + "/openapi.json", timeout=30).json()


@pytest.fixture
def stranger(new_tenant):
    """Another company with one of everything that has an id."""
    other = new_tenant()
    made = other.session.post("/api/v1/knowledge/text", json={"title": "Vault", "content": "The keeper of the vault is Zephyrine.", "external_id": "x-1", "metadata": {"secret": "yes"},
                                                              "collection": "hidden"})
    assert made.status_code == 201, made.text
    chat = other.session.post("/api/v1/chat", json={"question": "Who is the keeper of the vault?"}).json()
    assert "Zephyrine" in chat["answer"]
    other.ids = {"document": made.json()["id"], "session": chat["session_id"], "message": chat["message_id"],
                 "collection": other.session.get("/api/v1/collections").json()["collections"][0]["id"], "key": other.key_id}
    return other


def resolve(document, schema):
    return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def operations(document):
    return [(method, path, operation) for path, item in document["paths"].items() for method, operation in item.items() if method in METHODS]


def kind_of(name):
    kinds = [kind for kind in UNKNOWN if name.startswith(kind)]
    assert kinds, "there is no stranger's id for %s: add one" % name
    return kinds[0]


def calls(document):
    """(method, path with {}, body with {} or None, the kind of id): each operation with each id that it takes."""
    found = []
    for method, path, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        properties = resolve(document, content["schema"])["properties"] if content else {}
        body = {member: value for member, value in BODIES.items() if member in properties}
        if "{" in path and path not in OPEN:
            name = path[path.index("{") + 1:path.index("}")]
            found.append((method, path.replace("{%s}" % name, "%s"), body or None, kind_of(name)))
        for name in properties:
            if name.endswith("_id") and name != "external_id":
                found.append((method, path, {**body, name: "%s"}, kind_of(name)))
    return found


def answer(caller, method, path, body, id):
    body = json.loads(json.dumps(body).replace("%s", id)) if body else None
    reply = caller.request(method.upper(), path % id if "%s" in path else path, json=body)
    data = reply.json()
    assert data.pop("request_id") == reply.headers["X-Request-Id"]
    return reply.status_code, data, {n: v for n, v in reply.headers.items() if n not in ("X-Request-Id", "Date")}


def test_stranger_s_id_is_as_good_as_unknown(document, tenant, stranger):
    checked = 0
    owner = Caller(tenant.url)
    owner.headers["Authorization"] = "Bearer " + tenant.token
    for method, path, body, kind in calls(document):
        caller = owner if "/auth/" in path else tenant.session
        theirs = answer(caller, method, path, body, stranger.ids[kind])
        unknown = answer(caller, method, path, body, UNKNOWN[kind])
        assert theirs == unknown and theirs[0] == 404, (method, path, theirs)
        checked += 1
    assert checked >= 15
    owner.close()
    assert stranger.session.get("/api/v1/knowledge/documents/" + stranger.ids["document"]).status_code == 200, "nothing of it was deleted"
    assert [c["name"] for c in stranger.session.get("/api/v1/collections").json()["collections"]] == ["hidden", "default"]
    messages = stranger.session.get("/api/v1/chat/sessions/%s/messages" % stranger.ids["session"]).json()["messages"]
    assert [(m["id"], m["feedback"]) for m in messages] == [(stranger.ids["message"], None)], "nothing of it was changed"


def test_every_closed_operation_wants_a_credential(document, product):
    """But the metrics, which are absent unless the operator set their token: test_metrics.py has them."""
    with Caller(product.url) as anyone:
        for method, path, operation in operations(document):
            if path == "/metrics":
                continue
            reply = anyone.request(method.upper(), path.replace("{", "").replace("}", ""))
            if operation.get("security") == [{"metricsToken": []}]:
                assert reply.status_code == 404, "no metrics without a token to ask for"
                continue
            assert (reply.status_code == 401) == bool(operation.get("security")), (method, path, reply.status_code)
            if operation.get("security"):
                assert "WWW-Authenticate" in reply.headers and "401" in operation["responses"]


def test_lists_searches_and_chats_show_nothing_of_others(tenant, stranger):
    session = tenant.session
    assert session.get("/api/v1/knowledge/documents").json()["total"] == 0
    assert session.get("/api/v1/chat/sessions").json()["total"] == 0
    assert [c["name"] for c in session.get("/api/v1/collections").json()["collections"]] == ["default"]
    assert session.get("/api/v1/knowledge/documents", params={"q": "Vault"}).json()["documents"] == []
    filters = [None, {"document_id": [stranger.ids["document"]]}, {"metadata": {"secret": "yes"}}]
    for narrowed in filters:
        members = {"filters": narrowed} if narrowed else {}
        reply = session.post("/api/v1/search", json={"query": "keeper of the vault", **members})
        assert reply.status_code in (200, 404) and "Zephyrine" not in reply.text and not reply.json().get("results")
        for path in ("/api/v1/chat", "/api/v1/chat/stream"):
            reply = session.post(path, json={"question": "Who is the keeper of the vault?", **members})
            assert reply.status_code in (200, 404) and "Zephyrine" not in reply.text and stranger.ids["document"] not in reply.text


def test_filter_by_a_stranger_s_document_is_as_by_an_unknown_one(tenant, stranger):
    assert tenant.session.post("/api/v1/knowledge/text", json={"title": "Own", "content": "The vault is painted green."}).status_code == 201
    bodies = []
    for id in (stranger.ids["document"], UNKNOWN["document"]):
        reply = tenant.session.post("/api/v1/search", json={"query": "vault", "filters": {"document_id": [id]}})
        bodies.append((reply.status_code, {k: v for k, v in reply.json().items() if k not in ("took_ms", "request_id")}))
    assert bodies[0] == bodies[1] and not bodies[0][1].get("results")


def test_external_ids_and_collections_are_each_company_s_own(tenant, stranger):
    reply = tenant.session.post("/api/v1/search", json={"query": "vault", "collection": "hidden"})
    assert reply.status_code == 404
    mine = tenant.session.post("/api/v1/knowledge/text", json={"title": "Vault", "content": "Other words.", "external_id": "x-1", "collection": "hidden"})
    assert mine.status_code == 201 and mine.json()["id"] != stranger.ids["document"]
    assert [r["document_id"] for r in stranger.session.post("/api/v1/search", json={"query": "Zephyrine"}).json()["results"]] == [stranger.ids["document"]]


def test_cursor_of_a_stranger_shows_only_own(tenant, stranger):
    for n in range(2):
        for company in (tenant, stranger):
            assert company.session.post("/api/v1/knowledge/text", json={"title": "t%d" % n, "content": "c"}).status_code == 201
    cursor = stranger.session.get("/api/v1/knowledge/documents", params={"limit": 1}).json()["next_cursor"]
    own = {d["id"] for d in tenant.session.get("/api/v1/knowledge/documents").json()["documents"]}
    reply = tenant.session.get("/api/v1/knowledge/documents", params={"cursor": cursor})
    assert reply.status_code == 422 or {d["id"] for d in reply.json()["documents"]} <= own
