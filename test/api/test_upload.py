"""POST /api/v1/knowledge/upload: every form that clients send, the optional parts, the refusals, the wait, names that are only data."""
import json
import os
import pathlib
import socket
import threading
import urllib.parse
import uuid

import pytest
import requests
from fixtures import docx, epub, legacy, opendocument, outlook, pdf, zipped
from host import ROOT, SLOW, Caller, Host, register, until
from rawhttp import Raw

UPLOAD = "/api/v1/knowledge/upload"
DOCUMENTS = "/api/v1/knowledge/documents"
SEARCH = "/api/v1/search"
TALE = b"The beekeeper of Linz sells honey on Tuesdays.\n"


def connect(url):
    return Raw(urllib.parse.urlparse(url).port, 30 * SLOW)


def part(head, content):
    return b"--BOUNDARY\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


def form(*parts):
    return b"".join(parts) + b"--BOUNDARY--\r\n"


def file_part(name=b"a.txt", content=TALE):
    return part(b'Content-Disposition: form-data; name="file"; filename="' + name + b'"', content)


def field(name, value):
    return part(b'Content-Disposition: form-data; name="' + name + b'"', value)


def send(tenant, body, content_type=b"multipart/form-data; boundary=BOUNDARY", fields=b""):
    """The request as these very bytes; the reply with its JSON."""
    with connect(tenant.url) as raw:
        raw.send(b"POST %s HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n%s" %
                 (UPLOAD.encode(), tenant.key.encode(), content_type, fields, len(body), body))
        reply = raw.reply()
    reply.json = json.loads(reply.body)
    return reply


def upload(tenant, *files, expected=201, headers=None, **fields):
    """Each file is (name, content), sent as the Python client does: without a part type."""
    reply = tenant.session.post(UPLOAD, files=[("file", f) for f in files], data=fields, headers=headers)
    assert reply.status_code == expected, reply.text
    return reply.json()


def search(tenant, query, **members):
    reply = tenant.session.post(SEARCH, json={"query": query, **members})
    assert reply.status_code == 200, reply.text
    return reply.json()["results"]


def names(tenant):
    return sorted(d["filename"] for d in tenant.session.get(DOCUMENTS).json()["documents"])


# ---- what clients put on the wire ----

BODY = b"--%s\r\nContent-Disposition: form-data; %s\r\n%s\r\n" + TALE + b"\r\n--%s--\r\n"
DASHES = b"-" * 24 + b"d74496d66958873e"
FORMS = {  # content type, boundary, the disposition's parameters, further lines of the part, the name it gets
    "curl": (b"multipart/form-data; boundary=" + DASHES, DASHES, b'name="file"; filename="company_faq.txt"', b"Content-Type: text/plain\r\n", "company_faq.txt"),
    "curl-quote": (b"multipart/form-data; boundary=" + DASHES, DASHES, 'name="file"; filename="Größe %22neu%22.txt"'.encode(), b"Content-Type: text/plain\r\n", 'Größe "neu".txt'),
    "curl-old-quote": (b"multipart/form-data; boundary=" + DASHES, DASHES, rb'name="file"; filename="a \"b\" \\c.txt"', b"Content-Type: text/plain\r\n", "c.txt"),
    "requests": (b"multipart/form-data; boundary=4a9d7c0e", b"4a9d7c0e", 'name="file"; filename="Größe.txt"'.encode(), b"", "Größe.txt"),
    "node": (b"multipart/form-data; boundary=----formdata-undici-052431", b"----formdata-undici-052431", b'name="file"; filename="company_faq.txt"',
             b"Content-Type: application/octet-stream\r\n", "company_faq.txt"),
    "node-blob": (b"multipart/form-data; boundary=----formdata-undici-052431", b"----formdata-undici-052431", b'name="file"; filename="blob"', b"Content-Type: application/octet-stream\r\n", "blob"),
    "dotnet": (b'multipart/form-data; boundary="7c3f1f0e-7b1d-4c8c-a4e2-0a1b2c3d4e5f"', b"7c3f1f0e-7b1d-4c8c-a4e2-0a1b2c3d4e5f",
               b"name=file; filename=company_faq.txt; filename*=utf-8''company_faq.txt", b"", "company_faq.txt"),
    "dotnet-wide": (b'multipart/form-data; boundary="7c3f1f0e-7b1d"', b"7c3f1f0e-7b1d", b"name=file; filename=\"=?utf-8?B?R3LDtsOfZQ==?=\"; filename*=utf-8''Gr%C3%B6%C3%9Fe%20neu.txt", b"", "Größe neu.txt"),
    "latin-1-star": (b"multipart/form-data; boundary=x", b"x", b"name=\"file\"; filename*=iso-8859-1'de'Gr%F6%DFe.txt", b"", "Größe.txt"),
    "latin-1-raw": (b"multipart/form-data; boundary=x", b"x", 'name="file"; filename="Größe.txt"'.encode("latin-1"), b"", "Größe.txt"),
    "unknown-charset-star": (b"multipart/form-data; boundary=x", b"x", b"name=\"file\"; filename=plain.txt; filename*=klingon''x.txt", b"", "plain.txt"),
    "odd-case": (b"Multipart/Form-Data; charset=utf-8; Boundary=x", b"x", b'NAME="file"; FileName="a.txt"', b"content-type: TEXT/plain; charset=utf-8\r\nX-Other: y\r\n", "a.txt"),
    "binary": (b"multipart/form-data; boundary=x", b"x", b'filename="a.txt"; name="file"', b"Content-Transfer-Encoding: binary\r\n", "a.txt"),
    "wrong-type": (b"multipart/form-data; boundary=x", b"x", b'name="file"; filename="a.txt"', b"Content-Type: application/pdf\r\n", "a.txt"),
}


@pytest.mark.parametrize("how", ["length", "chunks"])
@pytest.mark.parametrize("kind,boundary,parameters,lines,name", FORMS.values(), ids=FORMS)
def test_forms(tenant, kind, boundary, parameters, lines, name, how):
    body = BODY % (boundary, parameters, lines, boundary)
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\nContent-Type: %s\r\n" % (UPLOAD.encode(), tenant.key.encode(), kind)
    with connect(tenant.url) as raw:
        if how == "length":
            raw.send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        else:
            pieces = [body[i:i + 37] for i in range(0, len(body), 37)]
            raw.send(head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n")
        reply = raw.reply()
    assert reply.status == 201, reply.body
    document = json.loads(reply.body)
    assert (document["filename"], document["status"], document["size_bytes"], document["media_type"]) == (name, "completed", len(TALE), "text/plain")
    assert [r["document_name"] for r in search(tenant, "honey of the beekeeper")] == [name]


def test_expect_continue(tenant):
    body = form(file_part())
    with connect(tenant.url) as raw:
        raw.send(b"POST %s HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\nContent-Type: multipart/form-data; boundary=BOUNDARY\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" %
                 (UPLOAD.encode(), tenant.key.encode(), len(body)))
        assert raw.reply().status == 100
        raw.send(body)
        assert raw.reply().status == 201


@pytest.mark.parametrize("fields,length,status", [(b"X-API-Key: cfx_wrong\r\n", 1000, 401), (b"", 1000, 401), (b"KEY", 300 << 20, 413)])
def test_refused_before_the_body_is_sent(tenant, fields, length, status):
    fields = fields.replace(b"KEY", b"X-API-Key: %s\r\n" % tenant.key.encode())
    with connect(tenant.url) as raw:
        raw.send(b"POST %s HTTP/1.1\r\nHost: a\r\n%sContent-Type: multipart/form-data; boundary=BOUNDARY\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (UPLOAD.encode(), fields, length))
        reply = raw.reply()
        assert reply.status == status and json.loads(reply.body)["status"] == status


def test_preamble_epilogue_and_unknown_parts(tenant):
    body = b"a preamble\r\n" + form(field(b"colour", b"red"), file_part(), field(b"id", b"doc_mine"), field(b"status", b"failed"), field(b"tenant_id", b"ten_x")) + b"an epilogue"
    reply = send(tenant, body)
    assert reply.status == 201 and reply.json["id"] != "doc_mine" and reply.json["status"] == "completed"


def test_file_that_looks_like_the_boundary(tenant):
    content = b"honey\r\n--BOUNDAR\r\n--BOUNDARx\r\n\r\n--\r\n-BOUNDARY\r\n BOUNDARY--\r\nbees"
    reply = send(tenant, form(file_part(content=content)))
    assert reply.status == 201 and reply.json["size_bytes"] == len(content)


BAD_FORMS = {
    "cut": (form(file_part())[:-8], 400), "empty": (b"", 400), "no-boundary-inside": (b"just some bytes", 400), "only-the-end": (b"--BOUNDARY--\r\n", 422),
    "part-without-name": (form(part(b"Content-Disposition: form-data", b"x")), 400), "no-disposition": (form(part(b"Content-Type: text/plain", b"x")), 400),
    "attachment": (form(part(b'Content-Disposition: attachment; name="file"; filename="a"', b"x")), 400), "nul-in-name": (form(file_part(b"a\0b.txt")), 400),
    "base64": (form(part(b'Content-Disposition: form-data; name="file"; filename="a"\r\nContent-Transfer-Encoding: base64', b"eA==")), 400),
    "head-without-end": (b"--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + b"a" * 9000, 400),
    "too-many-parts": (form(*[field(b"f%d" % i, b"x") for i in range(65)], file_part()), 400),
    "no-file": (form(field(b"external_id", b"x")), 422), "field-named-file": (form(field(b"file", b"the content, but no file name")), 422),
    "metadata-is-no-json": (form(file_part(), field(b"metadata", b"{x")), 422), "metadata-is-a-list": (form(file_part(), field(b"metadata", b"[1]")), 422),
    "metadata-too-long": (form(file_part(), field(b"metadata", b'{"a": "' + b"x" * 17000 + b'"}')), 422), "field-too-long": (form(file_part(), field(b"metadata", b"x" * 70000)), 413),
    "language-is-no-code": (form(file_part(), field(b"language", b"english")), 422), "external-id-too-long": (form(file_part(), field(b"external_id", b"x" * 201)), 422),
    "external-id-for-two": (form(file_part(), file_part(b"b.txt", b"other"), field(b"external_id", b"x")), 422), "collection-too-long": (form(file_part(), field(b"collection", b"c" * 101)), 422),
    "external-id-with-nul": (form(file_part(), field(b"external_id", b"a\0b")), 422), "external-id-with-escape": (form(file_part(), field(b"external_id", b"a\x1bb")), 422),
    "collection-with-nul": (form(file_part(), field(b"collection", b"a\0b")), 422), "collection-with-delete": (form(file_part(), field(b"collection", b"a\x7f")), 422),
    "external-id-no-utf-8": (form(file_part(), field(b"external_id", b"\xff")), 422), "too-many-files": (form(*[file_part(b"%d.txt" % i, b"%d" % i) for i in range(33)]), 413),
}


@pytest.mark.parametrize("body,status", BAD_FORMS.values(), ids=BAD_FORMS)
def test_bad_forms(tenant, body, status):
    reply = send(tenant, body)
    assert reply.status == status, reply.body
    assert reply.json["status"] == status and reply.json["detail"] and reply.json["request_id"] == reply.get("x-request-id")
    assert tenant.session.get(reply.json["type"]).status_code == 200, "the type of the error is explained"
    assert names(tenant) == [], "a refused upload leaves nothing"


@pytest.mark.parametrize("kind", [b"application/json", b"multipart/form-data", b"multipart/form-data; boundary=", b"multipart/mixed; boundary=BOUNDARY", b"text/plain",
                                  b"multipart/form-data; boundary=" + b"x" * 71])
def test_other_content_types(tenant, kind):
    reply = send(tenant, form(file_part()), kind)
    assert reply.status in (400, 415) and reply.json["detail"], reply.body
    assert tenant.session.get(reply.json["type"]).status_code == 200


# ---- documents ----

def test_every_format(tenant):
    page = b"<!doctype html><html><head><title>T</title></head><body><h1>Bees</h1><p>The beekeeper sells honey.</p></body></html>"
    files = {"a.pdf": (pdf([["The beekeeper sells honey."]]), "application/pdf"), "a.txt": (TALE, "text/plain"), "a.md": (b"# Bees\n\nA beekeeper sold some honey.\n", "text/markdown"),
             "a.html": (page, "text/html"), "a.csv": (b"who,what\nbeekeeper,honey\n", "text/csv"), "a.json": (b'{"beekeeper": "sells honey"}', "application/json"),
             "a.docx": (docx([("Bees", "Heading1"), "The beekeeper sells honey."]), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
             "a.doc": (legacy("doc", ["An old beekeeper gives honey away."]), "application/msword"), "a.xls": (legacy("xls", ["beekeeper", "honey"]), "application/vnd.ms-excel"),
             "a.rtf": (rb"{\rtf1\ansi\pard\outlinelevel0 Bees\par\pard Some beekeeper keeps the honey.\par}", "application/rtf"),
             "a.ppt": (legacy("ppt", ["Slides of a beekeeper and her honey."]), "application/vnd.ms-powerpoint")}
    for name, (content, kind) in files.items():
        document = upload(tenant, (name, content))
        assert (document["status"], document["media_type"], document["filename"], document["size_bytes"]) == ("completed", kind, name, len(content)), document
    assert sorted(r["document_name"] for r in search(tenant, "beekeeper honey", top_k=50)) == sorted(files)


def test_page_numbers(tenant):
    pages = [["Chapter one is about foxes."], ["Chapter two is about herons."], ["Chapter three is about otters.", "Otters hold hands while they sleep."]]
    document = upload(tenant, ("animals.pdf", pdf(pages)))
    assert document["pages"] == 3
    for query, page in [("foxes", 1), ("herons", 2), ("otters hold hands", 3)]:
        assert search(tenant, query)[0]["page"] == page
    chat = tenant.session.post("/api/v1/chat", json={"question": "What do otters do while they sleep?"}).json()
    assert chat["answered"] and "hold hands" in chat["answer"]
    assert (chat["sources"][0]["document_name"], chat["sources"][0]["page"]) == ("animals.pdf", 3)
    assert upload(tenant, ("a.txt", TALE))["pages"] == 0 and search(tenant, "beekeeper")[0]["page"] is None


@pytest.mark.parametrize("kind,page", [("doc", None), ("xls", 1), ("ppt", 1)])
def test_answers_from_formats_before_2007(tenant, kind, page):
    content = legacy(kind, ["Otters", "Otters hold hands while they sleep on the river."])
    assert upload(tenant, ("old." + kind, content))["status"] == "completed"
    chat = tenant.session.post("/api/v1/chat", json={"question": "What do otters do while they sleep?"}).json()
    assert chat["answered"] and "hold hands" in chat["answer"], chat
    assert (chat["sources"][0]["document_name"], chat["sources"][0]["page"]) == ("old." + kind, page)


def test_old_formats_under_other_names(tenant):
    assert upload(tenant, ("a.bin", legacy("xls", ["honey"])))["media_type"] == "application/vnd.ms-excel"
    assert upload(tenant, ("a.doc", legacy("ppt", ["honey"])))["media_type"] == "application/vnd.ms-powerpoint"
    assert upload(tenant, ("a.xls", b"a\tb\tc\n1\t2\t3\n4\t5\t6\n"))["media_type"] == "text/tab-separated-values"
    assert upload(tenant, ("b.doc", TALE))["media_type"] == "text/plain"


def test_pages_without_text_are_noted(tenant):
    drawn = pdf([["The fox runs."], ["ZZZZ"], ["The otter swims."], ["ZZZZ"]]).replace(b"(ZZZZ) Tj T*", b"0 0 9 9 re f")
    document = upload(tenant, ("a.pdf", drawn))
    assert (document["notes"], document["note"]) == (["Pages 2 and 4 have no text layer."], "Pages 2 and 4 have no text layer.")
    read = tenant.session.get("/api/v1/knowledge/documents/" + document["id"]).json()
    assert read["notes"] == document["notes"]
    whole = upload(tenant, ("b.pdf", pdf([["The fox runs."]])))
    assert whole["status"] == "completed" and whole["note"] is None and whole["notes"] == []
    failed = upload(tenant, ("c.pdf", b"%PDF-1.4 nothing"), expected=202)
    assert failed["note"] is None and failed["notes"] == []


def test_pages_in_a_row_are_noted_as_one_range(tenant):
    scans = ["ZZZZ"] * 5
    drawn = pdf([["The fox runs."]] + [[page] for page in scans] + [["The otter swims."], ["ZZZZ"]]).replace(b"(ZZZZ) Tj T*", b"0 0 9 9 re f")
    assert upload(tenant, ("a.pdf", drawn))["notes"] == ["Pages 2-6 and 8 have no text layer."]
    only = upload(tenant, ("b.pdf", pdf([["ZZZZ"]]).replace(b"(ZZZZ) Tj T*", b"0 0 9 9 re f")), expected=202)
    assert only["error"]["code"] == "no_text" and only["error"]["message"].startswith("The page has no text layer")


def test_several_files(tenant):
    reply = upload(tenant, ("b.txt", b"Bees hum."), ("a.txt", b"Ants march."), ("c.pdf", pdf([["Cats purr."]])), metadata='{"kind": "animal"}')
    assert [d["filename"] for d in reply["documents"]] == ["b.txt", "a.txt", "c.pdf"]
    assert all(d["status"] == "completed" and d["metadata"] == {"kind": "animal"} for d in reply["documents"])
    assert len({d["id"] for d in reply["documents"]}) == 3


def test_most_files(tenant):
    reply = upload(tenant, *[("%d.txt" % i, b"Number %d." % i) for i in range(32)])
    assert len(reply["documents"]) == 32 and len(names(tenant)) == 32


def test_one_bad_file_of_several_refuses_all(tenant):
    reply = tenant.session.post(UPLOAD, files=[("file", ("good.txt", TALE)), ("file", ("bad.png", PNG))])
    assert reply.status_code == 415 and "bad.png" in reply.json()["detail"]
    assert names(tenant) == []


def test_any_part_name_with_a_file_name_is_a_file(tenant):
    reply = tenant.session.post(UPLOAD, files=[("files[]", ("a.txt", TALE))])
    assert reply.status_code == 201 and names(tenant) == ["a.txt"]


def test_optional_parts(tenant):
    metadata = {"product": "räder", "deep": {"list": [1, None]}}
    document = upload(tenant, ("a.txt", TALE), external_id="hive/7 ü", metadata=json.dumps(metadata), collection="Bees", language="fr")
    assert (document["external_id"], document["metadata"], document["collection"], document["language"]) == ("hive/7 ü", metadata, "Bees", "fr")
    assert tenant.session.get(DOCUMENTS + "/" + document["id"]).json() == document
    assert search(tenant, "honey", collection="Bees") and search(tenant, "honey", filters={"metadata": {"product": "räder"}})
    assert not search(tenant, "honey", filters={"metadata": {"product": "other"}})


def test_empty_parts_count_as_left_out(tenant):
    reply = send(tenant, form(file_part(), field(b"external_id", b""), field(b"metadata", b""), field(b"collection", b""), field(b"language", b""), field(b"replace", b"")))
    assert reply.status == 201 and (reply.json["external_id"], reply.json["metadata"], reply.json["collection"]) == (None, {}, "default")


def test_same_again(tenant):
    first = upload(tenant, ("a.txt", TALE))
    assert upload(tenant, ("a.txt", TALE), expected=200) == first
    other_name = upload(tenant, ("b.txt", TALE))
    other_content = upload(tenant, ("a.txt", b"Quite another tale."))
    assert len({first["id"], other_name["id"], other_content["id"]}) == 3
    assert names(tenant) == ["a.txt", "a.txt", "b.txt"]
    reply = upload(tenant, ("a.txt", TALE), ("b.txt", TALE), expected=200)
    assert [d["id"] for d in reply["documents"]] == [first["id"], other_name["id"]]


def test_same_again_under_another_external_id(tenant):
    documents = [upload(tenant, ("a.txt", TALE), **how) for how in ({}, {"external_id": "x-1"}, {"external_id": "x-2"})]
    assert len({d["id"] for d in documents}) == 3 and [d["external_id"] for d in documents] == [None, "x-1", "x-2"]
    assert upload(tenant, ("a.txt", TALE), expected=200, external_id="x-2") == documents[2]
    assert upload(tenant, ("a.txt", TALE), expected=200)["id"] in {d["id"] for d in documents}
    assert names(tenant) == ["a.txt"] * 3


@pytest.mark.parametrize("how", [{"replace": "true"}, {"external_id": "x-1"}], ids=["replace", "external_id"])
def test_replace_keeps_the_id(tenant, how):
    first = upload(tenant, ("a.pdf", pdf([["The fox runs."]])), **how)
    second = upload(tenant, ("a.pdf", pdf([["The heron stands."], ["The otter swims."]])), **how)
    assert (second["id"], second["created_at"], second["pages"], second["status"]) == (first["id"], first["created_at"], 2, "completed")
    assert names(tenant) == ["a.pdf"] and not search(tenant, "fox")
    assert search(tenant, "otter")[0]["page"] == 2


OPEN_KINDS = {
    "odt": (opendocument("text", "The beekeeper sells honey."), "application/vnd.oasis.opendocument.text"),
    "ods": (opendocument("spreadsheet", "The beekeeper sells honey."), "application/vnd.oasis.opendocument.spreadsheet"),
    "odp": (opendocument("presentation", "The beekeeper sells honey."), "application/vnd.oasis.opendocument.presentation"),
    "eml": (b"From: a@example.org\r\nMIME-Version: 1.0\r\nSubject: Bees\r\n\r\nThe beekeeper sells honey.\r\n", "message/rfc822"),
    "epub": (epub("The beekeeper sells honey."), "application/epub+zip"),
    "msg": (outlook("Bees", "The beekeeper sells honey."), "application/vnd.ms-outlook"),
    "zip": (zipped({"bees/honey.docx": docx(["The beekeeper sells honey."])}), "application/zip"),
}


@pytest.mark.parametrize("kind", OPEN_KINDS)
def test_open_kinds(tenant, kind):
    content, media_type = OPEN_KINDS[kind]
    for name in ["a." + kind, "disguised.docx", "disguised.txt"]:  # the content decides
        document = upload(tenant, (name, content))
        assert (document["status"], document["media_type"]) == ("completed", media_type), document
        assert "The beekeeper sells honey." in search(tenant, "beekeeper")[0]["text"]
        assert tenant.session.delete("/api/v1/knowledge/documents/" + document["id"]).status_code in (200, 204)



def test_archive_of_documents(tenant):
    pages = pdf([["Chapter one is about foxes."], ["Chapter two is about herons."], ["Otters hold hands while they sleep."]])
    content = zipped({"animals/river.pdf": pages, "animals/Größe.md": "# Weight\n\nA badger weighs twelve kilograms.\n",
                      "list.csv": "animal,food\nhedgehog,snails\n", "logo.png": PNG, "old.zip": zipped({"a.txt": TALE})})
    document = upload(tenant, ("animals.zip", content))
    assert (document["status"], document["media_type"], document["pages"]) == ("completed", "application/zip", 0), document
    assert document["notes"] == ["logo.png: This kind of file cannot be read.", "old.zip: An archive inside an archive is not read."]
    chat = tenant.session.post("/api/v1/chat", json={"question": "What do otters do while they sleep?"}).json()
    assert chat["answered"] and "hold hands" in chat["answer"], chat
    source = chat["sources"][0]
    assert (source["document_name"], source["page"], source["heading"]) == ("animals.zip", 3, "animals/river.pdf")
    chat = tenant.session.post("/api/v1/chat", json={"question": "How much does a badger weigh?"}).json()
    assert chat["answered"] and chat["sources"][0]["heading"] == "animals/Größe.md > Weight", chat
    found = search(tenant, "hedgehog snails")[0]
    assert found["heading"] == "list.csv" and "food: snails" in found["text"]
    assert search(tenant, "beekeeper") == [] and {r["heading"] for r in search(tenant, "river")} == {"animals/river.pdf"}


# ---- refusals ----

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
UNKNOWN = {"png": PNG, "elf": b"\x7fELF" + bytes(200), "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "gzip": b"\x1f\x8b\x08" + bytes(100),
           "rar": b"Rar!\x1a\x07\x00" + bytes(100), "noise": bytes((i * 167 + 13) % 256 for i in range(5000))}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_unknown_kinds(tenant, kind):
    for name in ["a." + kind, "disguised.pdf", "disguised.txt"]:
        problem = upload(tenant, (name, UNKNOWN[kind]), expected=415)
        assert problem["type"] == "/errors/unsupported-format"
        assert all(word in problem["detail"] for word in ["PDF", "Word", "text", "Markdown", "HTML", "CSV", "JSON"]), problem["detail"]
    assert names(tenant) == []


@pytest.mark.parametrize("name", ["empty.txt", "empty.md", "empty.html", "empty.csv", "empty"])
def test_empty_file(tenant, name):
    document = upload(tenant, (name, b""))
    assert (document["status"], document["chunks"], document["size_bytes"]) == ("completed", 0, 0), document
    assert search(tenant, name) == []


BIG = docx(["A" * (2 << 20)])
BOMBS = {
    "a.docx": (zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": b" " * (200 << 20)}), {"too_complex", "too_large", "damaged"}),
    "a.odt": (opendocument("text", "A" * (100 << 20)), {"too_complex", "too_large", "damaged"}),
    "a.zip": (zipped({"a.txt": b" " * (100 << 20)}), {"too_complex", "too_large"}),
    "b.zip": (zipped({"%d.docx" % i: BIG for i in range(300)}), {"too_complex", "too_large"}),
    "a.json": (b"[" * (4 << 20), {"too_complex"}),
    "a.html": (b"<div>" * 300000, {"too_complex"}),
    "a.xml": (b"<!DOCTYPE a [<!ENTITY a 'ha'>" + b"".join(b"<!ENTITY a%d '%s'>" % (i, b"&a%s;" % (b"%d" % (i - 1) if i else b"") * 10) for i in range(12)) +
              b"]><a>&a11;</a>", {"damaged", "too_complex", "too_large"}),
}


def test_bombs_cost_the_server_nothing(tmp_path):
    with Host(tmp_path / "data") as host:
        bombed = Company(host)

        def resident():
            fields = pathlib.Path("/proc/%d/statm" % host.process.pid).read_text().split()
            return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

        def send(name, content):
            return bombed.session.post(UPLOAD, files={"file": (name, content)}, headers={"Prefer": "wait=60"}).json()
        for _ in range(3):
            assert send("a.txt", TALE * 20000)["status"] == "completed"
        before = resident()
        for name, (content, ends) in BOMBS.items():
            assert send(name, content)["error"]["code"] in ends, name
        # what an extractor used is gone with its process; 8 MiB are for the heap's own ways, which the sanitizers' is not
        grown = resident() - before
        assert SLOW > 1 or grown < 8 << 20, grown


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    with Host(tmp_path_factory.mktemp("small") / "data", "--file-max", "10000", "--request-max", "1M") as host:
        yield host


class Company:
    def __init__(self, host):
        self.url, self.key = host.url, register(host.url)
        self.session = Caller(self.url, self.key)


@pytest.fixture
def small_tenant(small):
    company = Company(small)
    yield company
    company.session.close()


def test_file_at_the_limit_and_past_it(small_tenant):
    text = b"honey " * 1666 + b"bees"
    assert upload(small_tenant, ("limit.txt", text))["size_bytes"] == 10000
    problem = upload(small_tenant, ("past.txt", text + b"!"), expected=413)
    assert "10000" in problem["detail"] and small_tenant.session.get(problem["type"]).status_code == 200
    upload(small_tenant, ("first.txt", b"A good one."), ("past.txt", text + b"!"), expected=413)
    assert names(small_tenant) == ["limit.txt"]


@pytest.mark.parametrize("how", ["length", "chunks"])
def test_request_too_large(small_tenant, how):
    piece = b"--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n" + b"x" * 65000
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\nContent-Type: multipart/form-data; boundary=BOUNDARY\r\n" % (UPLOAD.encode(), small_tenant.key.encode())
    with connect(small_tenant.url) as raw:
        if how == "length":
            raw.send(head + b"Content-Length: 1048577\r\n\r\n" + piece)
        else:
            raw.send(head + b"Transfer-Encoding: chunked\r\n\r\n")
            try:
                for _ in range(20):
                    raw.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            except OSError:
                pass  # refused while it was being sent
        reply = raw.reply()
    assert reply.status == 413 and json.loads(reply.body)["type"].startswith("/errors/")
    assert names(small_tenant) == []


@pytest.mark.parametrize("kept", [0, 1, 60, 200, -1])
def test_cut_off_upload_leaves_nothing(tenant, kept):
    body = form(file_part(), file_part(b"b.txt", b"more " * 40000))
    sent = body[:kept]
    for reset in (False, True):
        with connect(tenant.url) as raw:
            raw.send(b"POST %s HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\nContent-Type: multipart/form-data; boundary=BOUNDARY\r\nContent-Length: %d\r\n\r\n" %
                     (UPLOAD.encode(), tenant.key.encode(), len(body)))
            raw.send(sent)
            if reset:
                raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    upload(tenant, ("after.txt", b"The server goes on."))
    assert names(tenant) == ["after.txt"]


# ---- documents that cannot be read ----

def encrypted():
    """A PDF whose trailer names an encryption that wants a password."""
    text = pdf([["The beekeeper sells honey."]])
    at = text.index(b"trailer\n<< ") + len(b"trailer\n<< ")
    secret = b"/Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -44 /O <%s> /U <%s> >> /ID [<%s> <%s>] " % (b"11" * 32, b"22" * 32, b"33" * 16, b"33" * 16)
    return text[:at] + secret + text[at:]


UNREADABLE = {
    "encrypted": ("secret.pdf", encrypted(), "encrypted"),
    "damaged-pdf": ("broken.pdf", b"%PDF-1.7\n" + b"garbage " * 200, "damaged"),
    "cut-pdf": ("cut.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog", "damaged"),
    "no-text": ("scan.pdf", pdf([[], []]), "no_text"),
    "damaged-docx": ("broken.docx", docx(["Honey."])[:-60], "damaged"),
    "encrypted-doc": ("secret.doc", legacy("doc", ["Honey."], locked=True), "encrypted"),
    "encrypted-xls": ("secret.xls", legacy("xls", ["Honey."], locked=True), "encrypted"),
    "encrypted-ppt": ("secret.ppt", legacy("ppt", ["Honey."], locked=True), "encrypted"),
    "damaged-doc": ("broken.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
    "zip-of-unknown": ("unknown.zip", zipped({"a.bin": bytes(100)}), "unsupported_format"),
    "damaged-zip": ("broken.zip", zipped({"a.txt": TALE})[:-30], "damaged"),
    "damaged-msg": ("broken.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
    "docx-with-doctype": ("bomb.docx", zipped({
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
                               'officedocument.wordprocessingml.document.main+xml"/></Types>',
        "word/document.xml": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'}), None),
}


@pytest.mark.parametrize("name,content,code", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable_documents_fail_with_a_reason(tenant, name, content, code):
    reply = tenant.session.post(UPLOAD, files={"file": (name, content)})
    if code is None and reply.status_code == 415:
        return
    assert reply.status_code == 202, reply.text
    document = reply.json()
    assert document["status"] == "failed" and (document["chunks"], document["progress"]) != (1, 100), document
    assert code in (None, document["error"]["code"]), document["error"]
    message = document["error"]["message"]
    assert message.endswith(".") and len(message) > 20 and "/" not in message.replace("and/or", ""), message
    assert tenant.session.get(DOCUMENTS, params={"status": "failed"}).json()["documents"] == [document]
    assert upload(tenant, ("good.txt", TALE))["status"] == "completed"
    assert [r["document_name"] for r in search(tenant, "beekeeper honey")] == ["good.txt"]


def test_one_unreadable_file_among_others(tenant):
    reply = tenant.session.post(UPLOAD, files=[("file", ("good.txt", TALE)), ("file", ("broken.pdf", UNREADABLE["damaged-pdf"][1]))])
    assert reply.status_code == 202 and [d["status"] for d in reply.json()["documents"]] == ["completed", "failed"]


def test_password_protected_files_of_others(tenant):
    folder = ROOT.parent / "shared" / "corpora" / "docling" / "pdf_password"
    files = sorted(folder.rglob("*.pdf")) if folder.is_dir() else []
    if not files:
        pytest.skip("%s is not there" % folder)
    for path in files:
        document = upload(tenant, (path.name, path.read_bytes()), expected=202)
        assert document["status"] == "failed" and document["error"]["code"] == "encrypted", document


def test_failed_document_is_replaced_by_a_good_one(tenant):
    first = upload(tenant, ("broken.pdf", UNREADABLE["damaged-pdf"][1]), expected=202)
    again = upload(tenant, ("broken.pdf", UNREADABLE["damaged-pdf"][1]), expected=202, replace="true")
    assert (again["id"], again["status"]) == (first["id"], "failed"), "it was read again, not taken for the existing one"
    mended = upload(tenant, ("broken.pdf", pdf([["The beekeeper sells honey."]])), replace="true")
    assert (mended["id"], mended["status"], mended["error"]) == (first["id"], "completed", None)


# ---- the wait ----

def test_respond_async(tenant):
    content = pdf([["Page %d of many." % i] * 40 for i in range(60)])
    reply = tenant.session.post(UPLOAD, files={"file": ("long.pdf", content)}, headers={"Prefer": "respond-async"})
    assert reply.status_code == 202 and reply.headers["Preference-Applied"] == "respond-async"
    id = reply.json()["id"]
    assert reply.json()["status"] in ("queued", "processing")
    document = until(lambda: (d := tenant.session.get(DOCUMENTS + "/" + id).json())["status"] == "completed" and d)
    assert (document["pages"], document["progress"]) == (60, 100) and document["chunks"] > 0


@pytest.mark.parametrize("prefer,applied", [("wait=20", "wait=20"), ("wait=9999", "wait=60"), ("foo, wait=5; bar", "wait=5"), ("WAIT=5", "wait=5"), ("wait=x", None), ("wait", None), ("", None)])
def test_prefer(tenant, prefer, applied):
    reply = tenant.session.post(UPLOAD, files={"file": ("a.txt", TALE)}, headers={"Prefer": prefer})
    assert reply.status_code == 201 and reply.headers.get("Preference-Applied") == applied


# ---- Idempotency-Key ----

def test_idempotency(tenant):
    headers = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "multipart/form-data; boundary=BOUNDARY"}
    body = form(file_part())
    first = tenant.session.post(UPLOAD, data=body, headers=headers)
    again = tenant.session.post(UPLOAD, data=body, headers=headers)
    assert first.status_code == again.status_code == 201 and again.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers and again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    other = tenant.session.post(UPLOAD, data=form(file_part(b"b.txt")), headers=headers)
    assert other.status_code == 422 and other.json()["type"] == "/errors/idempotency-mismatch"
    assert names(tenant) == ["a.txt"]
    tenant.session.delete(DOCUMENTS + "/" + first.json()["id"])
    assert tenant.session.post(UPLOAD, data=body, headers=headers).json() == first.json(), "kept, whatever has become of the document"
    assert names(tenant) == []


def test_idempotency_key_belongs_to_company_and_route(tenant, new_tenant):
    headers = {"Idempotency-Key": "one", "Content-Type": "multipart/form-data; boundary=BOUNDARY"}
    first = tenant.session.post(UPLOAD, data=form(file_part()), headers=headers)
    stranger = new_tenant().session.post(UPLOAD, data=form(file_part()), headers=headers)
    assert first.status_code == stranger.status_code == 201 and first.json()["id"] != stranger.json()["id"]
    text = tenant.session.post("/api/v1/knowledge/text", json={"title": "t", "content": "c"}, headers={"Idempotency-Key": "one"})
    assert text.status_code == 201 and "Idempotent-Replayed" not in text.headers


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_idempotency_key_that_is_none(tenant, key):
    reply = tenant.session.post(UPLOAD, data=form(file_part()), headers={"Idempotency-Key": key, "Content-Type": "multipart/form-data; boundary=BOUNDARY"})
    assert reply.status_code == 422 and reply.json()["detail"][0]["loc"] == ["header", "Idempotency-Key"]
    assert names(tenant) == []


def test_refusals_are_replayed_too(tenant):
    headers = {"Idempotency-Key": "bad", "Content-Type": "multipart/form-data; boundary=BOUNDARY"}
    first, again = [tenant.session.post(UPLOAD, data=form(file_part(b"a.png", PNG)), headers=headers) for _ in range(2)]
    assert first.status_code == again.status_code == 415 and again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Content-Type"] == "application/problem+json" and first.content == again.content
    assert again.json()["request_id"] == first.headers["X-Request-Id"], "it leads to the line in the log that tells of the failure"


def test_idempotency_while_it_runs(tenant):
    """Of many same requests at the same time one is carried out; the others are told so, or get its reply."""
    headers = {"Idempotency-Key": "many", "Content-Type": "multipart/form-data; boundary=BOUNDARY"}
    body, replies = form(file_part(b"long.pdf", pdf([["Page %d of many." % i] * 40 for i in range(40)]))), []

    def one():
        with Caller(tenant.url, tenant.key) as caller:
            replies.append(caller.post(UPLOAD, data=body, headers=headers))
    threads = [threading.Thread(target=one) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    running = [r for r in replies if r.status_code == 409]
    done = [r for r in replies if r.status_code in (201, 202)]  # 202 where reading takes longer than the wait
    assert len(done) >= 1 and len(running) + len(done) == 6
    assert running, "none came while the first was running"
    assert all(r.json()["type"] == "/errors/idempotency-running" and r.headers["Retry-After"] == "1" for r in running)
    assert len([r for r in done if "Idempotent-Replayed" not in r.headers]) == 1 and len({r.json()["id"] for r in done}) == 1
    assert names(tenant) == ["long.pdf"]


# ---- names ----

NAMES = {"../../etc/passwd": "passwd", "..\\..\\windows\\win.ini": "win.ini", "C:\\Users\\me\\faq.txt": "faq.txt", "/etc/shadow": "shadow", "a/b/": "file", "..": "file", ".": "file", "": None,
         ".htaccess": ".htaccess", "~root": "~root", "$(reboot).txt": "$(reboot).txt", "`id`.txt": "`id`.txt", "'; drop table document; --": "'; drop table document; --",
         "{{7*7}}.txt": "{{7*7}}.txt", "<img src=x onerror=alert(1)>.txt": "<img src=x onerror=alert(1)>.txt", "%00.txt": "%00.txt", "%2e%2e%2fx": "%2e%2e%2fx",
         "invoice\u202efdp.exe": "invoice\u202efdp.exe", "zero\u200bwidth": "zero\u200bwidth", "价格表.txt": "价格表.txt", "\U0001f41d": "\U0001f41d", "e\u0301": "e\u0301", " spaced ": " spaced ", "CON": "CON",
         "a;b=c.txt": "a;b=c.txt", "a,b": "a,b", "100%": "100%", "tab\there": "tab_here", "--BOUNDARY": "--BOUNDARY", "n" * 255: "n" * 255}


@pytest.mark.parametrize("name,kept", NAMES.items(), ids=range(len(NAMES)))
def test_names_are_only_data(tenant, name, kept):
    reply = send(tenant, form(file_part(name.encode())))
    if kept is None:
        assert reply.status in (201, 422)
        return
    assert reply.status == 201, reply.body
    assert reply.json["filename"] == kept and names(tenant) == [kept]
    assert search(tenant, "beekeeper")[0]["document_name"] == kept
    chat = tenant.session.post("/api/v1/chat", json={"question": "When does the beekeeper of Linz sell honey?"}).json()
    assert chat["sources"][0]["document_name"] == kept


def test_line_ends_in_names_do_not_make_fields(tenant):
    reply = send(tenant, form(file_part(b"a%0D%0AContent-Type: text-html%0D%0A.txt")))
    assert reply.status == 201 and reply.json["filename"] == "a__Content-Type: text-html__.txt"


@pytest.mark.parametrize("name", ["n" * 256, "n" * 400 + ".txt", "蜂" * 200, "\U0001f41d" * 255, "n" * 7000], ids=["256", "404", "600-bytes", "1020-bytes", "7000"])
def test_long_names(tenant, name):
    """Up to 255 characters are kept whole; what is longer is refused or cut between characters, never mangled."""
    reply = send(tenant, form(file_part(name.encode())))
    assert reply.status in (201, 400, 422), reply.body
    if reply.status == 201:
        kept = reply.json["filename"]
        assert name.startswith(kept) and len(kept) >= min(len(name), 100)
        assert len(name) > 255 or kept == name
    else:
        assert len(name) > 255
