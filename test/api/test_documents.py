"""Documents: list, filters, walks by cursor, one, delete."""
import random
import threading

import pytest
from host import Caller

TEXT = "/api/v1/knowledge/text"
DOCUMENTS = "/api/v1/knowledge/documents"
FIELDS = {"id", "filename", "status", "media_type", "size_bytes", "pages", "chunks", "progress", "error", "external_id", "metadata", "created_at", "updated_at"}


def add(session, title, content="A few words.", **members):
    reply = session.post(TEXT, json={"title": title, "content": content, **members})
    assert reply.status_code == 201, reply.text
    return reply.json()


def listed(session, **query):
    reply = session.get(DOCUMENTS, params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


def walk(session, between=lambda: None, **query):
    """All documents, page by page."""
    documents, cursor = [], None
    while True:
        page = listed(session, **query, **({"cursor": cursor} if cursor else {}))
        documents += page["documents"]
        cursor = page["next_cursor"]
        if cursor is None:
            return documents
        between()


def test_empty(tenant):
    assert listed(tenant.session) == {"documents": [], "total": 0, "next_cursor": None}


def test_fields(tenant):
    added = add(tenant.session, "Bees", external_id="b-1", metadata={"k": "v"})
    page = listed(tenant.session)
    assert page["total"] == 1 and page["next_cursor"] is None
    assert FIELDS <= set(page["documents"][0])
    assert page["documents"][0] == added
    assert tenant.session.get(DOCUMENTS + "/" + added["id"]).json() == added


@pytest.fixture
def seven(tenant):
    return [add(tenant.session, "%s of the house %d" % ("Rules" if i % 2 else "Guests", i))["id"] for i in range(7)]


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8, 1000])
def test_pages(tenant, seven, limit):
    first = listed(tenant.session, limit=limit)
    assert first["total"] == 7 and len(first["documents"]) == min(limit, 7)
    assert (first["next_cursor"] is None) == (limit >= 7)
    assert sorted(d["id"] for d in walk(tenant.session, limit=limit)) == sorted(seven)


@pytest.mark.parametrize("query,expected", [({"q": "Rules"}, 3), ({"q": "rules OF"}, 3), ({"q": "house"}, 7), ({"q": "%"}, 0), ({"q": "_"}, 0),
                                            ({"status": "completed"}, 7), ({"status": "failed"}, 0), ({"status": "completed", "q": "Guests"}, 4),
                                            ({"q": ""}, 7)])
def test_filters(tenant, seven, query, expected):
    page = listed(tenant.session, **query)
    assert page["total"] == len(page["documents"]) == expected
    assert len(walk(tenant.session, limit=2, **query)) == expected


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "1001"}, {"limit": "-1"}, {"limit": "many"}, {"limit": "1e2"}, {"status": "done"}, {"cursor": "nonsense"},
                                   {"cursor": "!!"}, {"cursor": "a" * 3000}, {"q": "x" * 300}])
def test_refused(tenant, query):
    reply = tenant.session.get(DOCUMENTS, params=query)
    assert reply.status_code == 422 and reply.json()["detail"][0]["loc"] == ["query", *query], reply.text


def test_odd_names_are_found(tenant):
    for name in ["50 % off", "under_score", "Größe", "价格表", "a'b\"c", "emoji \U0001f41d"]:
        add(tenant.session, name)
        assert [d["filename"] for d in listed(tenant.session, q=name)["documents"]] == [name]


def test_cursor_of_a_deleted_document(tenant, seven):
    page = listed(tenant.session, limit=3)
    assert tenant.session.delete(DOCUMENTS + "/" + page["documents"][-1]["id"]).status_code == 204
    rest = listed(tenant.session, cursor=page["next_cursor"])
    assert len(rest["documents"]) == 4 and rest["total"] == 6
    assert not {d["id"] for d in rest["documents"]} & {d["id"] for d in page["documents"]}


def churn(tenant, number, rounds, victims, failures):
    """Adds and deletes, one after the other."""
    try:
        with Caller(tenant.url, tenant.key) as caller:
            for i in range(rounds):
                reply = caller.post(TEXT, json={"title": "new %d %d" % (number, i), "content": "Fresh words."}, headers={"Prefer": "wait=0"})
                assert reply.status_code in (201, 202), reply.text
                reply = caller.delete(DOCUMENTS + "/" + victims.pop())
                assert reply.status_code == 204, reply.text
    except Exception as e:  # reported by the test's own thread
        failures.append(e)


def test_walk_during_inserts_and_deletes(tenant):
    """Each item that is there from before the walk until after it is shown exactly once, and none twice."""
    seed = random.randrange(1 << 32)
    print("seed", seed)
    ids = [add(tenant.session, "old %d" % i)["id"] for i in range(150)]
    random.Random(seed).shuffle(ids)
    victims, survivors, failures = ids[:100], set(ids[100:]), []
    threads = [threading.Thread(target=churn, args=(tenant, n, 50, victims, failures)) for n in range(2)]
    for t in threads:
        t.start()
    walks = 0
    while walks < 2 or any(t.is_alive() for t in threads):
        seen = [d["id"] for d in walk(tenant.session, limit=7)]
        assert len(seen) == len(set(seen)), "shown twice"
        assert survivors <= set(seen), "left out"
        walks += 1
    for t in threads:
        t.join()
    assert not failures
    assert {d["id"] for d in walk(tenant.session, limit=7) if d["filename"].startswith("old")} == survivors
    assert listed(tenant.session)["total"] == 150


def test_get_unknown(tenant, new_tenant):
    """An unknown id, no id at all, and another company's id: one answer."""
    stranger = add(new_tenant().session, "Secrets")["id"]
    bodies = set()
    for id in ["doc_01900000000070008000000000000000", "nonsense", "%20%F0%9F%90%9D", "doc_" + "x" * 900, stranger]:
        for method in ("GET", "DELETE"):
            reply = tenant.session.request(method, DOCUMENTS + "/" + id)
            assert reply.status_code == 404, (id, reply.text)
            body = reply.json()
            assert body.pop("request_id") == reply.headers["X-Request-Id"]
            bodies.add(str(body))
    assert len(bodies) == 1


def test_delete(tenant):
    session = tenant.session
    for i in range(20):
        words = "The ferry number %d leaves from pier %d." % (i, i + 50)
        id = add(session, "Ferries", words)["id"]
        ask = {"question": "From which pier does the ferry leave?"}
        assert [r["document_id"] for r in session.post("/api/v1/search", json={"query": "ferry pier"}).json()["results"]] == [id]
        assert session.post("/api/v1/chat", json=ask).json()["sources"][0]["document_id"] == id
        reply = session.delete(DOCUMENTS + "/" + id)
        assert reply.status_code == 204 and reply.content == b""
        assert session.get(DOCUMENTS + "/" + id).status_code == 404
        assert listed(session)["documents"] == []
        assert session.post("/api/v1/search", json={"query": "ferry pier"}).json()["results"] == []
        chat = session.post("/api/v1/chat", json=ask).json()
        assert chat["sources"] == [] and chat["answered"] is False and words not in chat["answer"]
        assert session.delete(DOCUMENTS + "/" + id).status_code == 404


def test_delete_then_add_the_same(tenant):
    first = add(tenant.session, "Bees")
    assert tenant.session.delete(DOCUMENTS + "/" + first["id"]).status_code == 204
    assert add(tenant.session, "Bees")["id"] != first["id"]


def test_external_id_is_free_after_a_delete(tenant):
    first = add(tenant.session, "Bees", external_id="b-1")
    assert tenant.session.delete(DOCUMENTS + "/" + first["id"]).status_code == 204
    assert add(tenant.session, "Bees", external_id="b-1")["id"] != first["id"]


def test_delete_while_it_is_read(tenant):
    """Whatever the moment, a document that was deleted does not come back."""
    for i in range(20):
        reply = tenant.session.post(TEXT, json={"title": "Long", "content": "Number %d of many words.\n\n" % i * 400}, headers={"Prefer": "respond-async"})
        assert reply.status_code == 202, reply.text
        assert tenant.session.delete(DOCUMENTS + "/" + reply.json()["id"]).status_code == 204
    add(tenant.session, "Last", "Quite another text.")
    assert [d["filename"] for d in listed(tenant.session)["documents"]] == ["Last"]
    assert tenant.session.post("/api/v1/search", json={"query": "number of many words", "mode": "lexical"}).json()["results"] == []
