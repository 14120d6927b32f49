"""Old conversations are deleted: by the operator's default, and by a company's own setting."""
import sqlite3

from conftest import Tenant
from host import Host, until

SESSIONS = "/api/v1/chat/sessions"
DAY = 86400000


def talk(tenant, turns):
    session_id = None
    for _ in range(turns):
        session_id = tenant.session.post("/api/v1/chat", json={"question": "Hello!", "session_id": session_id}).json()["session_id"]
    return session_id


def age(data, session_ids, days):
    with sqlite3.connect(data / "chatifix.db") as db:
        for session_id in session_ids:
            assert db.execute("update session set updated_at = updated_at - ? where public_id = ?", (days * DAY, session_id)).rowcount == 1
    db.close()


def set_days(tenant, days):
    reply = tenant.session.put("/api/v1/settings", json={"retention_days": days}, headers={"X-API-Key": None, "Authorization": "Bearer " + tenant.token})
    assert reply.status_code == 200 and reply.json()["retention_days"] == days, reply.text


def left(tenant):
    return {s["id"] for s in tenant.session.get(SESSIONS, params={"limit": 1000}).json()["sessions"]}


def counts(data):
    with sqlite3.connect(data / "chatifix.db") as db:
        found = {name: db.execute("select count(*) from " + name).fetchone()[0] for name in ("message", "message_detail", "session")}
    db.close()
    return found


def test_retention(tmp_path):
    data = tmp_path / "data"
    with Host(data) as host:
        plain, forever, short = (Tenant(host.url) for _ in range(3))
        made = {tenant: [talk(tenant, turns) for turns in (3, 1, 1)] for tenant in (plain, forever, short)}
        set_days(forever, 0)
        set_days(short, 7)
    for tenant in made:
        age(data, made[tenant][:1], 31)
        age(data, made[tenant][1:2], 8)
    with Host(data, "--retention-days", "30") as host:
        for tenant in made:
            tenant.session.url = host.url
        until(lambda: left(plain) == set(made[plain][1:]))
        until(lambda: left(short) == {made[short][2]})
        assert left(forever) == set(made[forever])
        for tenant in made:
            tenant.session.close()
    assert counts(data) == {"message": 2 + 5 + 1, "message_detail": 2 + 5 + 1, "session": 2 + 3 + 1}, "nothing is left of what was deleted"


def test_many_are_deleted_in_small_steps(tmp_path):
    data = tmp_path / "data"
    with Host(data) as host:
        tenant = Tenant(host.url)
        old, new = talk(tenant, 1), talk(tenant, 1)
    with sqlite3.connect(data / "chatifix.db") as db:
        db.execute("with recursive n(i) as (select 1 union all select i + 1 from n where i < 1500) insert into message"
                   " select m.tenant_id, n.i, m.public_id || n.i, m.session_id, m.question, m.answer, m.status, m.answered, m.confidence_ppm, m.tokens_in, m.tokens_out, m.created_at"
                   " from message m join session s on s.session_id = m.session_id, n where s.public_id = ?", (old,))
    db.close()
    age(data, [old], 2)
    with Host(data, "--retention-days", "1") as host:
        tenant.session.url = host.url
        until(lambda: left(tenant) == {new})
        tenant.session.close()
    assert counts(data)["message"] == 1


def test_kept_for_ever_by_default(tmp_path):
    data = tmp_path / "data"
    with Host(data) as host:
        tenant = Tenant(host.url)
        old = talk(tenant, 1)
    age(data, [old], 3650)
    with Host(data) as host:
        tenant.session.url = host.url
        talk(tenant, 1)
        assert old in left(tenant)
        tenant.session.close()
