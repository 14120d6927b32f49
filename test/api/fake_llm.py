"""A language model's server that plays a script: each test says how it behaves, and reads what it was sent and when it was left."""
import json
import socket
import threading
import time

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


class Request:
    """One call as it came: head (text), body (parsed); `left` is set once the caller has closed the connection, `left_at` says when."""

    def __init__(self, head, body):
        self.head = head
        self.body = json.loads(body)
        self.left = threading.Event()
        self.left_at = None

    def prompt(self):
        return "\n".join(turn["content"] for turn in self.body["messages"])


class Connection:
    def __init__(self, sock):
        self.sock = sock
        self.bytes = b""

    def _more(self):
        got = self.sock.recv(65536)
        self.bytes += got
        return bool(got)

    def request(self):
        while b"\r\n\r\n" not in self.bytes:
            if not self._more():
                return None
        head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        head = head.decode("latin-1")
        length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length:"))
        while len(self.bytes) < length:
            if not self._more():
                return None
        body, self.bytes = self.bytes[:length], self.bytes[length:]
        return Request(head, body)

    def send(self, data):
        self.sock.sendall(data.encode() if isinstance(data, str) else data)

    def chunk(self, data):
        data = data.encode() if isinstance(data, str) else data
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def event(self, value):
        self.chunk("data: %s\n\n" % (value if isinstance(value, str) else json.dumps(value)))

    def say(self, text):
        self.event({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})

    def done(self, usage=None):
        self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if usage:
            self.event({"choices": [], "usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1]}})
        self.event("[DONE]")
        self.send("0\r\n\r\n")

    def wait_until_left(self, request, seconds=60):
        """Reads until the caller closes."""
        self.sock.settimeout(seconds)
        try:
            while self.sock.recv(4096):
                pass
        except socket.timeout:
            return
        except OSError:
            pass
        request.left_at = time.monotonic()
        request.left.set()


def says(*pieces, usage=None):
    def play(c, request):
        c.send(HEAD)
        for piece in pieces:
            c.say(piece)
        c.done(usage)
        return True
    return play


def replies(head, body=""):
    """A whole reply; the connection stays open."""
    def play(c, request):
        c.send("HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (head, len(body.encode()), body))
        return True
    return play


def streams(raw):
    """An event stream with these bytes in it."""
    def play(c, request):
        c.send(HEAD)
        c.chunk(raw)
        c.send("0\r\n\r\n")
        return True
    return play


def never(c, request):
    c.wait_until_left(request)


def begins(*pieces):
    """Says that much, then nothing, until it is left."""
    def play(c, request):
        c.send(HEAD)
        for piece in pieces:
            c.say(piece)
        c.wait_until_left(request)
    return play


def breaks_after(*pieces):
    def play(c, request):
        c.send(HEAD)
        for piece in pieces:
            c.say(piece)
        # The close, not a last chunk, ends it.
    return play


def endless(c, request):
    c.send(HEAD)
    try:
        while True:
            c.say("word " * 20)
    except OSError:
        request.left_at = time.monotonic()
        request.left.set()


def slow(pieces, seconds):
    def play(c, request):
        c.send(HEAD)
        for piece in pieces:
            c.say(piece)
            time.sleep(seconds)
        c.done()
        return True
    return play


class FakeLLM:
    """Plays `script` for each call: script(connection, request), true to keep the connection."""

    def __init__(self, tls=None):
        """tls: an ssl.SSLContext to speak https with."""
        self.script = says("Hello.")
        self.tls = tls
        self.requests = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = ("https" if tls else "http") + "://127.0.0.1:%d/v1" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        with sock:
            try:
                c = Connection(self.tls.wrap_socket(sock, server_side=True) if self.tls else sock)
                while True:
                    request = c.request()
                    if request is None:
                        return
                    self.requests.append(request)
                    if not self.script(c, request):
                        return
            except OSError:
                return

    def play(self, script):
        """From now on; forgets what came before."""
        self.script = script
        self.requests = []

    def close(self):
        self._listener.close()
