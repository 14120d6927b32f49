"""Streams behind nginx as it comes: its buffers are on and it speaks HTTP/1.0 to us, and each word still arrives before the next is sent; a comment keeps
a silent stream open."""
import os
import shutil
import socket
import subprocess
import threading
import urllib.parse

import fake_llm
import pytest
from host import SLOW, until
from rawhttp import Raw
from test_llm import QUESTION, World
from test_stream import ask

CONFIG = """daemon off; pid %(folder)s/pid; error_log %(folder)s/error.log; worker_processes 1; %(user)s
events { worker_connections 64; }
http { access_log off; client_body_temp_path %(folder)s/b; proxy_temp_path %(folder)s/p; fastcgi_temp_path %(folder)s/f; uwsgi_temp_path %(folder)s/u;
  scgi_temp_path %(folder)s/s;
  server { listen 127.0.0.1:%(port)d; location / { proxy_pass %(url)s; } } }
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    w = World(tmp_path_factory.mktemp("proxy") / "w")
    with w.host:
        yield w
        w.tenant.session.close()
    w.model.close()


@pytest.fixture(scope="module")
def nginx(world, tmp_path_factory):
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        pytest.skip("there is no nginx here; script/bootstrap --test installs it")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    (folder / "conf").write_text(CONFIG % {"folder": folder, "port": port, "url": world.host.url, "user": "user root;" if os.getuid() == 0 else ""})
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "conf")], stderr=subprocess.DEVNULL)
    until(lambda: answers(port))
    yield port
    process.terminate()
    process.wait(30 * SLOW)


def read_until(raw, seen, mark):
    while mark not in seen:
        got = raw.socket.recv(65536)
        assert got, "the stream has ended"
        seen += got
    return seen


def test_each_word_comes_before_the_next_is_sent(world, nginx):
    gates = [threading.Event() for _ in range(5)]

    def play(c, request):
        c.send(fake_llm.HEAD)
        for i, gate in enumerate(gates):
            c.say("word%d." % i)
            gate.wait(30 * SLOW)
        c.done()
        return True
    world.model.play(play)
    with Raw(nginx, 30 * SLOW) as raw:
        ask(raw, world.tenant, QUESTION)
        seen = b""
        for i, gate in enumerate(gates):
            seen = read_until(raw, seen, b"word%d" % i)
            assert b"word%d" % (i + 1) not in seen
            gate.set()
        read_until(raw, seen, b'"done"')


def test_a_comment_keeps_a_silent_stream_open(world, nginx):
    """Fifteen seconds, as the API says."""
    world.model.play(fake_llm.begins("One."))
    with Raw(nginx, 40 * SLOW) as raw:
        ask(raw, world.tenant, QUESTION)
        seen = read_until(raw, b"", b'"One."')
        read_until(raw, seen, b"\n:\n\n")
    assert world.model.requests[0].left.wait(10 * SLOW), "nginx has told that the client is gone"


def test_large_heads_pass_while_many_are_idle(world):
    """Idle streams hold little, and a request with 16 KiB of fields is still taken."""
    world.model.play(fake_llm.begins("One."))
    port = urllib.parse.urlparse(world.tenant.url).port
    held = [Raw(port, 30 * SLOW) for _ in range(100)]
    for raw in held:
        ask(raw, world.tenant, QUESTION)
    until(lambda: len(world.model.requests) == len(held))
    field = b"".join(b"X-Filler-%d: %s\r\n" % (i, b"x" * 1000) for i in range(16))
    with Raw(port, 30 * SLOW) as raw:
        raw.send(b"GET /readyz HTTP/1.1\r\nHost: a\r\n" + field + b"\r\n")
        assert raw.reply().status == 200
    for raw in held:
        raw.socket.close()
    until(lambda: all(request.left.is_set() for request in world.model.requests))
