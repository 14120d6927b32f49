"""Workbooks, Word documents and presentations from before 2007 and Outlook messages, sound and hostile: what is read out of each, or the sentence that
refuses it.

legacy.py PROGRAM     PROGRAM extract FILE --json is asked for the blocks
"""
import os
import struct
import sys

import ole
from cases import count_wrong
from ole import biff, container, document, formula, label, long, number, presentation, reference, short, slide, sst, words, workbook

SECONDS = float(os.environ.get("HOSTILE_SECONDS", 10))
CASES = []


def case(name, content, expected):
    """expected: "kind page text" lines, or the beginning of the sentence that refuses the file, or None: either, but in time and without a crash."""
    CASES.append((name, content, expected))


def misnamed(ending, kind):
    return ["note The name ends in %s, but the content is %s and was read as such." % (ending, kind)]


# ---- Excel

BOOK = ole.look() + ole.look(14) + ole.look(9) + ole.look(170) + ole.look(0, 1) + ole.code(170, '0.000" kg"')
FONTS = biff(0x31, struct.pack("<HHHH", 200, 0, 0, 400) + bytes(8)) + biff(0x31, struct.pack("<HHHH", 200, 0, 0, 700) + bytes(8))


def book(*args, **more):
    return container({"Workbook": workbook(*args, **more)})


PEOPLE = sst([long("Name"), long("Größe"), long("Ann"), long("Ζωή", True)])
ROWS = label(0, 0, 0) + label(0, 1, 1) + label(1, 0, 2) + number(1, 1, 1.725, 3) + label(2, 0, 3) + number(2, 1, 40000, 1)
EXPECTED = ["heading 1 People", "table_row 1 Name|Größe", "table_row 1 Ann|1.725 kg", "table_row 1 Ζωή|7/6/09"]
case("people.xls", book({"People": ROWS}, FONTS + BOOK + PEOPLE), EXPECTED)
case("misnamed.doc", book({"People": ROWS}, FONTS + BOOK + PEOPLE), EXPECTED + misnamed(".doc", "Excel (.xls)"))
case("sectors.xls", container({"Workbook": workbook({"People": ROWS}, FONTS + BOOK + PEOPLE) + bytes(9000)}, sector=4096), EXPECTED)
case("scattered.xls", container({"Other": bytes(5000), "Workbook": workbook({"People": ROWS}, FONTS + BOOK + PEOPLE) + bytes(9000)}, scattered=True), EXPECTED)
case("capitals.xls", container({"WORKBOOK": workbook({"People": ROWS}, FONTS + BOOK + PEOPLE)}), EXPECTED)
case("unordered.xls", book({"People": label(2, 0, 3) + number(2, 1, 40000, 1) + number(1, 1, 1.725, 3) + label(1, 0, 2) + label(0, 1, 1) + label(0, 0, 0)},
                           FONTS + BOOK + PEOPLE), EXPECTED)
case("kinds.xls", book({"S": biff(0x27E, struct.pack("<HHHI", 0, 0, 0, 12345 << 2 | 3)) + biff(0xBD, struct.pack("<HHHIHIH", 0, 1, 0, 7 << 2 | 2, 2, 0x3FE00000, 2))
                        + biff(0x205, struct.pack("<HHHBB", 0, 3, 0, 1, 0)) + biff(0x205, struct.pack("<HHHBB", 0, 4, 0, 0x2A, 1))
                        + biff(0x204, struct.pack("<HHH", 0, 5, 0) + long("own")) + biff(0xBE, struct.pack("<HHHHH", 0, 6, 0, 0, 7))}, BOOK),
     ["heading 1 S", "table_row 1 123.45|7|50%|TRUE|#N/A|own"])
case("formulas.xls", book({"S": formula(0, 0, struct.pack("<d", 2.5)) + formula(0, 1, b"\0\0\0\0\0\0\xff\xff") + biff(0x4BC, b"shared") + biff(0x207, long("Text"))
                           + formula(0, 2, b"\1\0\1\0\0\0\xff\xff") + formula(0, 3, b"\2\0\7\0\0\0\xff\xff") + formula(0, 4, b"\3\0\0\0\0\0\xff\xff")}, BOOK),
     ["heading 1 S", "table_row 1 2.5|Text|TRUE|#DIV/0!"])
case("continued.xls", book({"S": label(0, 0, 0) + label(1, 0, 1) + label(2, 0, 2)},
                           biff(0xFC, struct.pack("<II", 3, 3) + struct.pack("<HB", 6, 0) + b"abc") + biff(0x3C, b"\1" + "déf".encode("utf-16-le"))
                           + biff(0x3C, struct.pack("<HBHI", 4, 0x0C, 1, 6) + b"ri") + biff(0x3C, b"\0ch" + b"run!pho") + biff(0x3C, b"net" + long("last"))),
     ["heading 1 S", "paragraph 1 abcdéf", "paragraph 1 rich", "paragraph 1 last"])
case("hidden.xls", book({"A": number(0, 0, 1), "B": number(0, 0, 2), "C": number(0, 0, 3), "D": b""}, BOOK, states={"A": 1, "B": 2}, kinds={"D": 6}),
     ["heading 1 C", "table_row 1 3"])
case("1904.xls", book({"S": number(0, 0, 0, 1)}, BOOK + biff(0x22, struct.pack("<H", 1))), ["heading 1 S", "table_row 1 1/1/04"])
case("bold.xls", book({"S": label(0, 0, 0, 4) + label(0, 1, 1, 4) + label(1, 0, 2) + label(1, 1, 2)}, FONTS + BOOK + PEOPLE),
     ["heading 1 S", "table_header 1 Name|Größe", "table_row 1 Ann|Ann"])
case("frozen.xls", book({"S": biff(0x23E, struct.pack("<H", 8) + bytes(8)) + biff(0x41, struct.pack("<HHHHH", 0, 1, 1, 0, 0)) + label(0, 0, 0) + label(0, 1, 1)
                         + label(1, 0, 2) + label(1, 1, 2)}, PEOPLE), ["heading 1 S", "table_header 1 Name|Größe", "table_row 1 Ann|Ann"])
BOX = biff(0x5D, struct.pack("<HHHH", 0x15, 0x12, 6, 1)) + biff(0x1B6, struct.pack("<HHHHHHH", 0, 0, 0, 0, 0, 8, 16)) + biff(0x3C, b"\0In a box") + biff(0x3C, bytes(16))
case("box.xls", book({"S": BOX + BOX.replace(struct.pack("<H", 6), struct.pack("<H", 0x19), 1).replace(b"In a box", b"A remark")}), ["heading 1 S", "paragraph 1 In a box"])
case("chart.xls", book({"S": number(0, 0, 1) + ole.bof(0x20) + biff(0x100D, struct.pack("<H", 0) + short("Sales")) + number(0, 0, 99) + biff(0x0A) + number(1, 0, 2)}, BOOK),
     ["heading 1 S", "table_row 1 1", "table_row 1 2", "paragraph 1 Sales"])
case("biff5.xls", container({"Book": workbook({"Blatt": biff(0x204, struct.pack("<HHHH", 0, 0, 0, 5) + "Größe".encode("cp1252"))
                                               + biff(0xD6, struct.pack("<HHHH", 1, 0, 0, 4) + "größ".encode("cp1252") + b"\1\0\0")},
                                              biff(0x42, struct.pack("<H", 1252)), version=0x500)}), ["heading 1 Blatt", "paragraph 1 Größe", "paragraph 1 größ"])
case("cyrillic.xls", container({"Book": workbook({"S": biff(0x204, struct.pack("<HHHH", 0, 0, 0, 6) + "Привет".encode("cp1251"))},
                                                 biff(0x42, struct.pack("<H", 1251)), version=0x500)}), ["heading 1 S", "paragraph 1 Привет"])
case("biff4.xls", biff(0x409, struct.pack("<HHH", 0, 0x10, 0)) + biff(0x41E, struct.pack("<HB", 0, 7) + b"General") + biff(0x41E, struct.pack("<HB", 0, 4) + b"0.00")
     + biff(0x443, bytes([0, 1]) + bytes(10)) + biff(0x203, struct.pack("<HHHd", 0, 0, 0, 2.5)) + biff(0x204, struct.pack("<HHHH", 0, 1, 9, 2) + b"ab") + biff(0x0A),
     ["heading 1 Sheet1", "table_row 1 2.50|ab"])
case("biff2.xls", biff(0x09, struct.pack("<HH", 2, 0x10)) + biff(0x04, struct.pack("<HH3sB", 0, 0, b"", 3) + b"old") + biff(0x02, struct.pack("<HH3sH", 0, 1, b"", 7)) + biff(0x0A),
     ["heading 1 Sheet1", "table_row 1 old|7"])
case("locked.xls", book({"S": number(0, 0, 1)}, biff(0x2F, bytes(6))), "The workbook is protected by a password.")
PROTECTED = workbook({"People": ROWS + number(9, 0, 1) * 200}, ole.locked_record() + FONTS + BOOK + PEOPLE)
case("write-protected.xls", container({"Workbook": ole.locked(PROTECTED, "VelvetSweatshop")}), EXPECTED + ["table_row 1 1"])
case("secret.xls", container({"Workbook": ole.locked(PROTECTED, "another one")}), "The workbook is protected by a password.")
case("empty.xls", book({"S": b""}), [])
case("no-book.xls", container({"Something": b"else"}), "This kind of file cannot be read.")
case("page.xls", b"<html><body><table><tr><th>A</th><th>B</th><th>C</th></tr><tr><td>1</td><td>2</td><td>3</td></tr></table></body></html>",
     ["table_header 0 A|B|C", "table_row 0 1|2|3"] + misnamed(".xls", "HTML"))
case("values.xls", b"a\tb\tc\n1\t2\t3\n4\t5\t6\n", ["table_header 0 a|b|c", "table_row 0 1|2|3", "table_row 0 4|5|6"] + misnamed(".xls", "TSV"))

case("encrypted.docx", container({"WordDocument": b"of old", "EncryptionInfo": bytes(200), "EncryptedPackage": bytes(5000)}), "The document is protected by a password.")
case("no-info.xlsx", container({"EncryptedPackage": bytes(5000)}), "The document is protected by a password.")
case("drawing.vsd", container({"VisioDocument": bytes(5000)}), "This kind of file cannot be read.")

# ---- Word

STYLES = ole.stylesheet(ole.style(0), ole.style(1), ole.style(2, changes=struct.pack("<HB", 0x2640, 1)), ole.style(0xFFE, based_on=1), ole.style(62))


def word(*args, **more):
    return container(document(*args, **more))


case("plain.doc", word([b"First \x93one\x94.\rSecond\x0bline\tand\x1emore.\r"]), ["paragraph 0 First “one”.", "paragraph 0 Second line and-more."])
case("pieces.doc", word(["Ξένη ", b"and narrow.\r", "\U0001F600 wide\r"]), ["paragraph 0 Ξένη and narrow.", "paragraph 0 😀 wide"])
case("headings.doc", word([b"One\rTwo\rThree\rTitle\rText\r"], [(1, b""), (2, b""), (3, b""), (4, b""), (0, b"")], styles=STYLES),
     ["heading 0 One", "heading 0 Two", "heading 0 Three", "heading 0 Title", "paragraph 0 Text"])
case("outline.doc", word([b"Own\rText\r"], [(0, struct.pack("<HB", 0x2640, 2)), (0, struct.pack("<HB", 0x2640, 9))]), ["heading 0 Own", "paragraph 0 Text"])
CELL, END = (0, ole.IN_TABLE), (0, ole.IN_TABLE + ole.ROW_END)
case("table.doc", word([b"Before\rName\x07Size\x07Colour\x07\x07Ann\x07Two\rlines\x07\x07\x07After\r"],
                       [(0, b""), CELL, CELL, CELL, END, CELL, CELL, CELL, CELL, END, (0, b"")]),
     ["paragraph 0 Before", "table_header 0 Name|Size|Colour", "table_row 0 Ann|Two lines|", "paragraph 0 After"])
case("fields.doc", word([b"See \x13 HYPERLINK \"u\" \x14the page\x15 now \x13TOC \x13 X \x14 y\x15\x14z\x15, \x13 NOTHING \x15end \x15.\r"]),
     ["paragraph 0 See the page now z, end ."])
case("changes.doc", word([b"Kept gone hidden kept.\r"], characters=[(5, b""), (5, ole.DELETED), (7, ole.HIDDEN), (6, b"")]), ["paragraph 0 Kept kept."])
case("merged.doc", word([b"One\rtwo.\r"], characters=[(3, b""), (1, ole.DELETED), (5, b"")]), ["paragraph 0 Onetwo."])
USE = struct.pack("<I", 1) + struct.pack("<IIIBBBB", 77, 0, 0, 0, 0, 0, 0)
LIST = struct.pack("<H", 1) + struct.pack("<II18sBB", 77, 0, b"", 0, 0)
LEVELS = ole.levels((0, 1, "\0."), (1, 1, "\0.\1)"), (4, 3, "\2)"), (23, 1, "*"), *[(255, 1, "")] * 5)
ITEM = [struct.pack("<HH", 0x460B, 1) + struct.pack("<HB", 0x260A, level) for level in range(4)]
case("lists.doc", word([b"a\rb\rc\rd\re\rf\r"], [(0, ITEM[0]), (0, ITEM[1]), (0, ITEM[1]), (0, ITEM[2]), (0, ITEM[3]), (0, ITEM[0])], lists=LIST, list_levels=LEVELS, uses=USE),
     ["list_item 0 1. a", "list_item 0 1.I) b", "list_item 0 1.II) c", "list_item 0 c) d", "list_item 0 e", "list_item 0 2. f"])
case("parts.doc", word([b"Main.\r\x02 A note.\rHead 1\rHead 1\r7\rRemark\r\x02 At the end.\rIn a box\r"], lengths=[6, 10, 16, 0, 7, 14, 9, 0]),
     ["paragraph 0 Main.", "paragraph 0 A note.", "paragraph 0 At the end.", "paragraph 0 In a box", "paragraph 0 Head 1"])
case("saved.doc", word([b"Kept ", b"gone ", b"now a cell\x07", b"\x07"], [CELL, (0, ole.ROW_END)], changes=[0, 0x41 << 1 | 1 << 8, 0, 1],
                       saved=b"\1" + struct.pack("<H", 3) + ole.IN_TABLE), ["paragraph 0 Kept now a cell"])
case("locked.doc", word([b"secret\r"], flags=0x0100), "The document is protected by a password.")
case("no-tables.doc", container({"WordDocument": document([b"x\r"])["WordDocument"]}), "The file is damaged: the tables of the document are missing.")
case("word2.doc", b"\xDB\xA5\x2D\0" + bytes(600), "Documents of Word 2 and before")
case("words.doc", b"Only words.\n", ["paragraph 0 Only words."] + misnamed(".doc", "plain text"))
case("page.doc", b"<!DOCTYPE html><p>A page.</p>", ["paragraph 0 A page."] + misnamed(".doc", "HTML"))


def word95(text, codepage_font=204):
    """A document as Word 95 wrote them: bytes in one piece, tables in the same stream."""
    fonts = b"\0\0" + bytes([9, 0, 0, 0, codepage_font, 0]) + b"Sans"
    head = bytearray(0x300)
    struct.pack_into("<HHHH", head, 0, 0xA5DC, 104, 0, 0x409)
    struct.pack_into("<II", head, 0x18, 0x300, 0x300 + len(text))
    struct.pack_into("<I", head, 0x34, len(text))
    struct.pack_into("<II", head, 0x58 + 15 * 8, 0x300 + len(text), len(fonts))
    return container({"WordDocument": padded_to(bytes(head) + text + fonts, 4096)})


def padded_to(content, size):
    return content + bytes(max(0, size - len(content)))


case("word95.doc", word95("Привет\rмир\r".encode("cp1251")), ["paragraph 0 Привет", "paragraph 0 мир"])
case("word95-western.doc", word95("Größe\r".encode("cp1252"), 0), ["paragraph 0 Größe"])

# ---- PowerPoint


def deck(*args, **more):
    return container(presentation(*args, **more))


def styled(*runs):
    return b"".join(struct.pack("<IHI", count, level, 0 if bullet is None else 1) + (b"" if bullet is None else struct.pack("<H", bullet)) for count, level, bullet in runs)


case("deck.ppt", deck([slide(ole.shape(words(1, "First\rDeeper\rΤρίτη", styled((6, 0, None), (7, 1, None), (6, 0, 0))), 14), ole.shape(words(0, "The\x0btitle"), 13),
                             ole.shape(words(4, "7"), 8), ole.table({(0, 0): "Plan", (50, 0): "Price", (50, 20): "$5", (0, 20): "Basic"}), ole.shape(words(4, "Free text.")))]),
     ["heading 1 The title", "list_item 1 First", "list_item 1 Deeper", "paragraph 1 Τρίτη", "table_header 1 Plan|Price", "table_row 1 Basic|$5", "paragraph 1 Free text."])
case("outline.ppt", deck([slide(ole.shape(reference(0), 13), ole.shape(reference(1), 14)), slide(ole.shape(reference(0), 13))],
                         {0: words(0, "One") + words(1, "point"), 1: words(6, "Two")}), ["heading 1 One", "list_item 1 point", "heading 2 Two"])
case("notes.ppt", deck([slide(ole.shape(words(0, "T"), 13), notes=1)], noted=[ole.notes("Say this.")]), ["heading 1 T", "heading 1 Notes", "paragraph 1 Say this."])
case("hidden.ppt", deck([slide(ole.shape(words(0, "No")), hidden=True), slide(ole.shape(words(0, "Yes")))]), ["heading 2 Yes"])
case("untitled.ppt", deck([slide(ole.shape(words(0, "One"))), slide(ole.shape(words(4, "A sentence that goes on for so long that nobody would take it for a title of a slide.")))]),
     ["heading 1 One", "heading 2 Slide 2", "paragraph 2 A sentence that goes on for so long that nobody would take it for a title of a slide."])
case("edited.ppt", deck([slide(ole.shape(words(0, "New")))], stale=[slide(ole.shape(words(0, "Old")))]), ["heading 1 New"])
case("grouped.ppt", deck([slide(ole.record(0xF003, [ole.record(0xF004, [b""]), ole.shape(words(4, "Inside")), ole.shape(words(4, "a group of shapes."))]))]),
     ["heading 1 Inside", "paragraph 1 a group of shapes."])
case("locked.ppt", deck([slide()], token=0xF3D1C4DF), "The presentation is protected by a password.")
case("no-user.ppt", container({"PowerPoint Document": presentation([slide(ole.shape(words(0, "Found")))])["PowerPoint Document"]}), ["heading 1 Found"])
LOST = deck([slide(), slide()], {0: words(0, "One") + words(1, "point"), 1: words(1, "A point of the second slide.")})
case("lost-slides.ppt", LOST.replace(struct.pack("<HH", 15, 0x3EE), struct.pack("<HH", 15, 0x3ED)),
     ["heading 1 One", "list_item 1 point", "heading 2 Slide 2", "list_item 2 A point of the second slide."])
case("dual.ppt", container({"PersistentStorage Directory": b"x", "PowerPoint Document": b"old"}), "Presentations of PowerPoint 95 cannot be read")
case("no-deck.ppt", container({"PowerPoint Document": b"nothing"}), "The file holds no presentation.")

# ---- RTF


def rtf(body):
    head = r"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Sans;}{\f1\fcharset204 Sans Cyr;}{\f2\fcharset128 Gothic;}}{\colortbl;\red0;}
{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}{\s2 Heading 2;}{\s3 Title;}{\*\cs9 x;}}{\info{\title Not shown}}{\*\generator Nobody;}
"""
    return (head + body + "}").encode("latin-1")


case("plain.rtf", rtf(r"First \b bold\b0  word.\par Second\line line\tab end\~\emdash\_\{x\}.\par{\pict 0102}Third"),
     ["paragraph 0 First bold word.", "paragraph 0 Second line end —-{x}.", "paragraph 0 Third"])
case("letters.rtf", rtf(r"Gr\'f6\'dfe \u937?\u-10179?\u-8704? {\f1 \'cf\'f0\'e8} {\f2\'93\'fa} {\uc2\u1046 ab}\uc0\u1046 c\par"), ["paragraph 0 Größe Ω😀 При 日 ЖЖc"])
case("headings.rtf", rtf(r"\pard\s1 One\par\pard\s2 Two\par\pard\s3 T\par\pard\outlinelevel2 Three\par\pard Text\par"),
     ["heading 0 One", "heading 0 Two", "heading 0 T", "heading 0 Three", "paragraph 0 Text"])
case("lists.rtf", rtf(r"{\listtext\pard 1.\tab}\ls1\ilvl0 First\par{\listtext a)\tab}\ilvl1 Second\par\pard{\pntext\'b7\tab}Third\par\pard Text\par"),
     ["list_item 0 1. First", "list_item 0 a) Second", "list_item 0 Third", "paragraph 0 Text"])
case("table.rtf", rtf(r"Before\par\trowd\pard\intbl Name\cell Size\cell Colour\cell\row\trowd Ann\par\intbl B.\cell\cell red\cell\row\pard After\par"),
     ["paragraph 0 Before", "table_header 0 Name|Size|Colour", "table_row 0 Ann B.||red", "paragraph 0 After"])
case("hidden.rtf", rtf(r"Shown {\v hidden}{\deleted gone}{\field{\*\fldinst HYPERLINK u}{\fldrslt link}}{\*\unknown away}{\xe index}.\par"), ["paragraph 0 Shown link."])
case("aside.rtf", rtf(r"{\header Acme\par}{\headerl Acme\par 7\par}Text{\footnote A note.} goes on.\par{\footer End\par}"),
     ["paragraph 0 Text goes on.", "paragraph 0 A note.", "paragraph 0 Acme", "paragraph 0 End"])
case("box.rtf", rtf(r"{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt In a box\par}}{\shprslt twice}}After\par"), ["paragraph 0 In a box", "paragraph 0 After"])
case("binary.rtf", rtf("One{\\bin4 }}{{}two\\par"), ["paragraph 0 Onetwo"])
case("misnamed-rtf.doc", rtf("Text\\par"), ["paragraph 0 Text"] + misnamed(".doc", "RTF"))
case("deep.rtf", rtf("{" * 5000 + "x" + "}" * 5000), "The document nests groups too deeply.")
case("unclosed.rtf", b"{\\rtf1 {{{ Text", ["paragraph 0 Text"])
case("closed.rtf", b"{\\rtf1 One\\par}}}}} Two\\par", ["paragraph 0 One", "paragraph 0 Two"])
case("numbers.rtf", rtf(r"\f99999999999\s-5\u99999999999999?\uc-7\bin-3\ilvl99999 x\par"), None)

# ---- traps

SOUND = book({"People": ROWS}, FONTS + BOOK + PEOPLE)
LONG = container({"Workbook": workbook({"People": ROWS}, FONTS + BOOK + PEOPLE) + bytes(60000)})


def changed(content, at, form, *values):
    raw = bytearray(content)
    struct.pack_into(form, raw, at, *values)
    return bytes(raw)


def fat_of(content):
    """Offset of the first sector of the FAT."""
    return 512 + struct.unpack_from("<I", content, 0x4C)[0] * 512


case("loop.xls", changed(LONG, fat_of(LONG) + 4 * 5, "<I", 2), "The file is damaged: a stream inside it runs in a circle.")
case("self.xls", changed(LONG, fat_of(LONG), "<I", 0), "The file is damaged: a stream inside it runs in a circle.")
case("directory-loop.xls", changed(SOUND, fat_of(SOUND) + 4 * struct.unpack_from("<I", SOUND, 0x30)[0], "<I", struct.unpack_from("<I", SOUND, 0x30)[0]),
     "The file is damaged: a stream inside it runs in a circle.")
case("tree-loop.xls", changed(SOUND, 512 + 512 * struct.unpack_from("<I", SOUND, 0x30)[0] + 128 + 68, "<II", 1, 0), EXPECTED)
case("difat-loop.xls", changed(SOUND, 0x2C, "<I", 0x7FFFFFFF)[:0x44] + struct.pack("<II", 0, 0xFFFFFFFF) + SOUND[0x4C:], None)
case("shift.xls", changed(SOUND, 0x1E, "<H", 31), "The file is damaged: its container cannot be opened.")
case("shift-zero.xls", changed(SOUND, 0x1E, "<H", 0), "The file is damaged: its container cannot be opened.")
case("shift-lie.xls", changed(SOUND, 0x1E, "<H", 12), None)
case("sizes.xls", SOUND.replace(struct.pack("<Q", len(workbook({"People": ROWS}, FONTS + BOOK + PEOPLE))), struct.pack("<Q", 0xFFFFFFFF)), None)
case("cut.xls", LONG[:2000], None)
case("header-only.xls", SOUND[:512], None)
case("magic.xls", SOUND[:8], None)
case("sheets.xls", book({"S%d" % i: b"" for i in range(200)}, BOOK), [])


def overlapping():
    """Ten thousand sheets that are all the same large one."""
    rows = b"".join(number(i, 0, i) for i in range(60000))
    stream = workbook({"S": rows}, BOOK)
    bound = biff(0x85, struct.pack("<IBB", 0, 0, 0) + short("S"))
    listed = biff(0x85, struct.pack("<IBB", len(bof_and(BOOK)) + len(bound) * 10000 + 4, 0, 0) + short("S"))
    return container({"Workbook": bof_and(BOOK) + listed * 10000 + biff(0x0A) + stream[stream.index(ole.bof(0x10)):]})


def bof_and(records):
    return ole.bof(5) + records


case("overlapping.xls", overlapping(), "The file is damaged: the sheets of the workbook overlap.")
case("sst-lies.xls", book({"S": label(0, 0, 0xFFFFFFF0) + label(1, 0, 0)}, biff(0xFC, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF) + long("one") + struct.pack("<HB", 65535, 1))),
     ["heading 1 S", "paragraph 1 one"])
case("runs-lie.xls", book({"S": label(0, 0, 0)}, biff(0xFC, struct.pack("<II", 2, 2) + struct.pack("<HBHI", 1, 0x0C, 65535, 0xFFFFFFFF) + b"x")), None)
case("nested.xls", book({"S": ole.bof(0x10) * 5000}), "The workbook nests sheets too deeply.")
case("columns.xls", book({"S": b"".join(biff(0xBD, struct.pack("<HH", 0, i) + struct.pack("<HI", 0, 2) * 1000 + b"\0\0") for i in range(0, 65000, 1000))}, BOOK), None)
case("wide-font.xls", book({"S": number(0, 0, 1, 65535)}), ["heading 1 S", "table_row 1 1"])
case("formats.xls", book({"S": number(0, 0, 0.5, 0)}, ole.look(170) + ole.code(170, "0" * 20000)), None)


def overlapping_pieces():
    """A Word document of a million pieces that are all the same text."""
    streams = document([b"x" * 60000 + b"\r"])
    count = 100000
    table = struct.pack("<%dI" % (count + 1), *range(0, (count + 1) * 20000, 20000)) + struct.pack("<HIH", 0, 0x40000000 | 0x1000, 0) * count
    clx = b"\2" + struct.pack("<I", len(table)) + table
    main = changed(streams["WordDocument"], 0x9A + 33 * 8, "<II", 0, len(clx))
    return container({"WordDocument": changed(main, 0x4C, "<I", 0x7FFFFFF0), "1Table": clx})


case("pieces-overlap.doc", overlapping_pieces(), "The file is damaged: pieces of its text overlap.")
case("lengths.doc", word([b"x\r"], lengths=[0xFFFFFFFF] * 8), "The file is damaged: its text is longer than any can be.")
case("backwards.doc", word([b"one\r", b"two\r"]).replace(struct.pack("<III", 0, 4, 8), struct.pack("<III", 8, 4, 0)), "The file is damaged: the order of its text is lost.")
case("fields-deep.doc", word([b"\x13" * 5000 + b"\x14" * 10 + b"\x15" * 5000 + b"after\r"]), ["paragraph 0 after"])
case("cells-only.doc", word([b"\x07" * 3000 + b"end\r"], [CELL] * 3000), None)
case("styles-loop.doc", word([b"x\r"], [(1, b"")], styles=ole.stylesheet(ole.style(0, 1), ole.style(0, 0))), ["paragraph 0 x"])
case("paragraphs.doc", word([b"\r" * 20000 + b"x\r"]), ["paragraph 0 x"])


def deep_groups():
    inner = ole.shape(words(4, "deep"))
    for _ in range(2000):
        inner = ole.record(0xF003, [inner])
    return deck([slide(inner)])


def edits_in_a_circle():
    streams = presentation([slide(ole.shape(words(0, "x")))])
    stream = bytearray(streams["PowerPoint Document"])
    at = stream.rindex(struct.pack("<HHI", 0, 0xFF5, 28))
    struct.pack_into("<I", stream, at + 16, at)
    return container({**streams, "PowerPoint Document": bytes(stream)})


def same_slide():
    """One large slide that the list names again and again."""
    big = slide(ole.shape(words(0, "x")), ole.shape(words(4, " " * 500000)))
    streams = presentation([big])
    stream = streams["PowerPoint Document"]
    persist = ole.record(0x3F3, struct.pack("<IIiII", 2, 0, 0, 256, 0))
    head = ole.record(0x3E8, [ole.record(0xFF0, [persist] * 5000, instance=0)])
    out, directory = head + big, struct.pack("<III", 1 | 2 << 20, 0, len(head))
    at = len(out)
    out += ole.record(0x1772, directory)
    edit = len(out)
    out += ole.record(0xFF5, struct.pack("<IHBBIIIIHH", 0, 0, 0, 3, 0, at, 1, 3, 0, 0))
    return container({"PowerPoint Document": out, "Current User": ole.record(0xFF6, struct.pack("<IIIHHBBH", 20, 0xE391C05F, edit, 0, 0x3F4, 3, 0, 0))}) if stream else b""


case("groups.ppt", deep_groups(), "The presentation nests shapes too deeply.")
case("edits.ppt", edits_in_a_circle(), ["heading 1 x"])
case("same-slide.ppt", same_slide(), "The file is damaged: its slides overlap.")
case("directory.ppt", deck([slide()]).replace(struct.pack("<I", 1 | 2 << 20), struct.pack("<I", 0xFFFFFFFF)), None)


# ---- Outlook

HEAD = {0x0037: "Order 4711", 0x0042: "Ann Baker", 0x5D02: "ann@example.com", 0x0E04: "Bob; Zoë", 0x0E03: "Carl"}
HEAD_READ = ["heading 0 Order 4711", "paragraph 0 From: Ann Baker <ann@example.com>", "paragraph 0 To: Bob; Zoë", "paragraph 0 Cc: Carl"]
SENT = {(0x0039, 0x40): 134_000_000_000_000_000 // 10_000_000 * 10_000_000}
DATE = "paragraph 0 Date: Mon, 18 Aug 2025 14:13:20 +0000"


def mail(texts, *args, **more):
    return container(ole.message({**HEAD, **texts}, *args, **more))


case("plain.msg", mail({0x1000: "Hello,\r\n\r\nthe parcel is late.\r\n"}, SENT), HEAD_READ + [DATE, "paragraph 0 Hello,", "paragraph 0 the parcel is late."])
case("misnamed.txt", mail({0x1000: "Hello"}), HEAD_READ + ["paragraph 0 Hello"] + misnamed(".txt", "an Outlook message (.msg)"))
case("received.msg", mail({0x1000: "x"}, {(0x0E06, 0x40): SENT[0x0039, 0x40]}), HEAD_READ + [DATE, "paragraph 0 x"])
case("codepage.msg", mail({0x0037: "Заказ".encode("cp1251"), 0x1000: "Привет".encode("cp1251")}, {(0x3FFD, 3): 1251}),
     ["heading 0 Заказ"] + HEAD_READ[1:] + ["paragraph 0 Привет"])
case("internet-codepage.msg", mail({0x1000: "Привет".encode("koi8-r")}, {(0x3FDE, 3): 20866}), HEAD_READ + ["paragraph 0 Привет"])
case("page.msg", mail({0x1000: " \r\n", 0x1013: ("<html><body><h1>Prices</h1><p>From <b>May</b> on</p></body></html>".encode(),)}),
     HEAD_READ + ["heading 0 Prices", "paragraph 0 From May on"])
case("page-as-text.msg", mail({0x1013: "<p>Größe</p>"}), HEAD_READ + ["paragraph 0 Größe"])
RTF = "{\\rtf1\\ansi\\ansicpg1252 The first line\\par and the second one, Gr\\'f6\\'dfe\\par}"
for number, kind in enumerate((0x75465A4C, 0x414C454D)):
    case("rtf%d.msg" % number, mail({0x1009: (ole.compressed_rtf(RTF, kind),)}), HEAD_READ + ["paragraph 0 The first line", "paragraph 0 and the second one, Größe"])
# The example of [MS-OXRTFCP] 4.1, whose references reach into what the ring begins with.
case("rtf-example.msg", mail({0x1009: (bytes.fromhex("2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
                                                     "0af32068656c090020627705b06c647d0a800fa0"),)}), HEAD_READ + ["paragraph 0 hello world"])
case("attached.msg", mail({0x1000: "See below"}, attachments=[ole.attachment("prices.xlsx"), ole.attachment("logo.png", hidden=True), ole.attachment("Größe.pdf")]),
     HEAD_READ + ["paragraph 0 See below", "paragraph 0 Attachment: prices.xlsx", "paragraph 0 Attachment: Größe.pdf"])
INNER = ole.message({0x0037: "Inner", 0x0C1A: "Dora", 0x0C1F: "/O=EXCHANGE/CN=DORA", 0x1000: "Forwarded text"}, head=24)
case("forwarded.msg", mail({0x1000: "See below"}, attachments=[ole.attachment(message=INNER), ole.attachment("last.txt")]),
     HEAD_READ + ["paragraph 0 See below", "heading 0 Inner", "paragraph 0 From: Dora", "paragraph 0 Forwarded text", "paragraph 0 Attachment: last.txt"])
case("address-alone.msg", container(ole.message({0x0C1F: "ann@example.com", 0x1000: "x"})), ["paragraph 0 From: ann@example.com", "paragraph 0 x"])
case("nothing.msg", container(ole.message({})), [])


def nested_messages(depth):
    content = ole.message({0x1000: "deepest"}, head=24)
    for _ in range(depth):
        content = ole.message({}, attachments=[ole.attachment(message=content)], head=24)
    return container({**content, "__properties_version1.0": ole.values(32, {})})


MESSAGE = "__substg1.0_3701000D"


def same_message(content, named):
    """Attachments whose messages all are what stands in the first storage that is `named`."""
    raw = bytearray(mail({0x1000: "again"}, attachments=[ole.attachment(message=content)] + [ole.attachment(message={"x": b"x"})] * 900))
    wanted, at = struct.unpack_from("<I", raw, raw.index(named.encode("utf-16-le")) + 76)[0], 0
    while (at := raw.find(MESSAGE.encode("utf-16-le"), at)) >= 0:
        struct.pack_into("<I", raw, at + 76, wanted)
        at += 1
    return bytes(raw)


case("deep.msg", nested_messages(8), ["paragraph 0 deepest"])
case("too-deep.msg", nested_messages(9), "The message nests its parts too deeply.")
case("many.msg", mail({}, attachments=[ole.attachment(message=INNER)] * 1200), "The message has too many parts.")
case("in-itself.msg", same_message({"x": b"x"}, "Root Entry"), "The message nests its parts too deeply.")
case("overlapping.msg", same_message(ole.message({0x1000: "x" * 100000}, head=24), MESSAGE), "The file is damaged: parts of the message overlap.")
case("rtf-cut.msg", mail({0x1009: (ole.compressed_rtf(RTF)[:40],)}), None)
case("rtf-lies.msg", mail({0x1009: (struct.pack("<IIII", 0xFFFFFFFF, 0xFFFFFFFF, 0x75465A4C, 0) + b"\xff\x12\x3f" * 30000,)}), None)
case("times.msg", mail({}, {(0x0039, 0x40): 2 ** 64 - 1}), HEAD_READ)


def broken():
    """Each of four sound files with bytes overwritten and ends cut off, the same way every time."""
    sound = [("b.xls", SOUND), ("b.doc", word([b"One\rcell\x07\x07two\r"], [(1, b""), CELL, END, (0, ITEM[0])], [(3, ole.BOLD), (9, b"")], STYLES, LIST, LEVELS, USE)),
             ("b.ppt", deck([slide(ole.shape(words(0, "T")), ole.table({(0, 0): "a", (1, 0): "b"}), notes=1)], noted=[ole.notes("n")])),
             ("b.msg", mail({0x1009: (ole.compressed_rtf(RTF),)}, SENT, [ole.attachment("a.txt"), ole.attachment(message=INNER)]))]
    state = 12345
    for name, content in sound:
        for i in range(60):
            raw = bytearray(content)
            for _ in range(1 + i % 7):
                state = (state * 1103515245 + 12345) % (1 << 31)
                at = state % len(raw)
                raw[at] = (0, 255, 127, 1, state >> 16 & 255)[state >> 8 & 3]
            yield "%d%s" % (i, name), bytes(raw[:len(raw) - (state >> 4) % 2000] if i % 5 == 4 else raw)


CASES += [(name, content, None) for name, content in broken()]


if __name__ == "__main__":
    sys.exit(count_wrong(sys.argv[1], CASES, SECONDS) > 0)
