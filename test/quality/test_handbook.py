"""A whole handbook uploaded by many clients at once, then every page looked up by its title."""
import concurrent.futures
import pathlib
import re

import pytest
from host import ROOT, Caller, Host, register, until

PAGES = ROOT.parent / "shared" / "corpora" / "handbook-18f" / "pages"
CLIENTS = 8
FIRST = 0.87  # of the pages: a page of that title is the first document; measured: 214 of 242
MISSED = 1    # pages that are not among the ten documents: "Slack", a short page among twenty that speak of nothing else


def title_of(text):
    """What the front matter (there a title may go on in indented lines), else the first heading, calls the page."""
    front = re.match(r"---\n(.*?)\n---\n", text, re.S)
    named = front and re.search(r"^title:\s+(\S.*(?:\n +.+)*)", front[1], re.M)
    heading = named or re.search(r"^#+ +(.+)$", text, re.M)
    return " ".join(heading[1].split()).strip("\"'")


def upload(url, key, names, texts):
    """{document id: name}; one request after another."""
    told = {}
    with Caller(url, key) as caller:
        for name in names:
            reply = caller.post("/api/v1/knowledge/upload", files={"file": (pathlib.PurePath(name).name, texts[name].encode())}, data={"external_id": name},
                                headers={"Prefer": "respond-async"})
            assert reply.status_code in (201, 202), (name, reply.text)
            told[reply.json()["id"]] = name
    return told


def documents(caller):
    """All of them once none is waiting any more."""
    rows = caller.get("/api/v1/knowledge/documents").json()["documents"]
    return rows if all(row["status"] in ("completed", "failed") for row in rows) else None


def found(caller, title):
    """The ids of the documents found, best first, each once."""
    reply = caller.post("/api/v1/search", json={"query": title, "top_k": 10})
    assert reply.status_code == 200, reply.text
    return list(dict.fromkeys(result["document_id"] for result in reply.json()["results"]))


def upload_all(url, key, texts):
    """{document id: name}; the pages are dealt out to the clients in turn."""
    names, told = sorted(texts), {}
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        for part in pool.map(lambda n: upload(url, key, names[n::CLIENTS], texts), range(CLIENTS)):
            told.update(part)
    return told


def test_every_page_is_found_by_its_title(tmp_path):
    """Several pages bear one title now and then: any of them may come first, but each must be among the ten."""
    if not PAGES.exists():
        pytest.skip("there is no ../shared/corpora/handbook-18f beside the project")
    texts = {str(path.relative_to(PAGES)): path.read_text(encoding="utf-8") for path in PAGES.rglob("*.md")}
    titles = {name: title_of(text) for name, text in texts.items()}
    with Host(tmp_path / "data") as host:
        key = register(host.url)
        told = upload_all(host.url, key, texts)
        assert len(texts) > 200 and sorted(told.values()) == sorted(texts), "each page is a document of its own"
        with Caller(host.url, key) as caller:
            rows = until(lambda: documents(caller), 600)
            assert sorted(row["external_id"] for row in rows) == sorted(texts)
            assert not [row for row in rows if row["status"] != "completed"]
            ranked = {name: [told[id] for id in found(caller, title)] for name, title in titles.items()}
    missed = [name for name in titles if name not in ranked[name]]
    first = [name for name in titles if ranked[name] and titles[ranked[name][0]].casefold() == titles[name].casefold()]
    print("%d pages, %d first, not among ten: %s" % (len(titles), len(first), missed))
    assert len(first) >= FIRST * len(titles) and len(missed) <= MISSED, (len(first), missed)
