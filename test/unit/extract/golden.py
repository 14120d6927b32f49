"""Compares what is read out of the documents in test/golden/extract with the blocks beside them.

    golden.py PROGRAM [--write] [NAME ...]      PROGRAM is chatifix or chatifix_extract; --write accepts what is read now

A case is two files: NAME.EXT and NAME.EXT.blocks. Packed kinds of document have readable sources here: NAME.docx.src holds the body of a Word
document and its further parts, NAME.pdf.src the content streams of the pages ("== page 1") and objects beside or instead of those that documents.pages
makes ("== object 4"), NAME.odt.src, .ods.src and .odp.src
the XML inside the body, NAME.epub.src the chapters; each section behind a line "== part".
Beside some lies NAME.EXT.text, what the command prints without --json. A line of .blocks is a block, "kind level page: text", with 0 left out, " | "
between cells and JSON's escapes in the text; or "refused: code".
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
        objects = documents.pages([text for name, text in parts.items() if name.startswith("page")])
        objects.update({name.partition(" ")[2]: text for name, text in parts.items() if name.startswith("object")})
        return case.stem, documents.pdf(objects)
    kinds = {".odt": "text", ".ods": "spreadsheet", ".odp": "presentation"}
    if case.stem[-4:] in kinds:
        return case.stem, documents.opendocument(kinds[case.stem[-4:]], parts["body"])
    if case.stem.endswith(".epub"):
        return case.stem, documents.epub(parts)
    return case.stem, documents.docx(parts.pop("document"), parts)


def command(program, *arguments):
    return subprocess.run([program, "extract", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)


def blocks(printed):
    """The readable form of what the command printed with --json."""
    if printed.returncode:
        return "refused: %s\n" % printed.stderr.decode().partition(":")[0]
    out = ""
    for line in printed.stdout.decode().splitlines():
        b = json.loads(line)
        level, page = " %d" % b["level"] if b["level"] else "", " @%d" % b["page"] if b["page"] else ""
        text = json.dumps(b["text"], ensure_ascii=False)[1:-1].replace("\\t", " | ").replace('\\"', '"')
        out += "%s%s%s: %s\n" % (b["kind"], level, page, text)
    return out


def read(program, name, content):
    """{ending of the expectation: what is read now}."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / name
        path.write_bytes(content)
        got = {".blocks": blocks(command(program, str(path), "--json"))}
        if (FOLDER / (name + ".text")).exists():
            got[".text"] = command(program, str(path)).stdout.decode()
    return got


def check_command_line(program):
    """How many of the command's own refusals are not as documented: the status, and one line on standard error."""
    failed = 0
    for arguments, status in (((), 2), (("a", "b"), 2), (("--xml", "a"), 2), (("--json",), 2), (("/nonexistent/file",), 1), (("/",), 1)):
        done = command(program, *arguments)
        if done.returncode != status or done.stdout or done.stderr.count(b"\n") != 1:
            failed += 1
            print("extract %s: status %d, %r" % (" ".join(arguments), done.returncode, done.stderr))
    return failed


def main(program, *arguments):
    names = [a for a in arguments if not a.startswith("--")]
    failed, ran = check_command_line(program), 0
    for case in sorted(FOLDER.iterdir()):
        if case.suffix in (".blocks", ".text"):
            continue
        name, content = document(case)
        if names and not any(name.startswith(n) for n in names):
            continue
        ran += 1
        for ending, got in read(program, name, content).items():
            expectation = FOLDER / (name + ending)
            if "--write" in arguments:
                expectation.write_text(got, "utf-8", newline="")
            elif not expectation.exists() or got.encode() != expectation.read_bytes():
                failed += 1
                print("%s differs; it now reads\n%s" % (expectation.name, got))
    print("%d documents, %d differ" % (ran, failed))
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
