"""A headless Chromium, driven through its DevTools over a pair of pipes: enough to load a page, press its buttons and see what it asks for."""
import base64
import json
import os
import select
import shutil
import subprocess
import time

import pytest
from host import SLOW, environment

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe", "--window-size=1280,1600"]


class Browser:
    """One page. `requests` are the addresses it asked for, `complaints` what it wrote to the console as a warning or error."""

    def __init__(self, profile):
        program = shutil.which("chromium")
        if not program:
            pytest.skip("there is no chromium; script/bootstrap --test installs it")
        theirs_in, self.out = os.pipe()
        self.into, theirs_out = os.pipe()
        command = [program, *FLAGS, "--user-data-dir=%s" % profile, "about:blank"]
        # The browser wants its pipes as descriptors 3 and 4.
        self.process = subprocess.Popen(["bash", "-c", 'exec 8<&%d 9>&%d; exec 3<&8 4>&9 8<&- 9>&-; exec "$@"' % (theirs_in, theirs_out), "bash", *command],
                                        pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
        os.close(theirs_in)
        os.close(theirs_out)
        self.pending, self.count, self.session = b"", 0, None
        self.requests, self.complaints = [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.out)  # the end of its commands is the end of the browser
        try:
            self.process.wait(20 * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.into)

    def _message(self, end):
        while b"\0" not in self.pending:
            assert select.select([self.into], [], [], max(0, end - time.monotonic()))[0], "the browser does not answer"
            piece = os.read(self.into, 1 << 20)
            assert piece, "the browser has gone"
            self.pending += piece
        text, self.pending = self.pending.split(b"\0", 1)
        return json.loads(text)

    def _note(self, message):
        name, values = message.get("method"), message.get("params", {})
        if name == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])
        elif name == "Log.entryAdded" and values["entry"]["level"] in ("warning", "error"):
            self.complaints.append(values["entry"]["text"])
        elif name == "Runtime.consoleAPICalled" and values["type"] in ("warning", "error", "assert"):
            self.complaints.append(" ".join(str(a.get("value", a.get("description"))) for a in values["args"]))
        elif name == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(values["exceptionDetails"]))

    def call(self, method, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + 60 * SLOW
        while True:
            reply = self._message(end)
            if reply.get("id") == self.count:
                assert "error" not in reply, reply
                return reply["result"]
            self._note(reply)

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def click(self, selector):
        self.evaluate("document.querySelector(%s).click()" % json.dumps(selector))

    def type(self, selector, text):
        self.evaluate("document.querySelector(%s).focus()" % json.dumps(selector))
        self.call("Input.insertText", text=text)

    def text(self, selector):
        """Of the first such element; None when there is none."""
        return self.evaluate("(document.querySelector(%s) || {}).textContent" % json.dumps(selector))

    def screenshot(self, path):
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]))
