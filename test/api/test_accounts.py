"""Registration, login, tokens and API keys; and that no credential is ever logged."""
import base64
import hashlib
import hmac
import json
import sqlite3
import time
import uuid

import pytest
from host import Caller, Host, register

REGISTER = "/api/v1/auth/register"
LOGIN = "/api/v1/auth/login"
KEYS = "/api/v1/auth/api-keys"
TEXT = "/api/v1/knowledge/text"
DOCUMENTS = "/api/v1/knowledge/documents"
PASSWORD = "seven dry otters climb"
DEFAULT_SCOPES = ["chat", "knowledge:read", "knowledge:write"]


def mail():
    return "%s@example.com" % uuid.uuid4().hex


@pytest.fixture(scope="module")
def anyone(product):
    with Caller(product.url) as caller:
        yield caller


@pytest.fixture(scope="module")
def person(anyone):
    """What a registration gave, with the address it was made with."""
    body = {"name": "Company", "email": mail(), "password": PASSWORD}
    reply = anyone.post(REGISTER, json=body)
    assert reply.status_code == 201, reply.text
    return {**reply.json(), "email": body["email"], "bearer": {"Authorization": "Bearer " + reply.json()["access_token"]}}


def create_key(caller, headers, expected=201, **members):
    reply = caller.post(KEYS, json={"name": "k", **members}, headers=headers)
    assert reply.status_code == expected, reply.text
    return reply.json()


def is_challenged(reply):
    return reply.status_code == 401 and reply.headers["WWW-Authenticate"].startswith("Bearer") and reply.json()["type"] == "/errors/unauthorized"


# ---- registration ----

def test_register(anyone):
    address = mail()
    reply = anyone.post(REGISTER, json={"name": " Größe & Söhne ", "email": " %s " % address, "password": PASSWORD})
    assert reply.status_code == 201 and reply.headers["Cache-Control"] == "no-store"
    grant = reply.json()
    assert grant["token_type"] == "bearer" and grant["expires_in"] == 86400 and grant["tenant_id"].startswith("ten_")
    user = grant["user"]
    assert user["id"].startswith("usr_") and user["role"] == "owner" and user["created_at"].endswith("Z")
    assert (user["name"], user["email"]) == ("Größe & Söhne", address)
    assert PASSWORD not in reply.text and "hash" not in reply.text


FAULTS = {
    "nothing": ({"name": None, "email": None, "password": None}, {"name", "email", "password"}),
    "no-name": ({"name": None}, {"name"}),
    "empty-name": ({"name": ""}, {"name"}),
    "blank-name": ({"name": "   "}, {"name"}),
    "long-name": ({"name": "n" * 201}, {"name"}),
    "name-of-two-lines": ({"name": "a\nb"}, {"name"}),
    "name-is-a-number": ({"name": 7}, {"name"}),
    "email-is-a-list": ({"email": ["a@example.com"]}, {"email"}),
    "email-without-at": ({"email": "owner.example.com"}, {"email"}),
    "email-two-ats": ({"email": "a@b@example.com"}, {"email"}),
    "email-without-domain": ({"email": "owner@"}, {"email"}),
    "email-inner-space": ({"email": "ow ner@example.com"}, {"email"}),
    "email-invisible": ({"email": "ow\u200bner@example.com"}, {"email"}),
    "email-line-end": ({"email": "owner@example.com\nBcc: x@example.com"}, {"email"}),
    "email-long": ({"email": "a" * 64 + "@" + "b" * 60 + "." + "c" * 60 + "." + "d" * 63 + ".example.com"}, {"email"}),
    "password-of-7": ({"password": "x7-Ke!q"}, {"password"}),
    "password-of-129": ({"password": "x7-Ke!q" * 18 + "abc"}, {"password"}),
    "password-of-7-wide": ({"password": "дюжиныв"}, {"password"}),
    "password-is-null": ({"password": None}, {"password"}),
    "password-is-a-number": ({"password": 1234567890123}, {"password"}),
}


@pytest.mark.parametrize("members,fields", FAULTS.values(), ids=FAULTS)
def test_register_faults(anyone, members, fields):
    body = {k: v for k, v in {"name": "Company", "email": mail(), "password": PASSWORD, **members}.items() if v is not None}
    reply = anyone.post(REGISTER, json=body)
    assert reply.status_code == 422, reply.text
    problem = reply.json()
    assert (problem["type"], problem["status"], problem["request_id"]) == ("/errors/validation", 422, reply.headers["X-Request-Id"])
    assert {fault["loc"][-1] for fault in problem["detail"]} == fields
    for fault in problem["detail"]:
        assert set(fault) == {"type", "loc", "msg", "input"} and fault["loc"][0] == "body" and fault["msg"] and fault["type"]
        assert fault["loc"][-1] != "password" or fault["input"] is None
    assert str(body.get("password", PASSWORD)) not in reply.text


@pytest.mark.parametrize("password", ["password", "Password1", "PASSWORD123", "12345678", "87654321", "qwertyuiop", "aaaaaaaa", "abcabcabc", "iloveyou", "letmein1", "admin123",
                                      "P@ssw0rd", "1qaz2wsx", "trustno1", "Welcome1", "sunshine", "princess"])
def test_commonest_passwords(anyone, password):
    reply = anyone.post(REGISTER, json={"name": "Company", "email": mail(), "password": password})
    assert reply.status_code == 422 and reply.json()["detail"][0]["loc"] == ["body", "password"], reply.text


def test_password_may_not_be_name_or_address(anyone):
    address = mail()
    for password in [address, address.upper(), address.split("@")[0], "Rainbow Trading"]:
        reply = anyone.post(REGISTER, json={"name": "rainbow trading", "email": address, "password": password})
        assert reply.status_code == 422 and reply.json()["detail"][0]["loc"] == ["body", "password"], (password, reply.text)


@pytest.mark.parametrize("password", ["x7-Ke!qw", "x7-Ke!qw" * 16, "дюжиныво", "\U0001f41d\U0001f98a" * 4 + "ab", "蜂蜜" * 60 + "12345678", " inner  spaces kept ", "7 \\\"quoted\\\" signs"],
                         ids=["8", "128", "8-wide", "emoji", "128-wide", "spaces", "quotes"])
def test_passwords_are_counted_in_characters_and_kept_whole(anyone, password):
    address = mail()
    assert anyone.post(REGISTER, json={"name": "Company", "email": address, "password": password}).status_code == 201
    assert anyone.post(LOGIN, json={"email": address, "password": password}).status_code == 200
    assert anyone.post(LOGIN, json={"email": address, "password": password[:-1]}).status_code == 401
    assert anyone.post(LOGIN, json={"email": address, "password": password[1:] + "x"}).status_code == 401


def test_address_is_taken_whatever_its_case(anyone):
    address = "Grüße.%s@Example.com" % uuid.uuid4().hex
    body = {"name": "Company", "email": address, "password": PASSWORD}
    assert anyone.post(REGISTER, json=body).status_code == 201
    for other in [address, address.upper(), address.lower(), "  " + address + "\t"]:
        reply = anyone.post(REGISTER, json={**body, "email": other})
        assert reply.status_code == 409 and reply.json()["type"] == "/errors/email-taken", (other, reply.text)
        reply = anyone.post(LOGIN, json={"email": other, "password": PASSWORD})
        assert reply.status_code == 200 and reply.json()["user"]["email"] == address, other


def test_unknown_members_set_nothing(anyone, person):
    given = {"tenant_id": person["tenant_id"], "role": "agent", "id": person["user"]["id"], "status": "suspended", "user": {"role": "admin"}, "scopes": ["admin"], "epoch": 9}
    reply = anyone.post(REGISTER, json={"name": "Other", "email": mail(), "password": PASSWORD, **given})
    assert reply.status_code == 201, reply.text
    grant = reply.json()
    assert grant["tenant_id"] != person["tenant_id"] and grant["user"]["id"] != person["user"]["id"] and grant["user"]["role"] == "owner"
    key = create_key(anyone, {"Authorization": "Bearer " + grant["access_token"]}, **{**given, "scopes": None, "collection_id": 1, "api_key": "cfx_mine", "prefix": "x"})
    assert key["id"].startswith("key_") and key["scopes"] == DEFAULT_SCOPES and key["api_key"] != "cfx_mine" and key["prefix"] != "x"
    listed = anyone.get(DOCUMENTS, headers={"X-API-Key": key["api_key"]})
    assert listed.status_code == 200 and listed.json()["total"] == 0


def test_one_of_many_at_once_gets_the_address(product):
    """Eight registrations of one address at the same time make one company."""
    import concurrent.futures
    body = {"name": "Company", "email": mail(), "password": PASSWORD}

    def one(_):
        with Caller(product.url) as caller:
            return caller.post(REGISTER, json=body).status_code
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(8))) == [201] + [409] * 7


def test_closed_registration(tmp_path):
    with Host(tmp_path / "data", "--registration", "closed") as host, Caller(host.url) as caller:
        reply = caller.post(REGISTER, json={"name": "Company", "email": mail(), "password": PASSWORD})
        assert reply.status_code == 403 and reply.json()["type"] == "/errors/registration-closed"
        assert caller.post(LOGIN, json={"email": mail(), "password": PASSWORD}).status_code == 401


# ---- login ----

def test_login(anyone, person):
    reply = anyone.post(LOGIN, json={"email": person["email"], "password": PASSWORD})
    assert reply.status_code == 200 and reply.headers["Cache-Control"] == "no-store"
    grant = reply.json()
    assert set(grant) == {"access_token", "token_type", "expires_in", "tenant_id", "user"}
    assert (grant["tenant_id"], grant["user"]) == (person["tenant_id"], person["user"])
    assert create_key(anyone, {"Authorization": "Bearer " + grant["access_token"]})["id"].startswith("key_")


def test_wrong_password_and_unknown_address_answer_the_same(anyone, person):
    bodies = set()
    for address, password in [(person["email"], "seven dry otters swim"), (mail(), PASSWORD), ("no address at all", PASSWORD), (person["email"], PASSWORD.upper()), (person["email"], " ")]:
        reply = anyone.post(LOGIN, json={"email": address, "password": password})
        assert is_challenged(reply), reply.text
        body = reply.json()
        assert body.pop("request_id") == reply.headers["X-Request-Id"]
        bodies.add(json.dumps(body))
    assert len(bodies) == 1


@pytest.mark.parametrize("members", [{"email": None}, {"password": None}, {"email": ""}, {"password": ""}, {"email": 7}, {"password": "p" * 129}, {"email": "e" * 255}])
def test_login_faults(anyone, members):
    body = {k: v for k, v in {"email": mail(), "password": PASSWORD, **members}.items() if v is not None}
    reply = anyone.post(LOGIN, json=body)
    assert reply.status_code == 422 and {f["loc"][-1] for f in reply.json()["detail"]} == set(members), reply.text


@pytest.mark.parametrize("path", [REGISTER, LOGIN, KEYS])
@pytest.mark.parametrize("body,status", [(b"{", 400), (b"[]", 422), (b"\"x\"", 422), (b"", 422), (b"null", 422), (b"\xff\xfe{}", 400), (b"[" * 5000 + b"]" * 5000, 400), (b"{\"email\":\"\\ud800\"}", 400)])
def test_bodies_that_are_none(anyone, person, path, body, status):
    reply = anyone.post(path, data=body, headers={"Content-Type": "application/json", **person["bearer"]})
    assert reply.status_code == status and reply.json()["detail"], reply.text


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_other_kinds_of_body(anyone, kind):
    reply = anyone.post(LOGIN, data=b"{}", headers={"Content-Type": kind})
    assert reply.status_code == 415 and reply.json()["type"] == "/errors/unsupported-format"


def test_malformed_body_is_not_echoed(anyone):
    reply = anyone.post(LOGIN, data='{"email": "a@example.com", "password": "%s' % PASSWORD, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400 and "otters" not in reply.text


def test_ten_failures_close_the_door(tmp_path):
    with Host(tmp_path / "data") as host, Caller(host.url) as caller:
        address, other = mail(), mail()
        for a in (address, other):
            assert caller.post(REGISTER, json={"name": "Company", "email": a, "password": PASSWORD}).status_code == 201
        for i in range(10):
            reply = caller.post(LOGIN, json={"email": address.upper() if i % 2 else address, "password": "wrong"}, headers={"X-Forwarded-For": "192.0.2.%d" % i})
            assert reply.status_code == 401
        reply = caller.post(LOGIN, json={"email": address, "password": PASSWORD}, headers={"X-Forwarded-For": "192.0.2.99"})
        assert reply.status_code == 429 and reply.json()["type"] == "/errors/too-many-requests"
        assert 1 <= int(reply.headers["Retry-After"]) <= 300
        assert reply.headers["RateLimit"] == '"login";r=0;t=' + reply.headers["Retry-After"] and reply.headers["RateLimit-Policy"] == '"login";q=10;w=300'
        assert caller.post(LOGIN, json={"email": other, "password": PASSWORD}).status_code == 200, "another address is not concerned"


def test_successes_are_not_counted(tmp_path):
    with Host(tmp_path / "data") as host, Caller(host.url) as caller:
        address = mail()
        assert caller.post(REGISTER, json={"name": "Company", "email": address, "password": PASSWORD}).status_code == 201
        for i in range(13):
            assert caller.post(LOGIN, json={"email": address, "password": PASSWORD}).status_code == 200
        for i in range(9):
            assert caller.post(LOGIN, json={"email": address, "password": "wrong"}).status_code == 401
        assert caller.post(LOGIN, json={"email": address, "password": PASSWORD}).status_code == 200


# ---- tokens ----

def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Signer:
    """Tokens signed as the server does: its secret is read from the data file, the subkey is libsodium's crypto_kdf (BLAKE2b)."""

    def __init__(self, data):
        with sqlite3.connect("file:%s?mode=ro" % (data / "chatifix.db"), uri=True) as db:
            secret = db.execute("select value from server_state where name = 'signing_secret'").fetchone()[0]
        self.key = hashlib.blake2b(b"", digest_size=32, key=secret, salt=(1).to_bytes(8, "little"), person=b"chatifix").digest()

    def sign(self, claims, header=None, key=None, raw=None):
        head = b64(json.dumps(header or {"alg": "HS256", "typ": "JWT"}, separators=(",", ":")).encode())
        text = head + "." + b64(raw if raw is not None else json.dumps(claims, separators=(",", ":")).encode())
        return text + "." + b64(hmac.new(self.key if key is None else key, text.encode(), hashlib.sha256).digest())


@pytest.fixture(scope="module")
def signer(product):
    return Signer(product.log.parent / "data")


@pytest.fixture(scope="module")
def claims(person):
    return json.loads(unb64(person["access_token"].split(".")[1]))


def accepted(caller, token):
    """Whether the token authenticates; if not, the reply is a proper 401."""
    reply = caller.get(DOCUMENTS, headers={"Authorization": "Bearer " + token})
    assert reply.status_code == 200 or is_challenged(reply), reply.text
    return reply.status_code == 200


def test_claims(person, claims):
    head, _, _ = person["access_token"].split(".")
    assert json.loads(unb64(head)) == {"alg": "HS256", "typ": "JWT"}
    assert (claims["iss"], claims["aud"], claims["typ"]) == ("chatifix", "chatifix-api", "access")
    assert claims["exp"] - claims["iat"] == person["expires_in"] and abs(claims["iat"] - time.time()) < 3600
    assert claims["sub"] == person["user"]["id"] and claims["tenant"] == person["tenant_id"]


def test_token_of_the_signer_holds(anyone, signer, claims):
    """The control of the refusals below: the same signature over good claims is accepted."""
    assert accepted(anyone, signer.sign(claims))
    assert accepted(anyone, signer.sign({**claims, "iat": int(time.time()) + 30})), "a clock may be 60 seconds off"


now = int(time.time())
BAD_CLAIMS = {
    "expired": {"iat": now - 100, "exp": now - 1}, "expires-before-issue": {"iat": now, "exp": now - 5}, "from-the-future": {"iat": now + 7200, "exp": now + 9000},
    "exp-is-text": {"exp": str(now + 900)}, "exp-is-real": {"exp": now + 900.5}, "exp-negative": {"exp": -1}, "exp-huge": {"exp": 10 ** 30}, "exp-null": {"exp": None},
    "iat-missing": {"iat": ...}, "exp-missing": {"exp": ...}, "iss-missing": {"iss": ...}, "aud-missing": {"aud": ...}, "typ-missing": {"typ": ...},
    "other-iss": {"iss": "somebody"}, "other-aud": {"aud": "widget"}, "aud-list": {"aud": ["chatifix-api"]}, "refresh": {"typ": "refresh"}, "widget": {"typ": "widget"},
    "other-user": {"uid": "123456789"}, "other-tenant": {"tid": "123456789"}, "tid-number": {"tid": 1}, "tid-negative": {"tid": "-1"}, "uid-zero": {"uid": "0"},
    "other-epoch": {"epoch": 1}, "epoch-missing": {"epoch": ...}, "sub-missing": {"sub": ...}, "sub-long": {"sub": "u" * 400},
}


@pytest.mark.parametrize("members", BAD_CLAIMS.values(), ids=BAD_CLAIMS)
def test_bad_claims_well_signed(anyone, signer, claims, members):
    changed = {name: value for name, value in {**claims, **members}.items() if value is not ...}
    assert not accepted(anyone, signer.sign(changed))


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"null", b"\"x\"", b"{\"exp\":1", b"\xff\xff", b"[" * 600], ids=range(8))
def test_payload_that_is_none(anyone, signer, raw):
    assert not accepted(anyone, signer.sign(None, raw=raw))


def test_doubled_member(anyone, signer, claims):
    text = json.dumps(claims)[:-1] + ', "exp": %d}' % (now + 900)
    assert not accepted(anyone, signer.sign(None, raw=text.encode()))


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "None", "typ": "JWT"}, {"alg": "HS384", "typ": "JWT"}, {"alg": "RS256", "typ": "JWT"}, {"typ": "JWT"}, {"alg": "HS256"},
                                    {"alg": "HS256", "typ": "JWT", "kid": "../../dev/null"}, {"alg": "HS256", "typ": "JWT", "jku": "http://127.0.0.1/"}, {"alg": ["HS256"], "typ": "JWT"}], ids=str)
def test_other_headers(anyone, signer, claims, header):
    assert not accepted(anyone, signer.sign(claims, header))


@pytest.mark.parametrize("key", [b"", b"\0" * 32, b"secret", b"t0p-s3cr3t", b"chatifix"])
def test_other_keys(anyone, signer, claims, key):
    assert not accepted(anyone, signer.sign(claims, key=key))


def test_tampered(anyone, person, claims):
    token = person["access_token"]
    head, payload, mac = token.split(".")
    assert accepted(anyone, token)
    forged = b64(json.dumps({**claims, "uid": "1"}).encode())
    bad = [head + "." + forged + "." + mac, head + "." + payload + ".", head + "." + payload, head + "." + payload + "." + mac[:-1], token + "A", token + "=", token + ".", "." + token,
           token + "." + mac, head + ".." + mac, payload + "." + head + "." + mac, head + "." + payload + "." + mac[::-1], token.swapcase(), "x", "..", "a.b.c", "e30.e30.e30", token + " x",
           b64(b'{"alg":"none","typ":"JWT"}') + "." + payload + ".", b64(b'{"alg":"HS256","typ":"JWT" }') + "." + payload + "." + mac, "A" * 3000, token.replace(".", "%2E")]
    for position in range(0, len(token), 17):
        other = "A" if token[position] != "A" else "B"
        bad.append(token[:position] + other + token[position + 1:])
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    bad.append(token[:-1] + last[last.index(token[-1]) ^ 1])  # the same bytes, spelled otherwise
    for text in bad:
        assert not accepted(anyone, text), text


def test_token_of_another_server(anyone, tmp_path):
    with Host(tmp_path / "data", "--token-ttl", "60") as host, Caller(host.url) as caller:
        reply = caller.post(REGISTER, json={"name": "Company", "email": mail(), "password": PASSWORD})
        token = reply.json()["access_token"]
        assert reply.json()["expires_in"] == 60
        made = json.loads(unb64(token.split(".")[1]))
        assert made["exp"] - made["iat"] == 60
        assert accepted(caller, token) and not accepted(anyone, token)


AUTHORIZATIONS = ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token abc", "Bearer: x", "Bearer\tx", "cfx_" + "A" * 43, "Bearer cfx_", "Bearer cfx_" + "A" * 43, "Bearer " + "x" * 8000]


@pytest.mark.parametrize("value", AUTHORIZATIONS, ids=range(len(AUTHORIZATIONS)))
def test_authorization_that_is_none(anyone, value):
    assert is_challenged(anyone.get(DOCUMENTS, headers={"Authorization": value}))


def test_no_credential(anyone):
    assert is_challenged(anyone.get(DOCUMENTS))
    assert is_challenged(anyone.get(DOCUMENTS, cookies={"access_token": "x", "session": "y"}))
    assert is_challenged(anyone.get(DOCUMENTS + "?api_key=x&access_token=y"))


# ---- API keys ----

def test_key(anyone, person):
    reply = anyone.post(KEYS, json={"name": " Production "}, headers=person["bearer"])
    assert reply.status_code == 201 and reply.headers["Cache-Control"] == "no-store"
    key = reply.json()
    assert set(key) == {"api_key", "id", "name", "prefix", "scopes", "collection", "created_at", "expires_at"} and key["collection"] is None
    assert key["api_key"].startswith("cfx_") and len(unb64(key["api_key"][4:])) == 32, "256 random bits"
    assert key["api_key"].startswith(key["prefix"]) and len(key["prefix"]) <= 12
    assert (key["name"], key["scopes"], key["expires_at"]) == ("Production", DEFAULT_SCOPES, None)
    another = create_key(anyone, person["bearer"], name="Production")
    assert another["api_key"] != key["api_key"] and another["id"] != key["id"]
    for headers in [{"X-API-Key": key["api_key"]}, {"Authorization": "Bearer " + key["api_key"]}, {"authorization": "bearer   " + key["api_key"]}]:
        assert anyone.get(DOCUMENTS, headers=headers).status_code == 200, headers


def test_key_is_kept_as_a_hash_only(anyone, person, product):
    key = create_key(anyone, person["bearer"])["api_key"]
    files = [p for p in (product.log.parent / "data").rglob("*") if p.is_file()]
    assert any(hashlib.sha256(key.encode()).digest() in p.read_bytes() for p in files), "the control: what is looked for can be found"
    for p in files:
        assert key.encode() not in p.read_bytes() and PASSWORD.encode() not in p.read_bytes(), p


@pytest.mark.parametrize("change", [lambda k: k[:-1], lambda k: k + "A", lambda k: k[:-1] + ("A" if k[-1] != "A" else "B"), lambda k: k.swapcase(), lambda k: "cfx_" + k, lambda k: k[4:],
                                    lambda k: "", lambda k: k[:12], lambda k: k + "\u00e9", lambda k: "' or 1=1 --", lambda k: k + "," + k], ids=range(11))
def test_almost_the_key(anyone, person, change):
    wrong = change(create_key(anyone, person["bearer"])["api_key"])
    assert is_challenged(anyone.get(DOCUMENTS, headers={"X-API-Key": wrong.encode()}))
    assert is_challenged(anyone.get(DOCUMENTS, headers={"Authorization": b"Bearer " + wrong.encode()}))


def test_bad_key_is_not_saved_by_a_good_token(anyone, person):
    assert is_challenged(anyone.get(DOCUMENTS, headers={"X-API-Key": "cfx_" + "A" * 43, **person["bearer"]}))


KEY_FAULTS = {"no-name": {"name": None}, "empty-name": {"name": ""}, "blank-name": {"name": " "}, "long-name": {"name": "n" * 101}, "name-with-control": {"name": "a\tb"},
              "unknown-scope": {"scopes": ["chat", "root"]}, "no-scopes": {"scopes": []}, "scopes-is-text": {"scopes": "chat"}, "scope-is-a-number": {"scopes": [8]},
              "past": {"expires_at": "2020-01-01T00:00:00Z"}, "expires-now": {"expires_at": "NOW"}, "garbage": {"expires_at": "tomorrow"}, "no-offset": {"expires_at": "2099-01-01T00:00:00"},
              "no-date": {"expires_at": "2099-02-30T00:00:00Z"}, "a-number": {"expires_at": 4102444800}, "empty": {"expires_at": ""}}


@pytest.mark.parametrize("members", KEY_FAULTS.values(), ids=KEY_FAULTS)
def test_key_faults(anyone, person, members):
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    body = {k: stamp if v == "NOW" else v for k, v in {"name": "k", **members}.items()}
    reply = anyone.post(KEYS, json=body, headers=person["bearer"])
    assert reply.status_code == 422 and {f["loc"][-1] for f in reply.json()["detail"]} == set(members), reply.text


def test_expiry_is_given_in_utc(anyone, person):
    key = create_key(anyone, person["bearer"], expires_at="2099-06-01T02:30:00+02:00")
    assert key["expires_at"] == "2099-06-01T00:30:00Z"
    assert anyone.get(DOCUMENTS, headers={"X-API-Key": key["api_key"]}).status_code == 200


def test_key_runs_out(anyone, person):
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    key = create_key(anyone, person["bearer"], expires_at=stamp)["api_key"]
    statuses = []
    while time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) < stamp:
        statuses.append(anyone.get(DOCUMENTS, headers={"X-API-Key": key}).status_code)
        time.sleep(0.05)
    assert statuses and statuses[0] == 200
    assert is_challenged(anyone.get(DOCUMENTS, headers={"X-API-Key": key}))


CALLS = [  # method, path, body, the scopes of which one opens it
    ("POST", "/api/v1/chat", {"question": "Hello?"}, {"chat"}), ("POST", "/api/v1/chat/stream", {"question": "Hello?"}, {"chat"}),
    ("POST", "/api/v1/search", {"query": "x"}, {"chat", "knowledge:read"}),
    ("GET", DOCUMENTS, None, {"knowledge:read"}), ("GET", DOCUMENTS + "/doc_x", None, {"knowledge:read"}),
    ("DELETE", DOCUMENTS + "/doc_x", None, {"knowledge:write"}), ("POST", TEXT, {"title": "t", "content": "c"}, {"knowledge:write"}),
    ("POST", "/api/v1/knowledge/upload", None, {"knowledge:write"}), ("POST", KEYS, {"name": "k", "scopes": ["admin"]}, {"admin"}),
]


@pytest.mark.parametrize("scope", [*DEFAULT_SCOPES, "admin"])
def test_scope_opens_its_calls_and_no_other(anyone, person, scope):
    made = create_key(anyone, person["bearer"], scopes=[scope, scope])
    assert made["scopes"] == [scope]
    for method, path, body, openers in CALLS:
        reply = anyone.request(method, path, json=body, headers={"X-API-Key": made["api_key"]})
        if scope in openers:
            assert reply.status_code not in (401, 403), (path, reply.text)
        else:
            assert reply.status_code == 403, (path, reply.text)
            assert reply.json()["type"] == "/errors/missing-scope" and any(s in reply.json()["detail"] for s in openers)


def test_key_gives_only_what_it_has(anyone, person):
    admin = {"X-API-Key": create_key(anyone, person["bearer"], scopes=["admin", "chat"])["api_key"]}
    assert create_key(anyone, admin)["scopes"] == ["chat"]
    assert create_key(anyone, admin, scopes=["admin"])["scopes"] == ["admin"]
    assert create_key(anyone, admin, 403, scopes=["chat", "knowledge:write"])["type"] == "/errors/missing-scope"
    assert create_key(anyone, {"X-API-Key": create_key(anyone, person["bearer"])["api_key"]}, 403)["type"] == "/errors/missing-scope"


def test_key_idempotency(anyone, person):
    headers = {**person["bearer"], "Idempotency-Key": uuid.uuid4().hex}
    first = anyone.post(KEYS, json={"name": "once"}, headers=headers)
    again = anyone.post(KEYS, json={"name": "once"}, headers=headers)
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert "Idempotent-Replayed" not in first.headers and again.headers["Idempotent-Replayed"] == "true"
    other = anyone.post(KEYS, json={"name": "twice"}, headers=headers)
    assert other.status_code == 422 and other.json()["type"] == "/errors/idempotency-mismatch"


# ---- the log ----

def test_no_secret_is_logged(tmp_path):
    """Each way a secret can come in, good and bad, at the most talkative level."""
    with Host(tmp_path / "data", "--log-level", "debug") as host, Caller(host.url) as caller:
        address, secrets = mail(), [PASSWORD, "wrong otters", "planted question", "planted content", "planted-idempotency"]
        assert caller.post(REGISTER, json={"name": "Company", "email": address, "password": PASSWORD}).status_code == 201
        token = caller.post(LOGIN, json={"email": address, "password": PASSWORD}).json()["access_token"]
        caller.post(LOGIN, json={"email": address, "password": "wrong otters"})
        caller.post(LOGIN, data="{\"password\": \"wrong otters", headers={"Content-Type": "application/json"})
        bearer = {"Authorization": "Bearer " + token, "Idempotency-Key": "planted-idempotency"}
        key = create_key(caller, bearer)["api_key"]
        secrets += [token, token.split(".")[1], token.split(".")[2], key, key[4:]]
        headers = {"X-API-Key": key}
        for path, body in [(TEXT, {"title": "t", "content": "planted content"}), ("/api/v1/chat", {"question": "planted question"}), ("/api/v1/chat/stream", {"question": "planted question"}),
                           ("/api/v1/search", {"query": "planted question"})]:
            assert caller.post(path, json=body, headers=headers).status_code in (200, 201)
        caller.get(DOCUMENTS, params={"q": "planted question", "api_key": key}, headers=headers)
        caller.get(DOCUMENTS, headers={"X-API-Key": key + "x"})
        caller.get(DOCUMENTS, headers={"Authorization": "Bearer " + token + "x"})
        caller.get("/nowhere/" + key, headers={"X-Request-Id": "request-of-the-test"})
        host.stop()
        log = host.log.read_text()
        assert log.count("\n") > 10 and "request-of-the-test" in log
        for secret in secrets:
            assert secret not in log, secret
        for line in log.splitlines():
            json.loads(line)


def test_companies_get_different_ids(product):
    keys = {register(product.url) for _ in range(3)}
    assert len(keys) == 3
