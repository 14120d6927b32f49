"""Character recognition on pages drawn for the purpose: scans are told from print, read when asked, and noted when not.

    ocr.py PROGRAM      PROGRAM is chatifix or chatifix_extract; exits with 77 where libtesseract or its English data is not installed
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import documents
import scans

SKIPPED = 77

TALE = ["The keeper of the lighthouse on the northern cape", "counts the ships that pass between dusk and dawn,", "and writes their number into a book of blue linen."]
RULES = ["Visitors leave their boots at the foot of the stairs.", "Lamps are cleaned on Mondays and on Thursdays."]
HYPHENS = ["A lighthouse is maintained by a keeper and by his assis-", "tants, who live with their families on the island."]


def print_of(*parts):
    """A page's content: lines of (size, top, lines)."""
    shown = ""
    for size, top, lines in parts:
        shown += "BT /F1 %d Tf %d TL 72 %d Td %s ET " % (size, size + 3, top, " ".join("(%s) Tj T*" % line for line in lines))
    return shown


def printed(*contents):
    return documents.pdf(documents.pages(contents))


BOX = "100 100 200 200 re f"
DRAWN = printed(print_of((12, 700, TALE)), BOX, BOX, BOX, print_of((12, 700, RULES)), BOX)


class Program:
    def __init__(self, path, folder):
        self.path, self.folder = path, pathlib.Path(folder)

    def run(self, content, *options):
        file = self.folder / "a.pdf"
        file.write_bytes(content)
        return subprocess.run([self.path, "extract", str(file), "--json", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)

    def read(self, content, *options):
        """([(kind, page, text)], notes)"""
        done = self.run(content, *options)
        said = done.stderr.decode().splitlines()
        assert done.returncode == 0, said
        blocks = [json.loads(line) for line in done.stdout.decode().splitlines()]
        return [(b["kind"], b["page"], b["text"]) for b in blocks], [line.partition(": ")[2] for line in said]

    def refusal(self, content, *options):
        done = self.run(content, *options)
        assert done.returncode == 1, done.stdout
        return done.stderr.decode().strip()


def words(text):
    return re.findall(r"\w+", text.lower())


# ---- without recognition ----

def test_pages_without_text_are_noted_in_ranges(program):
    blocks, notes = program.read(DRAWN)
    assert [page for _, page, _ in blocks] == [1, 5]
    assert notes == ["Pages 2-4 and 6 have no text layer."], notes


def test_scans_with_a_stamp_are_noted(program):
    scan = scans.scanned(printed(print_of((12, 700, TALE))), 100, stamp="Copy 17")
    blocks, notes = program.read(scan)
    assert [text for _, _, text in blocks] == ["Copy 17"]
    assert notes == ["Page 1 is a picture with only a few words of text layer."], notes


def test_scans_are_refused(program):
    one, two = (scans.scanned(printed(*[print_of((12, 700, TALE))] * n), 100) for n in (1, 2))
    assert program.refusal(one).startswith("no_text: The page has no text layer"), program.refusal(one)
    assert program.refusal(two).startswith("no_text: None of the pages has a text layer")


# ---- with recognition ----

def test_each_word_of_a_clear_scan_is_read(program):
    scan = scans.scanned(printed(print_of((12, 700, TALE)), print_of((12, 700, RULES))), 200)
    blocks, notes = program.read(scan, "--ocr", "eng")
    for page, lines in ((1, TALE), (2, RULES)):
        assert words(" ".join(text for _, number, text in blocks if number == page)) == words(" ".join(lines)), blocks
    assert notes == ["Pages 1-2 were read by character recognition."], notes


def test_headings_and_paragraphs_come_out_as_in_print(program):
    page = printed(print_of((24, 720, ["The Lighthouse"]), (12, 670, TALE), (24, 560, ["House rules"]), (12, 520, RULES)))
    blocks, _ = program.read(scans.scanned(page, 200), "--ocr", "eng")
    assert [(kind, text) for kind, _, text in blocks if kind == "heading"] == [("heading", "The Lighthouse"), ("heading", "House rules")], blocks
    assert ("paragraph", 1, " ".join(TALE)) in blocks, blocks


def test_words_cut_at_the_end_of_a_line_are_joined(program):
    blocks, _ = program.read(scans.scanned(printed(print_of((12, 700, HYPHENS))), 200), "--ocr", "eng")
    assert "his assistants, who live" in blocks[0][2], blocks


def test_print_is_left_as_it_is(program):
    mixed = printed(print_of((12, 700, TALE)))
    assert program.read(mixed, "--ocr", "eng") == program.read(mixed)
    blocks, notes = program.read(DRAWN, "--ocr", "eng")
    assert [b for b in blocks if b[1] in (1, 5)] == program.read(DRAWN)[0]
    assert notes == ["Pages 2-4 and 6 have no text layer, and no characters were recognised on them."], notes


def test_what_is_recognised_takes_the_place_of_a_stamp(program):
    scan = scans.scanned(printed(print_of((12, 700, TALE))), 200, stamp="Copy 17")
    blocks, notes = program.read(scan, "--ocr", "eng")
    text = " ".join(text for _, _, text in blocks)
    assert "counts the ships" in text and text.count("Copy 17") == 1, text
    assert notes == ["Page 1 was read by character recognition."], notes


def test_pictures_without_characters_are_refused(program):
    said = program.refusal(printed(BOX), "--ocr", "eng")
    assert said == "no_text: The pages have no text layer, and no characters were recognised on them.", said


def test_vast_and_tiny_pages_are_bounded(program):
    for side in (14400, 1):
        content = printed(BOX).replace(b"[0 0 612 792]", b"[0 0 %d %d]" % (side, side))
        assert b"[0 0 %d %d]" % (side, side) in content
        assert program.refusal(content, "--ocr", "eng").startswith("no_text: ")


def test_a_language_that_is_not_installed_is_named(program):
    scan = scans.scanned(printed(print_of((12, 700, TALE))), 100)
    assert "apt-get install tesseract-ocr-tlh-latn" in program.refusal(scan, "--ocr", "eng+tlh_latn")
    assert program.refusal(scan, "--ocr", "../eng").startswith("internal: ")


def main():
    tests = [(name, test) for name, test in sorted(globals().items()) if name.startswith("test_")]
    with tempfile.TemporaryDirectory() as folder:
        program = Program(sys.argv[1], folder)
        if not scans.PDFIUM.exists():
            print("skipped: there is no %s" % scans.PDFIUM)
            return SKIPPED
        said = program.run(printed(BOX), "--ocr", "eng").stderr.decode()
        if "apt-get install" in said:
            print("skipped:", said)
            return SKIPPED
        failed = 0
        for name, test in tests:
            try:
                test(program)
            except AssertionError as error:
                failed += 1
                print("%s: %s" % (name, error))
    print("%d tests, %d failed" % (len(tests), failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
