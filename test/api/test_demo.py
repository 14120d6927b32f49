"""script/demo, led by what a server prints, as script/server --demo runs it."""
import subprocess

from host import ROOT, SLOW, command, environment


def demo(lines):
    return subprocess.Popen(["/usr/bin/python3", "-B", str(ROOT / "script" / "demo")], stdin=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_demo_finds_a_free_port(tmp_path):
    with open(tmp_path / "log", "wb") as log:
        server = subprocess.Popen(command(tmp_path / "data"), stdout=subprocess.PIPE, stderr=log, env=environment())
    try:
        told, errors = demo(server.stdout).communicate(timeout=120 * SLOW)
    finally:
        server.terminate()
        assert server.wait(30 * SLOW) == 0
        server.stdout.close()
    assert told.startswith("listening on http://127.0.0.1:") and told.count("\nQ: ") == told.count("\nA: ") == 3, told + errors
    assert "I could not find" not in told and not errors, told + errors


def test_demo_of_a_server_that_does_not_start(tmp_path):
    (tmp_path / "data").write_text("a file in the place of the folder")
    with subprocess.Popen(command(tmp_path / "data"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()) as server:
        process = demo(server.stdout)
        assert process.communicate(timeout=120 * SLOW) == ("", "") and process.returncode == 0
