"""The server about itself, and what holds for every reply: health, CORS, methods, request ids, errors and their explanations, security headers."""
import json
import re
import urllib.parse

import pytest
from host import SLOW, Caller, Host
from rawhttp import Raw

PROBLEM = {"detail", "type", "title", "status", "request_id"}


@pytest.fixture
def anyone(product):
    with Caller(product.url) as caller:
        yield caller


def raw(product, data):
    with Raw(urllib.parse.urlparse(product.url).port, 30 * SLOW) as connection:
        connection.send(data)
        return connection.reply()


def test_health(anyone):
    assert anyone.get("/livez").json() == {"status": "ok"}
    assert anyone.get("/readyz").json() == {"status": "ok"}
    assert anyone.get("/readyz?verbose").json() == {"status": "ok", "checks": {"database": "ok", "vectors": "ok"}}


def test_openapi(anyone):
    reply = anyone.get("/openapi.json")
    assert reply.status_code == 200 and reply.headers["Content-Type"] == "application/json"
    assert reply.json()["openapi"] == "3.1.0" and "/api/v1/chat" in reply.json()["paths"]


def test_docs_need_no_other_host(anyone):
    reply = anyone.get("/docs")
    assert reply.status_code == 200 and reply.headers["Content-Type"].startswith("text/html")
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", reply.text)


@pytest.mark.parametrize("path", ["/livez", "/openapi.json", "/docs", "/nowhere", "/api/v1/chat", "/api/v1/knowledge/documents", "/errors/not-found"])
def test_security_headers(anyone, path):
    reply = anyone.get(path)
    assert reply.headers["X-Content-Type-Options"] == "nosniff" and reply.headers["Referrer-Policy"]
    policy = reply.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy and "unsafe-inline" not in policy
    assert "Set-Cookie" not in reply.headers and "Access-Control-Allow-Credentials" not in reply.headers


ERRORS = {"/nowhere": ("GET", 404), "/api/v1/knowledge/documents": ("GET", 401), "/livez": ("POST", 405), "/errors/none-such": ("GET", 404), "/api/v1/auth/login": ("POST", 422)}


@pytest.mark.parametrize("path", ERRORS)
def test_errors_explain_themselves(anyone, path):
    method, status = ERRORS[path]
    reply = anyone.request(method, path)
    assert reply.status_code == status and reply.headers["Content-Type"] == "application/problem+json"
    problem = reply.json()
    assert set(problem) == PROBLEM and problem["status"] == status and problem["request_id"] == reply.headers["X-Request-Id"]
    page = anyone.get(problem["type"])
    assert page.status_code == 200 and page.json()["status"] == status and page.json()["explanation"]
    assert anyone.get(problem["type"], headers={"Accept": "text/html"}).headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("data,status", [(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414), (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 40000 + b"\r\n\r\n", 431),
                                         (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 101 + b"\r\n", 431), (b"nonsense\r\n\r\n", 400)])
def test_errors_of_the_wire(product, anyone, data, status):
    reply = raw(product, data)
    problem = json.loads(reply.body)
    assert reply.status == status and set(problem) == PROBLEM and problem["status"] == status
    assert anyone.get(problem["type"]).json()["status"] == status


def test_methods(anyone):
    for path, item in anyone.get("/openapi.json").json()["paths"].items():
        path = re.sub(r"{\w+}", "x", path)
        methods = {m.upper() for m in item}
        reply = anyone.request("PUT" if "PATCH" in methods else "PATCH", path)
        assert reply.status_code == 405 and methods <= set(reply.headers["Allow"].split(", ")), path
        assert methods <= set(anyone.options(path).headers["Access-Control-Allow-Methods"].split(", "))
        if "GET" in methods:
            got, head = anyone.get(path), anyone.head(path)
            assert head.status_code == got.status_code and head.content == b"" and "HEAD" in reply.headers["Allow"]


@pytest.mark.parametrize("sent,kept", [("abc-DEF_1.2", True), ("x" * 300, False), ("a b", False), ("<b>", False)])
def test_request_id(anyone, sent, kept):
    for path in ("/livez", "/nowhere"):
        assert (anyone.get(path, headers={"X-Request-Id": sent}).headers["X-Request-Id"] == sent) == kept


def test_request_ids_differ(anyone):
    assert len({anyone.get("/livez").headers["X-Request-Id"] for _ in range(20)}) == 20


def test_cors(anyone):
    origin = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
    preflight = anyone.options("/api/v1/chat", headers=origin)
    assert preflight.status_code == 204 and preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert {"x-api-key", "authorization", "content-type"} <= {h.strip().lower() for h in preflight.headers["Access-Control-Allow-Headers"].split(",")}
    for reply in [preflight, anyone.post("/api/v1/chat", headers=origin), anyone.get("/nowhere", headers=origin)]:
        assert reply.headers["Access-Control-Allow-Origin"] == "*" and "Access-Control-Allow-Credentials" not in reply.headers


def test_cors_narrowed(tmp_path):
    with Host(tmp_path / "data", "--cors-origins", "https://shop.example, https://b.example") as host, Caller(host.url) as caller:
        for origin in ["https://shop.example", "https://b.example", "https://shop.example.evil", "http://shop.example", "null"]:
            allowed = origin if origin in ("https://shop.example", "https://b.example") else None
            for reply in [caller.options("/api/v1/chat", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}), caller.get("/livez", headers={"Origin": origin})]:
                assert reply.headers.get("Access-Control-Allow-Origin") == allowed and "Access-Control-Allow-Credentials" not in reply.headers
