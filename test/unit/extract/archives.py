"""Archives of documents, sound and hostile: what is read out of each and noted, or the sentence that refuses it.

archives.py PROGRAM     PROGRAM extract FILE --json is asked for the blocks
"""
import io
import os
import random
import sys
import zipfile

import ole
from cases import count_wrong
from documents import docx, epub, opendocument, pages, paragraphs, pdf, zipped
from hostile import archive

SECONDS = float(os.environ.get("HOSTILE_SECONDS", 10))
CASES = []


def case(name, content, expected):
    """expected: "kind page text" and "note sentence" lines, or the beginning of the sentence that refuses the file, or None: either, but in time and
    without a crash."""
    CASES.append((name, content, expected))


HEADED = docx('<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>Leave</w:t></w:r></w:p>' + paragraphs("Thirty days."))
PDF = pdf(pages(["BT /F1 12 Tf 72 700 Td (First page) Tj ET", "BT /F1 12 Tf 72 700 Td (Second page) Tj ET"]))
SCANNED = pdf(pages(["BT /F1 12 Tf 72 700 Td (Read) Tj ET", "0 0 100 100 re f"]))
MAIL = ole.container(ole.message({0x0037: "Order", 0x1000: "It is late."}))
SOUND = {"hr/leave.docx": HEADED, "guide.pdf": PDF, "prices.csv": "city,price\nGraz,10\nWien,12\n", "notes/a b.md": "# One\n\nText of **one**.\n"}
READ = ["heading 0 hr/leave.docx", "heading 0 Leave", "paragraph 0 Thirty days.", "heading 1 guide.pdf", "paragraph 1 First page", "paragraph 2 Second page",
        "heading 0 prices.csv", "table_header 0 city|price", "table_row 0 Graz|10", "table_row 0 Wien|12", "heading 0 notes/a b.md", "heading 0 One", "paragraph 0 Text of one."]
case("sound.zip", zipped(SOUND), READ)
case("stored.zip", zipped(SOUND, zipfile.ZIP_STORED), READ)
case("no-ending", zipped(SOUND, zipfile.ZIP_STORED), READ)
case("kinds.zip", zipped({"mail.msg": MAIL, "book.epub": epub({"1.xhtml": "<p>A chapter</p>"}), "text.odt": opendocument("text", "<text:p>A letter</text:p>"),
                          "page.html": "<h2>Prices</h2><p>From May on</p>", "data.json": '[{"a": 1}]', "plain.txt": "Words."}),
     ["heading 0 mail.msg", "heading 0 Order", "paragraph 0 It is late.", "heading 0 book.epub", "heading 0 Chapter", "paragraph 0 A chapter", "heading 0 text.odt", "paragraph 0 A letter",
      "heading 0 page.html", "heading 0 Prices", "paragraph 0 From May on", "heading 0 data.json", "paragraph 0 [0].a: 1", "heading 0 plain.txt", "paragraph 0 Words."])
case("folders.zip", zipped({"a/": "", "a/b/": "", "a/b/c.txt": "Deep.", "__MACOSX/a/b/._c.txt": "junk", "a/.DS_Store": "junk", "empty.txt": ""}),
     ["heading 0 a/b/c.txt", "paragraph 0 Deep."])
case("word.zip", zipped({"word/letter.txt": "In a folder of that name.", "xl/list.txt": "Here too."}),
     ["heading 0 word/letter.txt", "paragraph 0 In a folder of that name.", "heading 0 xl/list.txt", "paragraph 0 Here too."])
case("unread.zip", zipped({"logo.png": b"\x89PNG\r\n\x1a\n", "inner.zip": zipped({"a.txt": "inside"}), "a.txt": "Read.", "cut.docx": HEADED[:len(HEADED) // 2],
                           "scan.pdf": SCANNED}),
     ["heading 0 a.txt", "paragraph 0 Read.", "heading 1 scan.pdf", "paragraph 1 Read", "note logo.png: This kind of file cannot be read.",
      "note inner.zip: An archive inside an archive is not read.", "note cut.docx: The file is a damaged ZIP package.", "note scan.pdf: Page 2 has no text layer."])
case("many-unread.zip", zipped({**{"pictures/%03d.png" % i: b"\x89PNG\r\n\x1a\n" for i in range(100)}, "a.txt": "Read."}),
     ["heading 0 a.txt", "paragraph 0 Read."] + ["note pictures/%03d.png: This kind of file cannot be read." % i for i in range(17)]
     + ["note 83 more files of the archive could not be read."])
case("none.zip", zipped({"logo.png": b"\x89PNG\r\n\x1a\n", "b.png": b"\x89PNG\r\n\x1a\n"}), "logo.png: This kind of file cannot be read.")
case("in-archive.zip", zipped({"inner.zip": zipped({"a.txt": "inside"})}), "inner.zip: An archive inside an archive is not read.")
case("only-folders.zip", zipped({"a/": "", "__MACOSX/x": "junk"}), "The archive holds no document.")
case("odd-names.zip", zipped({"../../etc/passwd": "Up.", "a\u202eb.txt": "Turned.", "Größe/Ζωή.txt": "Named.", "/root.txt": "Rooted.", "x" * 3000 + ".txt": "Long."}),
     ["heading 0 ../../etc/passwd", "paragraph 0 Up.", "heading 0 ab.txt", "paragraph 0 Turned.", "heading 0 Größe/Ζωή.txt", "paragraph 0 Named.", "heading 0 /root.txt",
      "paragraph 0 Rooted.", "heading 0 " + "x" * 3000 + ".txt", "paragraph 0 Long."])
case("control.zip", zipped({"a\u202e\u0001b.txt": "Turned."}), "The file is a damaged ZIP package.")
case("named-in-dos.zip", archive([(b"Gr\x94\xe1e.txt", b"Named.", None, 0)]), ["heading 0 Größe.txt", "paragraph 0 Named."])
case("locked.zip", archive([(b"a.txt", b"Secret.", None, 1), (b"b.txt", b"Open.", None, 0)]),
     ["heading 0 b.txt", "paragraph 0 Open.", "note a.txt: The file is protected by a password."])
case("all-locked.zip", archive([(b"a.txt", b"Secret.", None, 1)]), "a.txt: The file is protected by a password.")
case("declared-small.zip", archive([(b"a.txt", b"More than declared. " * 100, 5, 0), (b"b.txt", b"Open.", None, 0)]), None)
case("twice.zip", archive([(b"a.txt", b"One.", None, 0), (b"a.txt", b"Two.", None, 0)]), None)


def broken():
    """A sound archive with bytes overwritten and ends cut off, the same way every time."""
    content, chance = zipped({"a.txt": "Read.", "b.docx": HEADED, "c.msg": MAIL}), random.Random(4)
    for i in range(200):
        raw = bytearray(content)
        for _ in range(1 + i % 7):
            raw[chance.randrange(len(raw))] = chance.choice((0, 255, 127, 1, chance.randrange(256)))
        yield "%d.zip" % i, bytes(raw[:chance.randrange(len(raw))] if i % 5 == 4 else raw)


CASES += [(name, content, None) for name, content in broken()]


if __name__ == "__main__":
    sys.exit(count_wrong(sys.argv[1], CASES, SECONDS) > 0)
