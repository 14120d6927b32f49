"""Conversations read again: who sees which, pages, sources as they stand now, feedback."""
import pytest
import requests
from host import Caller

TEXT = "/api/v1/knowledge/text"
CHAT = "/api/v1/chat"
SESSIONS = "/api/v1/chat/sessions"
MESSAGES = "/api/v1/chat/sessions/%s/messages"
FEEDBACK = "/api/v1/chat/messages/%s/feedback"
QUESTION = "When does the shop in Linz open?"
ANSWER_MEMBERS = ("answer", "answered", "confidence", "degraded", "usage", "citations")


@pytest.fixture(scope="module")
def shop(module_tenant):
    for title, content in {"Opening hours": "The shop in Linz opens at nine and closes at six.\n\nThe shop in Graz opens at ten.",
                           "Long": "Preliminary remarks come first. " * 12 + "The ferry to Ystad leaves at noon. " + "Closing remarks come last. " * 12}.items():
        assert module_tenant.session.post(TEXT, json={"title": title, "content": content}).status_code == 201
    return module_tenant


def ask(caller, question=QUESTION, **members):
    reply = caller.post(CHAT, json={"question": question, **members})
    assert reply.status_code == 200, reply.text
    return reply.json()


def get(caller, path, expected=200, **query):
    reply = caller.get(path, params=query)
    assert reply.status_code == expected, reply.text
    return reply.json()


def key_of(tenant, *scopes, **members):
    """A caller with a key of these scopes, made by the owner."""
    reply = requests.post(tenant.url + "/api/v1/auth/api-keys", json={"name": "narrow", "scopes": list(scopes), **members}, headers={"Authorization": "Bearer " + tenant.token}, timeout=60)
    assert reply.status_code == 201, reply.text
    return Caller(tenant.url, reply.json()["api_key"])


def walk(caller, path, member, limit, **query):
    seen, cursor = [], None
    while True:
        page = get(caller, path, limit=limit, **({"cursor": cursor} if cursor else {}), **query)
        assert len(page[member]) <= limit
        seen += [item["id"] for item in page[member]]
        cursor = page["next_cursor"]
        if not cursor:
            return seen


@pytest.mark.parametrize("question", [QUESTION, "When does the ferry to Ystad leave?", "What is the boiling point of tungsten?", "Hello!"])
def test_a_reload_shows_what_was_shown(shop, question):
    said = ask(shop.session, question)
    page = get(shop.session, MESSAGES % said["session_id"])
    assert page["total"] == 1 and page["next_cursor"] is None
    message = page["messages"][0]
    assert message["id"] == said["message_id"] and message["session_id"] == said["session_id"] and message["question"] == question
    assert message["status"] == "complete" and message["feedback"] is None
    assert {m: message[m] for m in ANSWER_MEMBERS} == {m: said[m] for m in ANSWER_MEMBERS}
    assert message["sources"] == [{**s, "removed": False} for s in said["sources"]]


def test_snippet_of_a_long_passage(shop):
    said = ask(shop.session, "When does the ferry to Ystad leave?")
    assert said["sources"][0]["snippet"].startswith("The ferry to Ystad leaves at noon.")
    assert get(shop.session, MESSAGES % said["session_id"])["messages"][0]["sources"][0]["snippet"] == said["sources"][0]["snippet"]


def test_a_stream_is_kept_alike(shop):
    body = shop.session.post(CHAT + "/stream", json={"question": QUESTION}).text
    session_id = body.split('"session_id":"')[1].split('"')[0]
    whole, streamed = ask(shop.session), get(shop.session, MESSAGES % session_id)["messages"][0]
    assert streamed["answer"] == whole["answer"] and streamed["citations"] == whole["citations"]
    assert streamed["sources"] == [{**s, "removed": False} for s in whole["sources"]]


def test_a_deleted_document_shows_as_removed(tenant):
    made = tenant.session.post(TEXT, json={"title": "Vault", "content": "# Guards\n\nThe keeper of the vault is Zephyrine."}).json()
    said = ask(tenant.session, "Who is the keeper of the vault?")
    before = get(tenant.session, MESSAGES % said["session_id"])["messages"][0]["sources"]
    assert before[0]["document_name"] == "Vault" and before[0]["removed"] is False
    assert tenant.session.delete("/api/v1/knowledge/documents/" + made["id"]).status_code == 204
    message = get(tenant.session, MESSAGES % said["session_id"])["messages"][0]
    assert message["answer"] == said["answer"] and message["citations"] == said["citations"]
    assert message["sources"] == [{**before[0], "document_name": None, "heading": "", "snippet": "", "removed": True}]


def test_a_replaced_document_shows_as_removed(tenant):
    for content in ("The keeper of the vault is Zephyrine.", "The vault was sold."):
        if content.startswith("The vault"):
            said = ask(tenant.session, "Who is the keeper of the vault?")
        assert tenant.session.post(TEXT, json={"title": "Vault", "content": content, "external_id": "v"}).status_code == 201
    source = get(tenant.session, MESSAGES % said["session_id"])["messages"][0]["sources"][0]
    assert source["removed"] is True and source["document_name"] == "Vault" and source["snippet"] == ""


def test_session(shop):
    first = ask(shop.session, user="ann")
    ask(shop.session, "And in Graz?", session_id=first["session_id"], user="ann")
    session = get(shop.session, SESSIONS + "/" + first["session_id"], user="ann")
    assert session["id"] == first["session_id"] and session["user"] == "ann" and session["title"] == QUESTION and session["messages"] == 2
    assert session["created_at"] <= session["updated_at"]
    assert session in get(shop.session, SESSIONS, user="ann")["sessions"]


def test_title_of_a_long_question(shop):
    session_id = ask(shop.session, "wörd " * 200)["session_id"]
    one = get(shop.session, SESSIONS + "/" + session_id)
    assert one["title"] == ("wörd " * 24) and one in get(shop.session, SESSIONS, limit=1000)["sessions"]


def test_pages_of_sessions(tenant):
    made = [ask(tenant.session, user="u%d" % (n % 2))["session_id"] for n in range(7)]
    for limit in (1, 2, 3, 7, 1000):
        assert walk(tenant.session, SESSIONS, "sessions", limit) == made[::-1]
        assert walk(tenant.session, SESSIONS, "sessions", limit, user="u0") == made[::-1][::2]
    page = get(tenant.session, SESSIONS, limit=2, user="u1")
    assert page["total"] == 3 and len(page["sessions"]) == 2


def test_a_walk_while_sessions_come_and_go(tenant):
    made = [ask(tenant.session)["session_id"] for _ in range(6)]
    page = get(tenant.session, SESSIONS, limit=2)
    assert [s["id"] for s in page["sessions"]] == made[:3:-1]
    assert tenant.session.delete(SESSIONS + "/" + made[4]).status_code == 204  # the one that the cursor stands on
    assert tenant.session.delete(SESSIONS + "/" + made[2]).status_code == 204
    ask(tenant.session)
    rest = get(tenant.session, SESSIONS, limit=10, cursor=page["next_cursor"])
    assert [s["id"] for s in rest["sessions"]] == [made[3], made[1], made[0]]


def test_pages_of_messages(tenant):
    first = ask(tenant.session, "Hello!")
    made = [first["message_id"]] + [ask(tenant.session, "Hello!", session_id=first["session_id"])["message_id"] for _ in range(4)]
    for limit in (1, 2, 5, 1000):
        assert walk(tenant.session, MESSAGES % first["session_id"], "messages", limit) == made


def test_delete(tenant):
    said, other = ask(tenant.session), ask(tenant.session)
    assert tenant.session.delete(SESSIONS + "/" + said["session_id"]).status_code == 204
    for path in (SESSIONS + "/" + said["session_id"], MESSAGES % said["session_id"]):
        get(tenant.session, path, 404)
    assert tenant.session.delete(SESSIONS + "/" + said["session_id"]).status_code == 404
    assert tenant.session.post(FEEDBACK % said["message_id"], json={"rating": "up"}).status_code == 404
    assert tenant.session.post(CHAT, json={"question": QUESTION, "session_id": said["session_id"]}).status_code == 404
    assert get(tenant.session, MESSAGES % other["session_id"])["total"] == 1


def test_feedback(tenant):
    said = ask(tenant.session, "Hello!")
    for rating, comment in (("up", "fine"), ("down", None), ("down", "蜂\nno")):
        reply = tenant.session.post(FEEDBACK % said["message_id"], json={"rating": rating, "comment": comment})
        assert reply.status_code == 200 and (reply.json()["rating"], reply.json()["comment"]) == (rating, comment)
        assert get(tenant.session, MESSAGES % said["session_id"])["messages"][0]["feedback"] == reply.json()


@pytest.mark.parametrize("body,field", [({}, "rating"), ({"rating": "sideways"}, "rating"), ({"rating": 1}, "rating"), ({"rating": "up", "comment": "c" * 2001}, "comment"),
                                        ({"rating": "up", "comment": 5}, "comment")])
def test_feedback_refused(shop, body, field):
    said = ask(shop.session, "Hello!")
    reply = shop.session.post(FEEDBACK % said["message_id"], json=body)
    assert reply.status_code == 422 and reply.json()["detail"][0]["loc"] == ["body", field]


# ---- who sees what


def test_a_user_s_conversations_are_that_user_s(shop):
    said = ask(shop.session, user="ann")
    paths = (SESSIONS + "/" + said["session_id"], MESSAGES % said["session_id"])
    chat_only = key_of(shop, "chat")
    for path in paths:
        get(shop.session, path)
        get(shop.session, path, user="ann")
        get(chat_only, path, user="ann")
        for caller, query in ((shop.session, {"user": "bob"}), (chat_only, {"user": "bob"}), (chat_only, {})):
            assert get(caller, path, 404, **query)["detail"].startswith("There is no session with that id")
    assert chat_only.delete(paths[0]).status_code == 404
    assert chat_only.post(FEEDBACK % said["message_id"], json={"rating": "up"}).status_code == 404
    assert chat_only.post(FEEDBACK % said["message_id"], json={"rating": "up"}, params={"user": "ann"}).status_code == 200
    assert chat_only.delete(paths[0], params={"user": "ann"}).status_code == 204
    chat_only.close()


def test_lists_by_scope(tenant):
    made = [ask(tenant.session, user="ann")["session_id"], ask(tenant.session)["session_id"]]
    chat_only, knowledge_only, person = key_of(tenant, "chat"), key_of(tenant, "knowledge:read"), Caller(tenant.url)
    person.headers["Authorization"] = "Bearer " + tenant.token
    for caller in (tenant.session, person):
        assert [s["id"] for s in get(caller, SESSIONS)["sessions"]] == made[::-1]
    assert get(chat_only, SESSIONS, 403)["type"] == "/errors/missing-scope"
    assert [s["id"] for s in get(chat_only, SESSIONS, user="ann")["sessions"]] == made[:1]
    assert get(chat_only, SESSIONS + "/" + made[1])["user"] is None
    assert get(knowledge_only, SESSIONS, 403)["type"] == "/errors/missing-scope"
    for caller in (chat_only, knowledge_only, person):
        caller.close()


@pytest.mark.parametrize("query,field", [({"limit": 0}, "limit"), ({"limit": 1001}, "limit"), ({"limit": "x"}, "limit"), ({"cursor": "nonsense"}, "cursor"),
                                         ({"cursor": "ZG9jXzE"}, "cursor"), ({"user": "u" * 201}, "user"), ({"user": "a\x01"}, "user")])
def test_query_refused(shop, query, field):
    assert get(shop.session, SESSIONS, 422, **query)["detail"][0]["loc"] == ["query", field]
