"""Hybrid search over HTTP: what only meaning finds, where words still decide, and a server without a model."""
import pytest
from host import Caller, Host, register, until

TEXT = "/api/v1/knowledge/text"
SEARCH = "/api/v1/search"
CHAT = "/api/v1/chat"

LIBRARY = {
    "Opening hours": "Our office is closed on bank holidays.",
    "Shipping": "Parcels leave the warehouse within two working days. Delivery abroad takes a week.",
    "Refunds": "We send the money back within ten days of receiving the goods.",
    "Gewährleistung": "Die Gewährleistung beträgt zwei Jahre ab dem Tag der Lieferung. Verschleißteile sind ausgenommen.",
    "Гарантия": "Гарантия на чайник составляет два года со дня покупки. Лампы гарантии не имеют.",
    "保修": "水壶的保修期为两年。灯泡不在保修范围内。",
}


def add(session, name, content):
    reply = session.post(TEXT, json={"title": name, "content": content})
    assert reply.status_code == 201, reply.text
    return reply.json()["id"]


def search(session, query, **members):
    reply = session.post(SEARCH, json={"query": query, **members})
    assert reply.status_code == 200, reply.text
    return reply.json()["results"]


def names(session, query, **members):
    return [r["document_name"] for r in search(session, query, **members)]


@pytest.fixture(scope="module")
def library(module_tenant):
    module_tenant.ids = {name: add(module_tenant.session, name, content) for name, content in LIBRARY.items()}
    return module_tenant


PARAPHRASES = [("Do you work on public vacation days?", "Opening hours"), ("When will my package get here?", "Shipping"),
               ("How do I get reimbursed?", "Refunds")]


@pytest.mark.parametrize("query,name", PARAPHRASES)
def test_a_paraphrase_is_found_by_meaning(library, query, name):
    assert names(library.session, query)[0] == name
    assert names(library.session, query, mode="semantic")[0] == name
    assert name not in names(library.session, query, mode="lexical")


def test_a_paraphrase_is_answered(tenant):
    add(tenant.session, "Handbook", "The kitchen is on the second floor. Salaries are paid on the 25th of each month. Fuel is paid with the fuel card.")
    for question, quote in [("When do I get my wages?", "Salaries are paid on the 25th of each month."), ("Where do I fill the tank with petrol?", "Fuel is paid with the fuel card.")]:
        reply = tenant.session.post(CHAT, json={"question": question}).json()
        assert reply["answered"] and quote in reply["answer"], reply
    assert not tenant.session.post(CHAT, json={"question": "Who composed the opera?"}).json()["answered"]


@pytest.mark.parametrize("query,name", [("Wie lange gilt die Gewährleistung?", "Gewährleistung"), ("Сколько длится гарантия на чайник?", "Гарантия"),
                                        ("水壶保修多久？", "保修"), ("Verschleißteile", "Gewährleistung")])
def test_other_languages_are_found_by_their_words(library, query, name):
    assert names(library.session, query)[0] == name
    assert names(library.session, query, mode="lexical")[0] == name


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "semantic"])
def test_scores_fall_in_every_mode(library, mode):
    scores = [r["similarity_score"] for r in search(library.session, "When is the money sent back?", mode=mode)]
    assert scores and all(0 < s <= 1 for s in scores) and scores == sorted(scores, reverse=True)


def test_filters_hold_for_meaning_too(library):
    found = names(library.session, "Do you work on public vacation days?", mode="semantic", filters={"document_id": [library.ids["Shipping"]]})
    assert set(found) <= {"Shipping"}


def test_a_deleted_document_is_gone_at_once(tenant):
    id = add(tenant.session, "Opening hours", LIBRARY["Opening hours"])
    assert names(tenant.session, "Do you work on public vacation days?") == ["Opening hours"]
    assert tenant.session.delete("/api/v1/knowledge/documents/" + id).status_code == 204
    for mode in ["hybrid", "semantic"]:
        assert names(tenant.session, "Do you work on public vacation days?", mode=mode) == []


def test_a_replaced_document_has_new_vectors(tenant):
    body = {"title": "Note", "content": LIBRARY["Opening hours"], "external_id": "note"}
    assert tenant.session.post(TEXT, json=body).status_code == 201
    assert names(tenant.session, "vacation", mode="semantic") == ["Note"]
    assert tenant.session.post(TEXT, json={**body, "content": "The printer needs black toner and plain paper."}).status_code in (200, 201)
    assert names(tenant.session, "vacation", mode="semantic") == []
    assert names(tenant.session, "ink cartridge", mode="semantic") == ["Note"]


PRICING = "We offer a 30-day money-back guarantee on every product. Pricing starts at $9 a month."


@pytest.fixture(scope="module")
def lexical(tmp_path_factory):
    with Host(tmp_path_factory.mktemp("lexical") / "data", "--model", "none") as host:
        with Caller(host.url, register(host.url)) as session:
            yield session


@pytest.mark.parametrize("question", ["Tell me about pricing", "Could you please explain the pricing?", "Show me the pricing, please"])
@pytest.mark.parametrize("model", [True, False], ids=["model", "none"])
def test_a_framed_question_is_answered(model, question, tenant, lexical):
    session = tenant.session if model else lexical
    reply = session.post(TEXT, json={"title": "Pricing and guarantee", "content": PRICING})
    assert reply.status_code in (200, 201)
    reply = session.post(CHAT, json={"question": question}).json()
    assert reply["answered"] and "$9" in reply["answer"]


def test_without_a_model_search_goes_by_words(lexical):
    add(lexical, "Opening hours", LIBRARY["Opening hours"])
    assert names(lexical, "bank holidays") == ["Opening hours"]
    assert "Opening hours" not in names(lexical, "Do you work on public vacation days?")
    assert search(lexical, "bank holidays", mode="hybrid") == search(lexical, "bank holidays", mode="lexical")
    reply = lexical.post(SEARCH, json={"query": "bank holidays", "mode": "semantic"})
    assert reply.status_code == 422
    detail = reply.json()["detail"]
    assert detail[0]["loc"] == ["body", "mode"] and "embedding model" in detail[0]["msg"]


def test_documents_of_before_get_their_vectors(tmp_path):
    """A company that began without a model: by words at first, by meaning once the workers have been there."""
    data = tmp_path / "data"
    with Host(data, "--model", "none") as host:
        key = register(host.url)
        with Caller(host.url, key) as session:
            add(session, "Opening hours", LIBRARY["Opening hours"])
    with Host(data) as host, Caller(host.url, key) as session:
        assert names(session, "bank holidays") == ["Opening hours"]
        until(lambda: names(session, "Do you work on public vacation days?") == ["Opening hours"])


def test_a_missing_model_is_said(tmp_path):
    with pytest.raises(AssertionError) as failure:
        Host(tmp_path / "data", "--model", str(tmp_path / "nowhere"))
    assert "script/bootstrap" in str(failure.value) and "--model none" in str(failure.value)
