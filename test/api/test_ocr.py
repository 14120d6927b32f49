"""Scanned pages over HTTP: read where the operator turned character recognition on, noted where not; a server that cannot do it does not start."""
import subprocess

import pytest
from conftest import Tenant
from fixtures import pdf, scans
from host import SLOW, Host, command, environment

OTTERS = ["Otters hold hands while they sleep on the river.", "They do so in order not to drift apart."]
FOXES = ["Foxes hear a mouse under three feet of snow."]
UPLOAD = "/api/v1/knowledge/upload"


def refusal(data, *options, **variables):
    """What a server says that does not start."""
    done = subprocess.run(command(data, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**environment(), **variables}, timeout=60 * SLOW)
    assert done.returncode == 1, done.stdout
    return done.stderr.decode()


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """A company on a server that recognises characters."""
    if not scans.PDFIUM.exists():
        pytest.skip("there is no %s to draw scans with" % scans.PDFIUM)
    try:
        host = Host(tmp_path_factory.mktemp("ocr") / "data", "--ocr", "eng", "--model", "none")
    except AssertionError as error:
        if "apt-get install" in str(error):
            pytest.skip("libtesseract is not installed")
        raise
    with host:
        tenant = Tenant(host.url)
        yield tenant.session
        tenant.session.close()


def upload(session, name, content):
    reply = session.post(UPLOAD, files={"file": (name, content)}, headers={"Prefer": "wait=60"})
    assert reply.status_code in (201, 202), reply.text
    return reply.json()


def test_scanned_pages_answer(reader):
    document = upload(reader, "otters.pdf", scans.scanned(pdf([FOXES, OTTERS])))
    assert (document["status"], document["pages"]) == ("completed", 2), document
    assert document["notes"] == ["Pages 1-2 were read by character recognition."]
    found = reader.post("/api/v1/search", json={"query": "otters hold hands"}).json()["results"][0]
    assert (found["document_name"], found["page"]) == ("otters.pdf", 2)
    chat = reader.post("/api/v1/chat", json={"question": "What do otters do while they sleep?"}).json()
    assert chat["answered"] and "hold hands" in chat["answer"], chat


def test_print_and_scans_in_one_document(reader):
    drawn = pdf([["Herons wade in shallow water."], ["ZZZZ"]]).replace(b"(ZZZZ) Tj T*", b"0 0 9 9 re f")
    document = upload(reader, "herons.pdf", drawn)
    assert document["notes"] == ["Page 2 has no text layer, and no characters were recognised on it."]
    empty = upload(reader, "empty.pdf", pdf([["ZZZZ"]]).replace(b"(ZZZZ) Tj T*", b"0 0 9 9 re f"))
    assert (empty["status"], empty["error"]["code"]) == ("failed", "no_text")


def test_a_server_without_it_only_notes_scans(tenant):
    if not scans.PDFIUM.exists():
        pytest.skip("there is no %s to draw scans with" % scans.PDFIUM)
    document = upload(tenant.session, "otters.pdf", scans.scanned(pdf([OTTERS]), 100))
    assert (document["status"], document["error"]["code"]) == ("failed", "no_text")
    stamped = upload(tenant.session, "stamped.pdf", scans.scanned(pdf([OTTERS]), 100, stamp="Copy 17"))
    assert stamped["status"] == "completed"
    assert stamped["notes"] == ["Page 1 is a picture with only a few words of text layer."]


def test_a_missing_language_is_said_at_start(reader, tmp_path):
    said = refusal(tmp_path / "data", "--ocr", "eng+tlh_latn", "--model", "none")
    assert said == 'chatifix: Character recognition has no trained data of "tlh_latn"; on Debian: apt-get install tesseract-ocr-tlh-latn.\n'
    assert not (tmp_path / "data").exists()


def test_a_missing_library_is_said_at_start(tmp_path):
    (tmp_path / "libtesseract.so.5").write_bytes(b"no library")
    said = refusal(tmp_path / "data", "--ocr", "eng", "--model", "none", LD_LIBRARY_PATH=str(tmp_path))
    assert said == "chatifix: Character recognition needs libtesseract 5; on Debian: apt-get install libtesseract5 tesseract-ocr-eng.\n"


@pytest.mark.skipif(SLOW > 1, reason="a sanitized worker has no bound on memory")
def test_too_little_memory_is_said_at_start(reader, tmp_path):
    said = refusal(tmp_path / "data", "--ocr", "eng", "--model", "none", "--extract-memory", "64M")
    assert "extract-memory" in said
