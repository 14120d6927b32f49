"""Raw-socket HTTP for tests: send exactly these bytes, read exactly what comes back."""
import socket


class Reply:
    """One reply as it came: status, fields (a list of pairs, names in lower case), body."""

    def __init__(self, status, fields, body):
        self.status = status
        self.fields = fields
        self.body = body

    def all(self, name):
        return [v for n, v in self.fields if n == name.lower()]

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default


class Raw:
    """A connection that is given bytes, not requests."""

    def __init__(self, port, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pending = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _more(self):
        data = self.socket.recv(65536)
        self.pending += data
        return len(data) > 0

    def _until(self, mark):
        while mark not in self.pending:
            if not self._more():
                raise EOFError("closed, with %r unread" % self.pending[:200])
        head, self.pending = self.pending.split(mark, 1)
        return head

    def _exactly(self, n):
        while len(self.pending) < n:
            if not self._more():
                raise EOFError("closed %d bytes early" % (n - len(self.pending)))
        body, self.pending = self.pending[:n], self.pending[n:]
        return body

    def _chunks(self):
        body = b""
        while True:
            size = int(self._until(b"\r\n"), 16)
            body += self._exactly(size)
            assert self._exactly(2) == b"\r\n"
            if size == 0:
                return body

    def head(self):
        lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status = lines[0].split(" ")[:2]
        assert version == "HTTP/1.1", lines[0]
        fields = [(n.strip().lower(), v.strip()) for n, v in (line.split(":", 1) for line in lines[1:])]
        return Reply(int(status), fields, b"")

    def reply(self, method="GET"):
        r = self.head()
        if method == "HEAD" or r.status in (100, 204, 304):
            return r
        if r.get("transfer-encoding") == "chunked":
            r.body = self._chunks()
        elif r.get("content-length") is not None:
            r.body = self._exactly(int(r.get("content-length")))
        else:
            while self._more():
                pass
            r.body, self.pending = self.pending, b""
        return r

    def is_closed(self):
        """Whether the server ends the connection; waits for it."""
        try:
            return self.pending == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def is_kept(self):
        """Whether another request is answered on it."""
        try:
            self.send(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            return self.reply().body == b"hello"
        except (EOFError, OSError):
            return False
