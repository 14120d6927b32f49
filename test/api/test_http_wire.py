"""The HTTP core over raw sockets, spoken to through the echo server of test/unit/http.

The program's path comes from the environment variable CHATIFIX_ECHO."""
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest

from http_wire_cases import CASES, CLOSED, H
from rawhttp import Raw

ECHO = os.environ.get("CHATIFIX_ECHO")
pytestmark = pytest.mark.skipif(not ECHO, reason="CHATIFIX_ECHO does not name the echo server")


class Server:
    def __init__(self, *flags, log=None, **popen):
        self.log = open(log, "w+b") if log else subprocess.DEVNULL
        self.process = subprocess.Popen([ECHO, *flags], stdout=subprocess.PIPE, stderr=self.log if log else None, **popen)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self.process.stdout.close()
        if self.log is not subprocess.DEVNULL:
            self.log.close()
        assert code == 0

    def raw(self, **options):
        return Raw(self.port, **options)

    def ask(self, data, method="GET"):
        with self.raw() as r:
            r.send(data)
            return r.reply(method)

    def counts(self):
        return json.loads(self.ask(get("/counts")).body)


def started(*flags, **options):
    server = Server(*flags, **options)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def server():
    yield from started("--quiet")


@pytest.fixture
def hasty():
    yield from started("--quiet", "--head-ms", "300", "--body-ms", "300", "--idle-ms", "400", "--write-ms", "400")


def get(path, *fields, version=b"HTTP/1.1"):
    lines = [b"GET " + path.encode() + b" " + version, b"Host: a", *[f.encode() for f in fields]]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def post(path, body, *fields):
    lines = [b"POST " + path.encode() + b" HTTP/1.1", b"Host: a", b"Content-Length: %d" % len(body), *[f.encode() for f in fields]]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(path, framed, *fields):
    lines = [b"POST " + path.encode() + b" HTTP/1.1", b"Host: a", b"Transfer-Encoding: chunked", *[f.encode() for f in fields]]
    return b"\r\n".join(lines) + b"\r\n\r\n" + framed


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("data,status,then", [pytest.param(*case[1:], id=case[0].replace(" ", "-")) for case in CASES])
def test_table(server, data, status, then):
    method = data.lstrip(b"\r\n").split(b" ")[0].decode("latin-1")
    with server.raw() as r:
        r.send(data)
        reply = r.reply(method)
        assert reply.status in (status if isinstance(status, tuple) else (status,))
        if reply.status >= 400:
            problem = json.loads(reply.body)
            assert reply.get("content-type") == "application/problem+json"
            assert problem["status"] == reply.status and problem["request_id"] == reply.get("x-request-id")
            assert problem["detail"].endswith(".") and problem["type"].startswith("/errors/") and problem["title"]
        assert (reply.get("connection") == "close") == (then == CLOSED)
        assert r.is_closed() if then == CLOSED else r.is_kept()


def test_table_is_large():
    assert len(CASES) >= 70 and len({c[0] for c in CASES}) == len(CASES)


# ---- what every reply carries ----

COMMON = ["x-request-id", "date", "x-content-type-options", "referrer-policy", "content-security-policy", "cache-control", "access-control-allow-origin",
          "access-control-expose-headers"]


@pytest.mark.parametrize("data", [get("/hello"), get("/nowhere"), b"DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n", b"GARBAGE\r\n\r\n", get("/events"),
                                  b"OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n", get("/guarded")])
def test_common_fields(server, data):
    reply = server.ask(data)
    for name in COMMON:
        assert len(reply.all(name)) == 1, name
    assert reply.get("x-content-type-options") == "nosniff"
    assert reply.get("access-control-allow-origin") == "*"
    assert reply.get("access-control-allow-credentials") is None
    assert reply.get("date").endswith(" GMT")


def test_own_fields_replace_the_common_ones(server):
    reply = server.ask(get("/custom"))
    assert reply.all("content-security-policy") == ["default-src 'self'"]
    assert reply.all("cache-control") == ["max-age=60"]
    assert reply.all("content-length") == ["13"]
    assert reply.get("x-split") is None and reply.get("set-cookie") is None


@pytest.mark.parametrize("sent,kept", [("abc-DEF_1.2", True), ("a" * 64, True), ("a" * 65, False), ("a b", False), ("a\"b", False), ("", False)])
def test_request_id(server, sent, kept):
    reply = server.ask(get("/hello", "X-Request-Id: " + sent))
    assert (reply.get("x-request-id") == sent) == kept
    if not kept:
        assert reply.get("x-request-id").startswith("req_")


def test_head_is_get_without_a_body(server):
    with server.raw() as r:
        r.send(b"HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        reply = r.reply("HEAD")
        assert reply.status == 200 and reply.get("content-length") == "5"
        assert r.is_kept()


def test_head_of_a_stream_and_of_an_error(server):
    with server.raw() as r:
        r.send(b"HEAD /events?n=1000000 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
        assert r.reply("HEAD").status == 200
        assert r.reply("HEAD").status == 404
        assert r.is_kept()


def test_no_content_has_no_length(server):
    with server.raw() as r:
        r.send(get("/nothing"))
        reply = r.reply()
        assert reply.status == 204 and reply.get("content-length") is None and reply.get("transfer-encoding") is None
        assert r.is_kept()


def test_method_not_allowed_lists_methods(server):
    assert server.ask(b"POST /item/x HTTP/1.1\r\nHost: a\r\n\r\n").get("allow") == "GET, DELETE, HEAD, OPTIONS"
    assert server.ask(b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n").get("allow") == "POST, PUT, OPTIONS"


def test_preflight(server):
    reply = server.ask(b"OPTIONS /echo HTTP/1.1\r\nHost: a\r\nOrigin: https://shop.example\r\nAccess-Control-Request-Method: POST\r\n\r\n")
    assert reply.status == 204
    assert reply.get("access-control-allow-methods") == "POST, PUT, OPTIONS"
    assert {"Authorization", "X-API-Key", "Content-Type", "Idempotency-Key"} <= set(reply.get("access-control-allow-headers").split(", "))
    assert int(reply.get("access-control-max-age")) > 0


def test_listed_origins():
    for server in started("--quiet", "--cors", "https://a.example, https://b.example"):
        def allowed(*fields):
            reply = server.ask(get("/hello", *fields))
            assert reply.all("vary") == ["Origin"]
            return reply.get("access-control-allow-origin")
        assert allowed("Origin: https://b.example") == "https://b.example"
        assert allowed("Origin: https://c.example") is None
        assert allowed("Origin: https://a.example, https://b.example") is None
        assert allowed() is None


# ---- what handlers see ----

@pytest.mark.parametrize("path,body", [("/item/a%2Fb", b"a/b"), ("/item/special", b"the special one"), ("/item/%73pecial", b"the special one"),
                                       ("/item/j%C3%BCrgen", "jürgen".encode()), ("/item/a+b", b"a+b"), ("/query?q=a+b%26c%3D&q=d", b"a b&c="),
                                       ("/query?x=1&%71=yes", b"yes"), ("/query?q", b""), ("/query?&&q=1=2", b"1=2"), ("/query?q=a%0Ab", b"a\nb")])
def test_decoding(server, path, body):
    reply = server.ask(get(path))
    assert reply.status == 200 and reply.body == body


def test_absent_query_parameter(server):
    assert server.ask(get("/query?qq=1")).status == 422


def test_repeated_fields_are_joined(server):
    assert server.ask(get("/header", "X-Test: one", "x-test:two ", "X-TEST: \t three")).body == b"one, two, three"


def test_exchange_finished_by_another_thread(server):
    reply = server.ask(get("/later"))
    assert (reply.status, reply.body) == (202, b"later")


def test_peer(server):
    assert server.counts()["peer"] == "127.0.0.1"


def test_multipart_form(server):
    body = (b"--xx\r\nContent-Disposition: form-data; name=title\r\n\r\nHello\r\n--xx\r\nContent-Disposition: form-data; name=\"file\"; "
            b"filename=\"C:\\dir\\a%22b.txt\"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\r\n--x\r\n--xx--\r\n")
    reply = server.ask(post("/form", body, "Content-Type: multipart/form-data; boundary=\"xx\""))
    assert reply.status == 200
    parts = json.loads(reply.body)[:-1]
    assert parts == [["title", "", "", b"Hello".hex()], ["file", "a\"b.txt", "text/plain", b"\r\n--x".hex()]]
    assert server.ask(post("/form", body[:-10], "Content-Type: multipart/form-data; boundary=xx")).status == 400
    assert server.ask(post("/form", body, "Content-Type: text/plain")).status == 400


# ---- bodies ----

def fnv1a(data):
    h = 14695981039346656037
    for b in data:
        h = (h ^ b) * 1099511628211 % 2**64
    return "%016x" % h


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 300000])
@pytest.mark.parametrize("how", ["length", "chunks"])
def test_bodies_in_memory_and_spooled(server, size, how):
    body = bytes(range(256)) * (size // 256 + 1)
    body = body[:size]
    if how == "length":
        data = post("/sum", body)
    else:
        pieces = [body[i:i + 10007] for i in range(0, size, 10007)]
        data = chunked("/sum", b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n")
    reply = server.ask(data)
    assert json.loads(reply.body) == {"size": size, "read": size, "sum": fnv1a(body)}


def test_spooled_body_is_echoed(server):
    body = os.urandom(1 << 20)
    assert server.ask(post("/echo", body, "Content-Type: application/x-test")).body == body


def test_large_upload(server):
    piece = b"\0" * (1 << 20)
    with server.raw() as r:
        r.send(b"POST /sum HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (48 << 20))
        for _ in range(48):
            r.send(piece)
        assert json.loads(r.reply().body)["size"] == 48 << 20
        assert r.is_kept()


def test_no_room_for_the_spool_file():
    for server in started("--quiet", "--spool-dir", "/nonexistent"):
        assert server.ask(post("/sum", b"x" * 65536)).status == 200
        with server.raw() as r:
            r.send(post("/sum", b"x" * 65537))
            assert r.reply().status == 507
            assert r.is_closed()


def test_refused_upload_sees_the_reply(server):
    """The client goes on sending after the refusal, as most do; it must be able to read it all the same."""
    with server.raw() as r:
        r.send(b"POST /guarded HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (8 << 20))
        for _ in range(8):
            r.send(b"x" * (1 << 20))
        reply = r.reply()
        assert reply.status == 401 and reply.get("www-authenticate") == "Bearer" and reply.get("connection") == "close"
        assert r.is_closed()


def test_endless_upload_is_cut(server):
    with server.raw() as r:
        r.send(b"POST /guarded HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert r.reply().status == 401
        with pytest.raises(OSError):
            for _ in range(2000):
                r.send(b"x" * 65536)


# ---- admit and 100-continue ----

def test_admit_refuses_and_keeps_when_the_body_is_there(server):
    with server.raw() as r:
        r.send(post("/guarded", b"hello"))
        assert r.reply().status == 401
        assert r.is_kept()


@pytest.mark.parametrize("rest", [b"hello", b"h"])
def test_admit_then_body(server, rest):
    before = server.counts()["released"]
    with server.raw() as r:
        r.send(b"POST /guarded HTTP/1.1\r\nHost: a\r\nX-Token: sesame\r\nContent-Length: 100005\r\n\r\n" + rest)
        time.sleep(0.05)
        r.send(b"x" * (100005 - len(rest)))
        assert json.loads(r.reply().body)["size"] == 100005
        assert r.is_kept()
    assert wait_for(lambda: server.counts()["released"] == before + 1)


def test_admit_without_a_body(server):
    with server.raw() as r:
        r.send(get("/guarded", "X-Token: sesame"))
        assert r.reply().body == b"hello"
        assert r.is_kept()


def test_client_gone_between_admit_and_body(server):
    before = server.counts()["released"]
    with server.raw() as r:
        r.send(b"POST /guarded HTTP/1.1\r\nHost: a\r\nX-Token: sesame\r\nContent-Length: 5\r\n\r\nhe")
        time.sleep(0.1)
    assert wait_for(lambda: server.counts()["released"] == before + 1)


@pytest.mark.parametrize("path,fields", [("/echo", b""), ("/guarded", b"X-Token: sesame\r\n")])
def test_expect_continue(server, path, fields):
    with server.raw() as r:
        r.send(b"POST " + path.encode() + b" HTTP/1.1\r\nHost: a\r\n" + fields + b"Expect: 100-Continue\r\nContent-Length: 5\r\n\r\n")
        assert r.reply().status == 100
        r.send(b"hello")
        assert r.reply().status == 200
        assert r.is_kept()


def test_expect_continue_chunked(server):
    with server.raw() as r:
        r.send(chunked("/echo", b"", "Expect: 100-continue"))
        assert r.reply().status == 100
        r.send(b"5\r\nhello\r\n0\r\n\r\n")
        assert r.reply().body == b"hello"


@pytest.mark.parametrize("path,status", [("/guarded", 401), ("/small", 413), ("/nowhere", 404), ("/hello", 405)])
def test_expect_continue_refused(server, path, status):
    with server.raw() as r:
        r.send(b"POST " + path.encode() + b" HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 500\r\n\r\n")
        assert r.reply().status == status
        assert r.is_closed()


def test_expect_continue_is_not_sent_when_the_body_is_there(server):
    reply = server.ask(post("/echo", b"hello", "Expect: 100-continue"))
    assert (reply.status, reply.body) == (200, b"hello")


def test_expect_in_http_1_0_is_ignored(server):
    reply = server.ask(b"POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")
    assert (reply.status, reply.body) == (200, b"hello")


# ---- pipelining, splitting, many ----

def test_pipelining(server):
    with server.raw() as r:
        r.send(get("/slow?ms=50") + post("/echo", b"one") + chunked("/echo", b"3\r\ntwo\r\n0\r\nX: y\r\n\r\n") + get("/events?n=2") + get("/nowhere") +
               b"HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n" + get("/hello", "Connection: close") + get("/never"))
        assert r.reply().body == b"slow"
        assert r.reply().body == b"one"
        assert r.reply().body == b"two"
        assert r.reply().body == b"data: 0\n\ndata: 1\n\n"
        assert r.reply().status == 404
        assert r.reply("HEAD").status == 200
        assert r.reply().body == b"hello"
        assert r.is_closed()


def test_pipelining_many(server):
    n = 3000
    with server.raw() as r:
        writer = threading.Thread(target=r.send, args=(b"".join(post("/echo", b"%d" % i) for i in range(n)),))
        writer.start()
        assert [r.reply().body for _ in range(n)] == [b"%d" % i for i in range(n)]
        writer.join()


def test_pipelined_requests_stay_bounded(server):
    """While a worker has the first request, the rest waits in the kernel: the sender is held up."""
    with server.raw() as r:
        r.send(get("/slow?ms=1500"))
        r.socket.settimeout(0.7)
        with pytest.raises(socket.timeout):
            for _ in range(4000):
                r.send(b"GET /hello HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 16000 + b"\r\n\r\n")


def test_keep_alive(server):
    with server.raw() as r:
        for i in range(200):
            r.send(post("/echo", b"%d" % i))
            assert r.reply().body == b"%d" % i


SPLIT = [post("/echo", b"hello"), chunked("/echo", b"2;x=\"y\"\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n"), b"\r\n" + get("/hello")]


@pytest.mark.parametrize("data", SPLIT, ids=["length", "chunked", "empty-line"])
def test_split_at_every_byte(server, data):
    with server.raw() as r:
        for cut in range(1, len(data)):
            r.send(data[:cut])
            time.sleep(0.001)
            r.send(data[cut:])
            assert r.reply().body == b"hello"


@pytest.mark.parametrize("data", SPLIT, ids=["length", "chunked", "empty-line"])
def test_byte_by_byte(server, data):
    with server.raw() as r:
        for i in range(len(data)):
            r.send(data[i:i + 1])
        assert r.reply().body == b"hello"


def test_bad_request_byte_by_byte(server):
    with server.raw() as r:
        for b in H + b"Host : a\r\n":
            r.send(bytes([b]))
        assert r.reply().status == 400
        assert r.is_closed()


def test_200_connections(server):
    connections = [server.raw() for _ in range(200)]
    try:
        for _ in range(3):
            for r in connections:
                r.send(post("/echo", b"hello"))
            assert all(r.reply().body == b"hello" for r in connections)
    finally:
        for r in connections:
            r.socket.close()


def test_many_clients_at_once(server):
    failures = []

    def client(number):
        try:
            with server.raw() as r:
                for i in range(60):
                    body = b"%d-%d" % (number, i) * 50
                    r.send(post("/echo", body) if i % 2 else chunked("/echo", b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)))
                    assert r.reply().body == body
        except Exception as e:  # noqa: BLE001 - reported below, by the test's own thread
            failures.append(e)
    threads = [threading.Thread(target=client, args=(n,)) for n in range(32)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures


# ---- streams ----

def test_one_event_a_write(server):
    """Each event is a chunk of its own, and comes alone when it is sent alone."""
    with server.raw() as r:
        r.send(get("/events?n=5&pause=60"))
        head = r.head()
        assert head.get("content-type") == "text/event-stream" and head.all("cache-control") == ["no-cache, no-transform"]
        received = [r.pending] if r.pending else []
        while not (received and received[-1].endswith(b"0\r\n\r\n")):
            received.append(r.socket.recv(65536))
        assert received == [b"9\r\ndata: %d\n\n\r\n" % i for i in range(5)] + [b"0\r\n\r\n"]


def test_stream_keeps_the_connection(server):
    with server.raw() as r:
        r.send(get("/events?n=3"))
        assert r.reply().body == b"data: 0\n\ndata: 1\n\ndata: 2\n\n"
        assert r.is_kept()


def test_stream_to_http_1_0(server):
    with server.raw() as r:
        r.send(b"GET /events?n=2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        reply = r.reply()
        assert reply.get("transfer-encoding") is None and reply.get("content-length") is None
        assert reply.body == b"data: 0\n\ndata: 1\n\n"


def test_long_stream_to_a_slow_reader(server):
    with server.raw() as r:
        r.send(get("/flood?bytes=12000000"))
        r.head()
        time.sleep(0.3)
        assert len(r._chunks()) == 12000000
        assert r.is_kept()


def test_hang_up_is_noticed_while_working(server):
    before = server.counts()
    with server.raw() as r:
        r.send(get("/hangup"))
        assert wait_for(lambda: server.counts()["entered"] == before["entered"] + 1)
    assert wait_for(lambda: server.counts()["hang_ups"] == before["hang_ups"] + 1, 3)


def test_hang_up_is_noticed_behind_pipelined_bytes(server):
    before = server.counts()
    with server.raw() as r:
        r.send(get("/hangup") + get("/hello") * 3)
        assert wait_for(lambda: server.counts()["entered"] == before["entered"] + 1)
    assert wait_for(lambda: server.counts()["hang_ups"] == before["hang_ups"] + 1, 3)


def test_reset_is_noticed(server):
    before = server.counts()
    r = server.raw()
    r.send(get("/hangup"))
    assert wait_for(lambda: server.counts()["entered"] == before["entered"] + 1)
    r.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    r.socket.close()
    assert wait_for(lambda: server.counts()["hang_ups"] == before["hang_ups"] + 1, 3)


def test_hang_up_ends_a_stream(server):
    before = server.counts()["cut_streams"]
    with server.raw() as r:
        r.send(get("/events?n=100000&pause=5"))
        r.head()
    assert wait_for(lambda: server.counts()["cut_streams"] == before + 1, 3)


def test_half_closed_client_gets_its_reply(server):
    with server.raw() as r:
        r.send(post("/echo", b"hello"))
        r.socket.shutdown(socket.SHUT_WR)
        assert r.reply().body == b"hello"
        assert r.is_closed()


def test_body_cut_short(server):
    with server.raw() as r:
        r.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
        r.socket.shutdown(socket.SHUT_WR)
        assert r.reply().status == 400
        assert r.is_closed()


def test_nothing_is_left_active(server):
    assert wait_for(lambda: server.counts()["active"] == 1)


# ---- time-outs ----

def test_silent_connection_is_closed(hasty):
    with hasty.raw() as r:
        assert r.is_closed()


def test_slow_head(hasty):
    with hasty.raw() as r:
        r.send(b"GET /hello HT")
        assert r.reply().status == 408
        assert r.is_closed()


def test_trickled_head(hasty):
    """The time of a head counts from its first byte, however the rest trickles in."""
    with hasty.raw() as r:
        for b in b"\r\nGET /hello HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 300:
            r.send(bytes([b]))
            r.socket.settimeout(0.03)
            try:
                if r._more():
                    break
            except socket.timeout:
                pass
        r.socket.settimeout(10)
        assert r.reply().status == 408
        assert r.is_closed()


def test_slow_body(hasty):
    with hasty.raw() as r:
        r.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
        assert r.reply().status == 408
        assert r.is_closed()


def test_steady_body_may_take_longer_than_the_time_out(hasty):
    with hasty.raw() as r:
        r.send(b"POST /sum HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(10):
            r.send(b"x" * 10000)
            time.sleep(0.08)
        assert json.loads(r.reply().body)["size"] == 100000


def test_idle_connection_is_closed(hasty):
    with hasty.raw() as r:
        r.send(get("/hello"))
        assert r.reply().status == 200
        assert r.is_closed()


def test_working_longer_than_every_time_out(hasty):
    with hasty.raw() as r:
        r.send(get("/slow?ms=1200"))
        assert r.reply().body == b"slow"


def test_reader_that_takes_nothing(hasty):
    with hasty.raw() as r:
        r.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        r.send(get("/flood?bytes=200000000"))
        assert wait_for(lambda: hasty.counts()["cut_streams"] == 1)


# ---- limits of the whole ----

def test_lane_full(server):
    connections = [server.raw() for _ in range(6)]
    for r in connections:
        r.send(get("/narrow?ms=400"))
    replies = [r.reply() for r in connections]
    refused = [x for x in replies if x.status == 503]
    assert 1 <= len(refused) < len(replies)
    assert all(x.get("retry-after") == "1" for x in refused)
    assert all(r.is_kept() for r in connections)
    for r in connections:
        r.socket.close()


def test_connection_bound():
    for server in started("--quiet", "--connections", "8", "--threads", "1"):
        busy = [server.raw() for _ in range(7)]
        for r in busy:
            r.send(get("/slow?ms=700"))
        idle = server.raw()
        time.sleep(0.1)
        with server.raw() as newcomer:  # takes the place of the idle one
            newcomer.send(get("/slow?ms=700"))
            assert idle.is_closed()
            with server.raw() as one_too_many:
                reply = one_too_many.reply()
                assert reply.status == 503 and reply.get("retry-after")
                assert one_too_many.is_closed()
            assert newcomer.reply().body == b"slow"
        assert all(r.reply().body == b"slow" for r in busy)
        for r in busy:
            r.socket.close()
        idle.socket.close()


def test_no_descriptors_left():
    """Accepting pauses while there are none, and goes on when there are some."""
    for server in started("--quiet", "--idle-ms", "500", "--head-ms", "500"):
        open_now = len(os.listdir("/proc/%d/fd" % server.process.pid))
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (open_now + 5, open_now + 5))
        many = [server.raw() for _ in range(20)]
        try:
            for _ in range(10):
                many.append(server.raw())
                many[-1].send(get("/hello"))
            assert all(r.reply().body == b"hello" for r in many[20:])
        finally:
            for r in many:
                r.socket.close()
        assert server.ask(get("/hello")).body == b"hello"


def test_drain():
    for server in started("--quiet"):
        with server.raw() as working, server.raw() as idle:
            working.send(get("/slow?ms=500"))
            time.sleep(0.1)
            assert server.ask(post("/drain", b"")).status == 200
            idle.send(get("/hello"))
            reply = idle.reply()
            assert reply.status == 503 and reply.get("retry-after") and idle.is_closed()
            assert server.ask(get("/hello")).status == 503
            reply = working.reply()
            assert reply.body == b"slow"


def test_stop_while_working():
    for server in started("--quiet"):
        connections = [server.raw() for _ in range(6)]
        for r, path in zip(connections, ["/slow?ms=300", "/events?n=1000&pause=10", "/flood?bytes=100000000", "/hello", "/hangup", "/narrow?ms=300"]):
            r.send(get(path))
        connections.append(server.raw())
        connections[-1].send(b"POST /sum HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 100000)
        time.sleep(0.1)
    for r in connections:
        r.socket.close()


def test_access_log(tmp_path):
    log = tmp_path / "log"
    for server in started(log=str(log)):
        server.ask(post("/echo", b"hello", "X-Request-Id: mine"))
        server.ask(b"GARBAGE\r\n\r\n")
        server.ask(get("/nowhere?secret=1"))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["request"] * 3
    by_id = {line["request_id"]: line for line in lines}
    mine = by_id["mine"]
    assert (mine["method"], mine["operation"], mine["status"]) == ("POST", "echo", 200)
    assert mine["ms"] >= 0 and mine["bytes_in"] > 60 and mine["bytes_out"] > 300
    assert sorted(line["status"] for line in lines) == [200, 400, 404]
    assert "secret" not in log.read_text()
