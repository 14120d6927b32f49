"""POST /api/v1/search beyond the plain list: min_score, groups, explain, exact counts, and many companies side by side."""
import random
import uuid

import pytest
from host import Caller

TEXT = "/api/v1/knowledge/text"
SEARCH = "/api/v1/search"
MODES = ["hybrid", "lexical", "semantic"]

RIVER = "The river is %s metres deep at the %s bridge, and its water is %s."
BRIDGES = [("two", "old", "brown"), ("three", "new", "green"), ("nine", "iron", "cold"), ("ten", "stone", "clear")]


def add(caller, title, content, **members):
    reply = caller.post(TEXT, json={"title": title, "content": content, **members})
    assert reply.status_code == 201, reply.text
    return reply.json()["id"]


def search(caller, query, expected=200, **members):
    reply = caller.post(SEARCH, json={"query": query, **members})
    assert reply.status_code == expected, reply.text
    return reply.json()


def results(caller, query, **members):
    return search(caller, query, **members)["results"]


def pages(count, first=1800):
    """A text of so many passages: headings part them, and years tell those of one text from those of another."""
    return "\n\n".join("# Bridge %d\n\n" % i + RIVER % BRIDGES[i % 4] + " It was built in %d." % (first + i) for i in range(count))


@pytest.fixture(scope="module")
def rivers(module_tenant):
    session = module_tenant.session
    module_tenant.ids = {name: add(session, name, pages(count, first), metadata={"kind": kind})
                         for name, count, kind, first in [("Guide", 5, "book", 1800), ("Leaflet", 2, "paper", 1850), ("Atlas", 3, "book", 1900)]}
    add(session, "Kitchen", "The oven is cleaned on Fridays.")
    return module_tenant


@pytest.fixture(scope="module")
def admin(rivers):
    """A caller of the same company whose key has the scope admin: the first key of a company is made by a person."""
    with Caller(rivers.url) as person:
        reply = person.post("/api/v1/auth/register", json={"name": "Other", "email": "%s@example.com" % uuid.uuid4().hex, "password": "six wet herons wade"})
        bearer = {"Authorization": "Bearer " + reply.json()["access_token"]}
        key = person.post("/api/v1/auth/api-keys", json={"name": "admin", "scopes": ["chat", "knowledge:write", "admin"]}, headers=bearer).json()["api_key"]
    with Caller(rivers.url, key) as caller:
        add(caller, "Guide", pages(3))
        add(caller, "Harbour", "Boats lie in the harbour.")
        yield caller


# ---- min_score ----

@pytest.mark.parametrize("mode", MODES)
def test_min_score_keeps_the_front_of_the_list(rivers, mode):
    everything = results(rivers.session, "How deep is the river at the iron bridge?", mode=mode, top_k=100)
    scores = [r["similarity_score"] for r in everything]
    assert len(set(scores)) > 2
    bound = scores[len(scores) // 2]
    assert results(rivers.session, "How deep is the river at the iron bridge?", mode=mode, top_k=100, min_score=bound) == [r for r in everything if r["similarity_score"] >= bound]
    assert results(rivers.session, "How deep is the river at the iron bridge?", mode=mode, min_score=1) == []
    assert results(rivers.session, "How deep is the river at the iron bridge?", mode=mode, top_k=100, min_score=0) == everything


# ---- groups ----

@pytest.mark.parametrize("mode", MODES)
def test_groups_are_the_passages_by_document(rivers, mode):
    reply = search(rivers.session, "river bridge metres deep", mode=mode, group_by="document", group_size=10, top_k=100)
    assert "results" not in reply and reply["took_ms"] >= 0
    groups = {g["document_name"]: g for g in reply["groups"]}
    assert [len(groups[name]["passages"]) for name in ("Guide", "Leaflet", "Atlas")] == [5, 2, 3]
    best = [g["similarity_score"] for g in reply["groups"]]
    assert best == sorted(best, reverse=True)
    for g in reply["groups"]:
        scores = [p["similarity_score"] for p in g["passages"]]
        assert scores == sorted(scores, reverse=True) and scores[0] == g["similarity_score"]
        assert all((p["document_id"], p["document_name"]) == (g["document_id"], g["document_name"]) for p in g["passages"])
        assert all(p["text"] and "highlights" in p for p in g["passages"])


@pytest.mark.parametrize("top_k,size", [(1, 1), (2, 2), (3, 1), (2, 10)])
def test_top_k_counts_documents(rivers, top_k, size):
    groups = search(rivers.session, "river bridge metres deep", group_by="document", group_size=size, top_k=top_k)["groups"]
    assert len(groups) == top_k and all(1 <= len(g["passages"]) <= size for g in groups)


def test_three_passages_of_a_document_unless_told(rivers):
    groups = search(rivers.session, "river bridge metres deep", group_by="document")["groups"]
    assert max(len(g["passages"]) for g in groups) == 3


def test_group_size_alone_groups_nothing(rivers):
    assert "results" in search(rivers.session, "river", group_size=2)


def test_groups_are_filtered(rivers):
    groups = search(rivers.session, "river bridge", group_by="document", filters={"metadata": {"kind": "paper"}})["groups"]
    assert [g["document_name"] for g in groups] == ["Leaflet"]


REFUSED = {"score-below": {"min_score": -0.1}, "score-above": {"min_score": 1.01}, "score-text": {"min_score": "0.5"}, "score-true": {"min_score": True}, "group-by": {"group_by": "page"},
           "group-by-1": {"group_by": 1}, "size-0": {"group_by": "document", "group_size": 0}, "size-11": {"group_by": "document", "group_size": 11}, "explain": {"explain": "yes"}}


@pytest.mark.parametrize("members", REFUSED.values(), ids=REFUSED)
def test_refused(rivers, members):
    detail = search(rivers.session, "river", 422, **members)["detail"]
    assert detail[0]["loc"] == ["body", list(members)[-1]] and detail[0]["msg"]


# ---- explain ----

@pytest.mark.parametrize("mode", MODES)
def test_explain(admin, mode):
    query = "How deep is the river near the iron bridge?"
    plain, told = results(admin, query, mode=mode), search(admin, query, mode=mode, explain=True)
    assert [r["text"] for r in told["results"]] == [r["text"] for r in plain], "explaining changes nothing"
    about = told["explain"]
    assert about["mode"] == mode and {"river", "iron", "bridg"} <= set(about["terms"])
    assert (about["lexical_candidates"] > 0) == (mode != "semantic") and (about["semantic_candidates"] > 0) == (mode != "lexical")
    assert (about["language_gate"] is None) == (mode != "hybrid")
    weight = about["semantic_weight"]
    assert weight == {"lexical": 0, "semantic": 1}.get(mode, pytest.approx(0.6 * (about["language_gate"] or 0), abs=1e-4))
    fused = [r["explain"]["fused"] for r in told["results"]]
    assert fused == sorted(fused, reverse=True)
    seen = set()
    for r in told["results"]:
        e = r["explain"]
        share = 0.8 if r["document_id"] in seen else 1
        seen.add(r["document_id"])
        partial = 1 - min(weight / 0.6, 1) * (1 - e["coverage"] ** 0.5)
        by_words = e["lexical"] * partial + 0.2 * e["nearness"]
        assert e["fused"] == pytest.approx(share * min(1, weight * max(e["meaning"], 0) + (1 - weight) * by_words), abs=2e-3)
        assert 0 <= e["coverage"] <= 1 and 0 <= e["nearness"] <= 1 and set(e["matched_terms"]) <= set(about["terms"])
    iron = next(r for r in told["results"] if "iron" in r["text"])
    assert {"river", "iron", "bridg", "deep"} <= set(iron["explain"]["matched_terms"])


def test_explain_in_groups(admin):
    told = search(admin, "deep river", explain=True, group_by="document")
    assert told["explain"]["terms"] and all("fused" in p["explain"] for g in told["groups"] for p in g["passages"])


def test_explain_is_for_admins(rivers):
    refused = search(rivers.session, "river", 403, explain=True)
    assert refused["type"] == "/errors/missing-scope" and "admin" in refused["detail"]
    assert "explain" not in search(rivers.session, "river", explain=False)


# ---- exact ----

@pytest.mark.parametrize("mode", MODES)
def test_copies_do_not_use_up_the_list(tenant, mode):
    """However many documents hold the same passage, as many different ones as are wanted are found."""
    for i in range(60):
        tenant.session.post(TEXT, json={"title": "Copy %d" % i, "content": "The ferry leaves the harbour at noon."}, headers={"Prefer": "wait=0"})
    for i in range(4):
        add(tenant.session, "Own %d" % i, "Ferry number %d is in the harbour for repairs until noon, they say." % i)
    found = results(tenant.session, "The ferry leaves the harbour at noon.", mode=mode, top_k=5)
    assert len(found) == 5 and len({r["text"] for r in found}) == 5


@pytest.mark.parametrize("mode", MODES)
def test_filters_narrow_both_legs(tenant, mode):
    """What fits the filter is found though more than a leg holds fit the question better."""
    for i in range(130):
        tenant.session.post(TEXT, json={"title": "Tide %d" % i, "content": "Tides rise and fall, tide after tide, number %d." % i}, headers={"Prefer": "wait=0"})
    wanted = add(tenant.session, "Other", "Somebody wrote about tides in a long letter to the editor.", metadata={"coast": "north", "tags": ["a", {"b": 1.5}]})
    for filters in [{"metadata": {"coast": "north"}}, {"metadata": {"tags": ["a", {"b": 1.5}]}}, {"document_id": [wanted]}, {"document_id": [wanted], "metadata": {"coast": "north"}}]:
        assert [r["document_id"] for r in results(tenant.session, "tides rise and fall", mode=mode, top_k=1, filters=filters)] == [wanted]
    for filters in [{"metadata": {"coast": "south"}}, {"metadata": {"tags": ["a"]}}, {"metadata": {"coast": "north", "more": 1}}]:
        assert results(tenant.session, "tides rise and fall", mode=mode, filters=filters) == []


# ---- kept passages ----

def test_what_was_shown_is_not_shown_again_once_it_changed(tenant):
    """Passages that were found stay in memory; a replaced or deleted document must not come from there."""
    id = add(tenant.session, "Note", "The code of the gate is 4711.", external_id="note", metadata={"a": 1})
    for _ in range(2):
        assert "4711" in results(tenant.session, "code of the gate")[0]["text"]
    assert tenant.session.post(TEXT, json={"title": "New note", "content": "The code of the gate is 1234.", "external_id": "note"}).json()["id"] == id
    for _ in range(2):
        found = results(tenant.session, "code of the gate")
        assert [(r["document_name"], r["text"]) for r in found] == [("New note", "The code of the gate is 1234.")]
    assert tenant.session.delete("/api/v1/knowledge/documents/" + id).status_code == 204
    assert results(tenant.session, "code of the gate") == []


def test_a_found_passage_is_the_same_from_memory(rivers):
    first, second = (results(rivers.session, "stone bridge clear water", top_k=7, mode="lexical") for _ in range(2))
    assert first == second and first[0]["highlights"]


# ---- isolation ----

COMPANIES, DOCUMENTS, QUERIES = 12, 6, 400


def test_random_searches_find_nothing_of_other_companies(new_tenant):
    """The same words everywhere, so that only the boundary between companies keeps them apart."""
    chance = random.Random(7)
    words = ["anchor", "barrel", "candle", "dagger", "engine", "feather", "garden", "hammer", "island", "jacket", "kettle", "ladder"]
    companies = [new_tenant() for _ in range(COMPANIES)]
    for n, company in enumerate(companies):
        for i in range(DOCUMENTS):
            content = "\n\n".join("# Part %d\n\nCompany %d keeps the %s beside the %s." % (k, n, *chance.sample(words, 2)) for k in range(8))
            wait = {} if i == DOCUMENTS - 1 else {"Prefer": "wait=0"}
            assert company.session.post(TEXT, json={"title": "Stock of %d, list %d" % (n, i), "content": content}, headers=wait).status_code in (201, 202)
    found = 0
    for _ in range(QUERIES):
        n = chance.randrange(COMPANIES)
        query = "Where is the %s, and the %s?" % tuple(chance.sample(words, 2))
        for r in results(companies[n].session, query, mode=chance.choice(["lexical"] * 3 + MODES), top_k=chance.choice([1, 5, 20])):
            assert "Company %d keeps" % n in r["text"] and r["document_name"].startswith("Stock of %d," % n)
            found += 1
    assert found > QUERIES
