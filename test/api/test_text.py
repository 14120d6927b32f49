"""POST /api/v1/knowledge/text: adding, adding again, replacing, the wait, the limits."""
import pytest
from host import until

TEXT = "/api/v1/knowledge/text"
DOCUMENTS = "/api/v1/knowledge/documents"
POLICY = "Parcels may be returned within thirty days. The cashier pays the money back."


@pytest.fixture
def add(tenant):
    def add(expected, headers=None, **members):
        body = {"title": "Return policy", "content": POLICY, **members}
        reply = tenant.session.post(TEXT, json={k: v for k, v in body.items() if v is not None}, headers=headers)
        assert reply.status_code == expected, reply.text
        return reply
    return add


def found(tenant, query):
    reply = tenant.session.post("/api/v1/search", json={"query": query})
    assert reply.status_code == 200, reply.text
    return [result["text"] for result in reply.json()["results"]]


def names(tenant):
    return [d["filename"] for d in tenant.session.get(DOCUMENTS).json()["documents"]]


def test_add(tenant, add):
    document = add(201).json()
    assert document["id"].startswith("doc_")
    assert (document["filename"], document["status"], document["error"]) == ("Return policy", "completed", None)
    assert document["size_bytes"] == len(POLICY) and document["chunks"] == 1 and document["progress"] == 100
    assert (document["external_id"], document["metadata"]) == (None, {})
    assert document["created_at"].endswith("Z") and document["updated_at"] >= document["created_at"]
    assert POLICY in found(tenant, "returned parcels")


def test_same_again(tenant, add):
    first = add(201).json()
    again = add(200).json()
    assert again["id"] == first["id"] and again["created_at"] == first["created_at"]
    assert names(tenant) == ["Return policy"]
    assert found(tenant, "returned parcels") == [POLICY]


def test_other_content_is_another_document(tenant, add):
    first, second = add(201).json(), add(201, content="Parcels are returned by bicycle.").json()
    assert first["id"] != second["id"]
    assert names(tenant) == ["Return policy"] * 2
    assert len(found(tenant, "returned parcels")) == 2


@pytest.mark.parametrize("how", [{"replace": True}, {"external_id": "policy-1"}], ids=["replace", "external_id"])
def test_replace_keeps_the_id(tenant, add, how):
    first = add(201, **how).json()
    second = add(201, content="Parcels come back by bicycle.", **how).json()
    assert second["id"] == first["id"] and second["created_at"] == first["created_at"]
    assert second["status"] == "completed" and second["external_id"] == how.get("external_id")
    assert names(tenant) == ["Return policy"]
    assert found(tenant, "parcels") == ["Parcels come back by bicycle."]
    assert found(tenant, "cashier") == []


def test_external_id_goes_before_the_title(tenant, add):
    first = add(201, external_id="policy-1").json()
    second = add(201, external_id="policy-1", title="Returns").json()
    assert second["id"] == first["id"]
    assert names(tenant) == ["Returns"]
    third = add(201, external_id="policy-2", title="Returns", content="Other parcels.").json()
    assert third["id"] != first["id"]


def test_metadata(tenant, add):
    metadata = {"product": "räder", "year": 2026, "tags": ["a", "b"], "none": None, "deep": {"yes": True}}
    document = add(201, metadata=metadata).json()
    assert document["metadata"] == metadata
    assert tenant.session.get(DOCUMENTS + "/" + document["id"]).json()["metadata"] == metadata


def test_language_is_told_or_found(add):
    assert add(201, language="fr").json()["language"] == "fr"
    german = "Pakete können innerhalb von dreißig Tagen zurückgegeben werden. Das Geld wird dann an der Kasse ausgezahlt."
    assert add(201, title="Rückgabe", content=german).json()["language"] == "de"


def test_empty_content(tenant, add):
    document = add(201, content="").json()
    assert (document["status"], document["chunks"], document["size_bytes"]) == ("completed", 0, 0)
    assert found(tenant, "return policy") == []


def test_only_white_space(add):
    document = add(201, content=" \n\t\r\n\u00a0\u3000").json()
    assert (document["status"], document["chunks"]) == ("completed", 0)


def test_every_kind_of_line_end_parts_words(tenant, add):
    add(201, content="silver\rgold\r\ncopper\nzinc\ttin")
    for word in "silver gold copper zinc tin".split():
        assert len(found(tenant, word)) == 1, word


def test_odd_characters_come_back(tenant, add):
    title = "Größe \U0001f6b2 \"quoted\" </script> 价格 'x'"
    assert add(201, title=title).json()["filename"] == title
    assert names(tenant) == [title]


def test_markdown_headings(tenant, add):
    add(201, title="Guide", content="# Travel\n\nBook early.\n\n## Trains\n\nThe night train to Vienna leaves at nine.\n")
    results = tenant.session.post("/api/v1/search", json={"query": "night train to Vienna"}).json()["results"]
    assert "The night train to Vienna leaves at nine." in results[0]["text"]
    assert "Trains" in results[0]["heading"]


REFUSED = {
    "no-title": {"title": None},
    "empty-title": {"title": ""},
    "long-title": {"title": "t" * 256},
    "no-content": {"content": None},
    "content-is-a-number": {"content": 7},
    "title-is-a-list": {"title": ["x"]},
    "metadata-is-a-list": {"metadata": [1]},
    "metadata-too-long": {"metadata": {"x": "y" * 20000}},
    "external-id-empty": {"external_id": ""},
    "external-id-too-long": {"external_id": "x" * 201},
    "replace-is-a-word": {"replace": "maybe"},
    "language-is-no-code": {"language": "E1"},
}


@pytest.mark.parametrize("members", REFUSED.values(), ids=REFUSED)
def test_refused(tenant, add, members):
    detail = add(422, **members).json()["detail"]
    assert isinstance(detail, list) and detail[0]["loc"][-1] in members and detail[0]["msg"] and detail[0]["type"]
    assert names(tenant) == []


def test_content_too_large(tenant, add):
    limit = 5 << 20
    reply = tenant.session.post(TEXT, json={"title": "Wide", "content": "wide " * (limit // 5 + 1)})
    assert reply.status_code in (413, 422) and reply.json()["detail"]
    reply = tenant.session.post(TEXT, data=b" " * (17 << 20), headers={"Content-Type": "application/json"})
    assert reply.status_code == 413
    assert names(tenant) == []
    assert add(201, content="wide words\n\n" * 1000).json()["status"] == "completed"


def test_unknown_members_are_ignored(add):
    document = add(201, id="doc_mine", status="failed", tenant_id="ten_x", chunks=99, colour="red").json()
    assert document["id"] != "doc_mine" and document["status"] == "completed" and document["chunks"] == 1


def test_respond_async(tenant, add):
    reply = add(202, headers={"Prefer": "respond-async"}, content="All is well at the lighthouse.\n\n" * 3000)
    document = reply.json()
    assert reply.headers["Preference-Applied"] == "respond-async"
    assert document["status"] in ("queued", "processing", "completed")
    until(lambda: tenant.session.get(DOCUMENTS + "/" + document["id"]).json()["status"] == "completed")
    assert found(tenant, "lighthouse")


@pytest.mark.parametrize("preference,expected", [("wait=0", {202}), ("wait=30", {201}), ("handling=lenient, wait=30", {201}), ("wait=-1", {201}), ("wait=soon", {201}), ("colour=red", {201})])
def test_prefer(tenant, preference, expected):
    body = {"title": "Lamps", "content": "Lamps are lit at dusk."}
    reply = tenant.session.post(TEXT, json=body, headers={"Prefer": preference})
    assert reply.status_code in expected, reply.text
    if reply.status_code == 201:
        assert reply.json()["status"] == "completed" and found(tenant, "lamps")


def test_idempotency_key(tenant, add):
    key = {"Idempotency-Key": "once"}
    first = add(201, headers=key)
    again = add(201, headers=key)
    assert again.headers["Idempotent-Replayed"] == "true" and again.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    add(422, headers=key, content="Something else.")
    assert names(tenant) == ["Return policy"]
