"""Compares what is read out of the documents in test/golden/extract with the blocks beside them.

    golden.py PROGRAM [--write] [NAME ...]      PROGRAM is chatifix or chatifix_extract; --write accepts what is read now

A case is two files: NAME.EXT and NAME.EXT.blocks. Two kinds of document have readable sources here: NAME.docx.src holds the body of a Word
document and its further parts, NAME.pdf.src the content streams of the pages, each section behind a line "== part".
A line of .blocks is a block, "kind level page: text", with 0 left out, " | " between cells and JSON's escapes in the text; or "refused: code".
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import documents

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "golden" / "extract"


def document(case):
    """The name and bytes of the document in a case's file."""
    if case.suffix != ".src":
        return case.name, case.read_bytes()
    parts = documents.sections(case.read_text("utf-8"))
    if case.stem.endswith(".pdf"):
        return case.stem, documents.pdf(documents.pages(list(parts.values())))
    return case.stem, documents.docx(parts.pop("document"), parts)


def blocks(program, name, content):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / name
        path.write_bytes(content)
        done = subprocess.run([program, "extract", str(path), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if done.returncode:
        return "refused: %s\n" % done.stderr.decode().partition(":")[0]
    out = ""
    for line in done.stdout.decode().splitlines():
        b = json.loads(line)
        level, page = " %d" % b["level"] if b["level"] else "", " @%d" % b["page"] if b["page"] else ""
        text = json.dumps(b["text"], ensure_ascii=False)[1:-1].replace("\\t", " | ").replace('\\"', '"')
        out += "%s%s%s: %s\n" % (b["kind"], level, page, text)
    return out


def main(program, *arguments):
    names = [a for a in arguments if not a.startswith("--")]
    failed = ran = 0
    for case in sorted(FOLDER.iterdir()):
        name, content = (None, None) if case.suffix == ".blocks" else document(case)
        if not name or (names and not any(name.startswith(n) for n in names)):
            continue
        expectation = FOLDER / (name + ".blocks")
        got, ran = blocks(program, name, content), ran + 1
        if "--write" in arguments:
            expectation.write_text(got, "utf-8")
        elif not expectation.exists() or got != expectation.read_text("utf-8"):
            failed += 1
            print("%s differs; it now reads\n%s" % (name, got))
    print("%d documents, %d differ" % (ran, failed))
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
