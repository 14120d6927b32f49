"""POST /api/v1/search: fields, order, ranges, filters, and that it is current."""
import threading

import pytest
from host import Caller

TEXT = "/api/v1/knowledge/text"
SEARCH = "/api/v1/search"

LIBRARY = {  # name: (metadata, text)
    "Beekeeping": ({"product": "honey", "year": 2024}, "A hive holds one queen. In winter the bees live on honey.\n\nThe keeper feeds sugar to the bees when honey is short."),
    "Imkerei": ({"product": "honey", "year": 2025}, "Ein Bienenvolk hat eine Königin. Im Winter leben die Bienen vom gespeicherten Honig."),
    "养蜂": ({"product": "honey"}, "一个蜂群只有一只蜂王。冬天蜜蜂靠蜂蜜生活。"),
    "Ferries": ({"product": "travel"}, "The ferry to the island leaves at noon. \U0001f6a2 Bicycles travel free, \U0001f41d\U0001f41d bees do not travel at all."),
    "Café": ({}, "Crème brûlée costs four euros, naïve guests pay five."),
}


@pytest.fixture(scope="module")
def library(module_tenant):
    """The company with the texts; their ids by name."""
    ids = {}
    for name, (metadata, text) in LIBRARY.items():
        reply = module_tenant.session.post(TEXT, json={"title": name, "content": text, "metadata": metadata})
        assert reply.status_code == 201, reply.text
        ids[name] = reply.json()["id"]
    module_tenant.ids = ids
    return module_tenant


def search(tenant, query, expected=200, **members):
    reply = tenant.session.post(SEARCH, json={"query": query, **members})
    assert reply.status_code == expected, reply.text
    return reply.json()["results"] if expected == 200 else reply.json()


def names(results):
    return [r["document_name"] for r in results]


def test_fields(library):
    reply = library.session.post(SEARCH, json={"query": "How many queens does a hive hold?"}).json()
    assert reply["took_ms"] >= 0
    first = reply["results"][0]
    assert {"document_id", "document_name", "similarity_score", "text", "page", "heading", "start", "end", "highlights"} <= set(first)
    assert (first["document_id"], first["document_name"], first["page"]) == (library.ids["Beekeeping"], "Beekeeping", None)
    assert "A hive holds one queen." in first["text"]


@pytest.mark.parametrize("query", ["bees honey winter", "ferry", "Honig im Winter", "蜂蜜", "travel with bees on the ferry"])
def test_scores_fall(library, query):
    scores = [r["similarity_score"] for r in search(library, query)]
    assert scores and all(0 < s <= 1 for s in scores) and scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("query,name", [("Wie viele Königinnen hat ein Bienenvolk?", "Imkerei"), ("gespeicherter Honig", "Imkerei"), ("KÖNIGIN", "Imkerei"), ("冬天蜜蜂靠什么生活", "养蜂"),
                                        ("蜂王", "养蜂"), ("CRÈME BRÛLÉE", "Café"), ("naïve guest", "Café"), ("cre\u0300me", "Café"),
                                        ("feeding of sugar", "Beekeeping"), ("when do ferries leave", "Ferries")])
def test_found_whatever_the_language_and_form(library, query, name):
    assert names(search(library, query))[0] == name


def test_start_and_end_are_code_points(library):
    for query in ["hive queen winter", "Bienen", "蜂王", "ferry bicycles", "crème"]:
        results = search(library, query)
        assert results
        for r in results:
            whole = LIBRARY[r["document_name"]][1]
            assert r["end"] - r["start"] == len(r["text"])
            assert " ".join(r["text"].split()) in " ".join(whole.split())


@pytest.mark.parametrize("query,words", [("ferry travels bees", {"ferry", "travel", "bees"}), ("crème guests", {"Crème", "guests"}), ("Königin Bienen", {"Königin", "Bienen"})])
def test_highlights_are_the_words(library, query, words):
    found = set()
    for r in search(library, query):
        last = 0
        for h in r["highlights"]:
            assert last <= h["start"] < h["end"] <= len(r["text"]), "in order, not overlapping, inside"
            last = h["end"]
            word = r["text"][h["start"]:h["end"]]
            before, after = r["text"][:h["start"]][-1:], r["text"][h["end"]:][:1]
            assert word.isalnum() and not before.isalnum() and not after.isalnum(), (before, word, after)
            found.add(word)
    assert words <= found


def test_highlights_in_chinese(library):
    first = search(library, "蜂蜜生活")[0]
    marked = "".join(first["text"][h["start"]:h["end"]] for h in first["highlights"])
    assert "蜂蜜" in marked and "生活" in marked


def test_nothing_fits(library):
    assert search(library, "zymurgy quaternions") == []


@pytest.mark.parametrize("query", ["?!", "\U0001f41d", "the of and", "\u200b", "'; DROP TABLE document; --", "\" OR \"", "a" * 8000, "*", "NOT bees AND (", "\u202ebees"])
def test_odd_queries_are_answered(library, query):
    assert isinstance(search(library, query), list)


@pytest.mark.parametrize("top_k,count", [(1, 1), (2, 2), (100, 4)])
def test_top_k(library, top_k, count):
    assert len(search(library, "bees Bienen 蜜蜂 island", top_k=top_k)) == count


FILTERS = [({"metadata": {"product": "honey"}}, {"Beekeeping", "Imkerei"}), ({"metadata": {"product": "honey", "year": 2025}}, {"Imkerei"}),
           ({"metadata": {"year": "2025"}}, set()), ({"metadata": {"product": "wax"}}, set()), ({"metadata": {}}, {"Beekeeping", "Imkerei", "Ferries"}),
           ({"document_id": ["Ferries"]}, {"Ferries"}), ({"document_id": ["Ferries", "Imkerei"]}, {"Ferries", "Imkerei"}), ({"document_id": ["doc_0"]}, set()),
           ({"document_id": ["Ferries"], "metadata": {"product": "honey"}}, set()), ({}, {"Beekeeping", "Imkerei", "Ferries"}), (None, {"Beekeeping", "Imkerei", "Ferries"})]


@pytest.mark.parametrize("filters,expected", FILTERS)
def test_filters(library, filters, expected):
    if filters and "document_id" in filters:
        filters = {**filters, "document_id": [library.ids.get(n, n) for n in filters["document_id"]]}
    assert set(names(search(library, "bees Bienen", filters=filters))) == expected


def test_filters_are_inside_the_search(tenant):
    """The one that fits the filter is found though many others fit the question better."""
    for i in range(30):
        tenant.session.post(TEXT, json={"title": "Tides %d" % i, "content": "Tides and tides, tide number %d." % i}, headers={"Prefer": "wait=0"})
    assert tenant.session.post(TEXT, json={"title": "Other", "content": "There are also tides here.", "metadata": {"coast": "north"}}).status_code == 201
    assert names(search(tenant, "tides tide number", top_k=1, filters={"metadata": {"coast": "north"}})) == ["Other"]


REFUSED = {
    "no-query": {"query": None}, "empty": {"query": ""}, "long": {"query": "q" * 8001}, "number": {"query": 1}, "top-k-0": {"top_k": 0}, "top-k-101": {"top_k": 101},
    "top-k-word": {"top_k": "many"}, "top-k-fraction": {"top_k": 1.5}, "mode": {"mode": "psychic"}, "filters": {"filters": []},
    "filter-ids": {"filters": {"document_id": "doc_1"}}, "filter-id": {"filters": {"document_id": [1]}}, "filter-none": {"filters": {"document_id": []}},
    "filter-metadata": {"filters": {"metadata": "x"}},
}


@pytest.mark.parametrize("members", REFUSED.values(), ids=REFUSED)
def test_refused(library, members):
    detail = search(library, **{"query": "bees", "expected": 422, **members})["detail"]
    assert detail[0]["loc"][0] == "body" and detail[0]["msg"]


def test_hybrid_is_the_default(library):
    assert search(library, "bees", mode="hybrid") == search(library, "bees")


def test_unknown_collection(library):
    assert "collection" in search(library, "bees", 404, collection="nowhere")["detail"]


def test_other_companies_are_not_seen(library, tenant):
    assert search(tenant, "bees honey ferry") == []
    assert search(tenant, "bees", filters={"document_id": list(library.ids.values())}) == []


def client(tenant, number, failures):
    """Adds, searches at once, replaces, searches, and now and then deletes and searches; by words, which alone tell such texts apart."""
    try:
        with Caller(tenant.url, tenant.key) as caller:
            for i in range(50):
                word, other = "alpha%dx%d" % (number, i), "omega%dx%d" % (number, i)
                body = {"title": "Word", "content": "The word is %s." % word, "external_id": "e%d-%d" % (number, i)}
                id = caller.post(TEXT, json=body).json()["id"]
                hits = [r["document_id"] for r in caller.post(SEARCH, json={"query": word, "mode": "lexical"}).json()["results"]]
                assert hits == [id], (word, hits)
                if i % 5 == 0:
                    assert caller.post(TEXT, json={**body, "content": "Now it is %s." % other}).json()["id"] == id
                    assert caller.post(SEARCH, json={"query": word, "mode": "lexical"}).json()["results"] == []
                    assert len(caller.post(SEARCH, json={"query": other, "mode": "lexical"}).json()["results"]) == 1
                    assert caller.delete("/api/v1/knowledge/documents/" + id).status_code == 204
                    assert caller.post(SEARCH, json={"query": other, "mode": "lexical"}).json()["results"] == []
    except Exception as e:  # reported by the test's own thread
        failures.append(e)


def test_the_next_search_finds_it(tenant):
    failures = []
    threads = [threading.Thread(target=client, args=(tenant, n, failures)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures
