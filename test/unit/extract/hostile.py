"""Documents made to harm their reader: each must end in text or in one clear refusal, in time.

    hostile.py PROGRAM [--without NAME,NAME...] [NAME ...]      PROGRAM is chatifix or chatifix_extract

HOSTILE_SECONDS (10) is the computing time that one document may take. It is far above what is usual, so that a busy machine does not fail the test, and below the
30 seconds after which the worker is stopped. Memory needs no look here: the sandbox bounds it (test_sandbox.c).
"""
import concurrent.futures
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

from documents import container, docx, docx_members, epub, opendocument, pages, paragraphs, pdf, zipped

SECONDS = float(os.environ.get("HOSTILE_SECONDS", 10))
TEXT = "text"
MEGABYTE = 1 << 20
TRAPS = []


def trap(name, *ends):
    """Registers the function that makes the document `name`; `ends` are the codes it may end in, "text" among them."""
    def register(make):
        TRAPS.append((name, ends, make))
        return make
    return register


def member(name, content, declared=None, flags=0):
    """A local and a central header with its deflated content; `declared` is the size that the headers claim."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    size = len(content) if declared is None else declared
    fields = struct.pack("<HHHHLLL", flags, 8, 0, 33, zlib.crc32(content), len(packed), size)
    return b"PK\3\4\x14\0" + fields + struct.pack("<HH", len(name), 0) + name + packed, fields


def archive(members, shared=None):
    """A ZIP of (name, content, declared, flags); with `shared` all central headers point to the first member's data."""
    out, central = b"", b""
    for name, content, declared, flags in members:
        local, fields = member(name, content, declared, flags)
        at = 0 if shared else len(out)
        out += b"" if shared and out else local
        central += b"PK\1\2\x14\0\x14\0" + fields + struct.pack("<HHHHHLL", len(name), 0, 0, 0, 0, 0, at) + name
    return out + central + b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, len(members), len(members), len(central), len(out), 0)


def plain(**changed):
    """The members of a small Word document with some replaced."""
    members = {name: text.encode() for name, text in docx_members(paragraphs("harmless")).items()}
    members.update({"word/%s.xml" % name: content for name, content in changed.items()})
    return members


@trap("bomb.docx", "too_complex", "too_large", "damaged")
def _():
    return zipped(plain(document=b"<w:document xmlns:w='x'>" + b" " * (300 * MEGABYTE)))


@trap("bomb-of-text.docx", "too_complex", "too_large")
def _():
    return docx(paragraphs("A" * 1000) * 100000)


@trap("declared-small.docx", "too_complex", "too_large", "damaged")
def _():
    return archive([(n.encode(), c, None, 0) for n, c in plain(document=None).items() if c] +
                   [(b"word/document.xml", b"<w:document xmlns:w='x'>" + b" " * (64 * MEGABYTE), 100, 0)])


@trap("declared-huge.docx", TEXT, "damaged")
def _():
    return archive([(n.encode(), c, 0xFFFFFFF0, 0) for n, c in plain().items()])


@trap("bomb.zip", "too_complex", "too_large")
def _():
    return zipped({"a.txt": "harmless", "b.txt": b" " * (300 * MEGABYTE)})


@trap("bomb-of-members.zip", "too_complex", "too_large")
def _():
    return zipped({"%d.txt" % i: b"A" * (2 * MEGABYTE) for i in range(200)})


@trap("bomb-declared-small.zip", "too_complex", "too_large", "damaged")
def _():
    return archive([(b"a.txt", b"harmless", None, 0), (b"b.txt", b" " * (64 * MEGABYTE), 100, 0)])


@trap("bomb-inside.zip", "too_complex", "too_large")
def _():
    """Each package keeps the bounds that it would have alone; together they unpack to a hundred times as much."""
    inner = docx(paragraphs("A" * 1000) * 1900)
    return zipped({"%03d.docx" % i: inner for i in range(400)}, zipfile.ZIP_STORED)


@trap("quine.zip", "unsupported_format")
def _():
    inner = b""
    for _ in range(10):
        inner = zipped({"inner.zip": inner or "end"}, zipfile.ZIP_STORED)
    return inner


@trap("members.zip", "too_complex")
def _():
    return zipped({"%d.txt" % i: "x" for i in range(5000)})


@trap("overlapping.zip", "damaged")
def _():
    return archive([(b"a.txt", b"one" * 1000, None, 0)] + [(b"%d.txt" % i, b"", None, 0) for i in range(900)], shared=True)


@trap("laughs-inside.zip", TEXT)
def _():
    laughs = '<!DOCTYPE a [<!ENTITY b "ha">%s]><a>&b9;</a>' % "".join('<!ENTITY b%d "%s">' % (i, ("&b%s;" % (i - 1 if i else "")) * 10) for i in range(10))
    return zipped({"a.txt": "harmless", "b.xml": '<?xml version="1.0"?>' + laughs, "c.docx": docx(paragraphs("x"), prolog='<!DOCTYPE a [<!ENTITY b "ha">]>')})


@trap("many-packages.zip", TEXT)
def _():
    inner = docx(paragraphs("harmless"))
    return zipped({"%d.docx" % i: inner for i in range(4000)})


@trap("many-pages.zip", TEXT)
def _():
    inner = pdf(pages(["BT /F1 12 Tf 72 700 Td (found) Tj ET"]))
    return zipped({"%d.pdf" % i: inner for i in range(1000)})


@trap("nested.docx", "damaged")
def _():
    inner = b"\0" * MEGABYTE
    for _ in range(6):
        inner = zipped({"word/document.xml": inner, "word/styles.xml": inner})
    return inner


@trap("overlapping.docx", "damaged")
def _():
    return archive([(b"word/document.xml", docx_members(paragraphs("one"))["word/document.xml"].encode(), None, 0)] +
                   [(b"word/%d.xml" % i, b"", None, 0) for i in range(900)], shared=True)


@trap("quoted.xlsx", "damaged")
def _():
    """A member whose data reach over the next one's header, as in the bombs of 2019."""
    whole = bytearray(archive([(b"xl/%d.xml" % i, b"<a/>", None, 0) for i in range(3)]))
    first = whole.index(b"PK\1\2")
    size = struct.unpack_from("<L", whole, first + 20)[0]
    struct.pack_into("<L", whole, first + 20, size + 40)
    return bytes(whole)


@trap("over-list.xlsx", "damaged")
def _():
    whole = bytearray(archive([(b"xl/workbook.xml", b"<a/>", None, 0)]))
    struct.pack_into("<L", whole, whole.index(b"PK\1\2") + 20, 10000)
    return bytes(whole)


@trap("bomb-of-cells.xlsx", "too_complex", "too_large")
def _():
    sheet = "<worksheet><sheetData>" + "<row><c><v>1</v></c></row>" * (4 * MEGABYTE) + "</sheetData></worksheet>"
    return zipped({"xl/workbook.xml": "<workbook xmlns:r='x/relationships'><sheets><sheet name='a' r:id='r1'/></sheets></workbook>",
                   "xl/worksheets/s.xml": sheet,
                   "xl/_rels/workbook.xml.rels": "<Relationships><Relationship Id='r1' Type='/worksheet' Target='worksheets/s.xml'/></Relationships>"})


@trap("many-members.docx", "too_complex")
def _():
    return zipped({**plain(), **{"word/media/%d" % i: b"" for i in range(20000)}}, zipfile.ZIP_STORED)


@trap("names-twice.docx", TEXT, "damaged")
def _():
    return archive([(n.encode(), c, None, 0) for n, c in plain().items()] * 2)


@trap("locked.docx", "encrypted")
def _():
    return archive([(n.encode(), c, None, 1) for n, c in plain().items()])


@trap("ole-locked.docx", "unsupported_format", "encrypted")
def _():
    return b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + b"\0" * 4096 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4096


@trap("no-document.docx", "damaged")
def _():
    return zipped({"word/other.xml": "<x/>"})


@trap("empty.docx", "unsupported_format")
def _():
    return zipped({})


@trap("laughs.docx", "damaged")
def _():
    entities = "<!ENTITY a0 'ha'>" + "".join("<!ENTITY a%d '%s'>" % (i, "&a%d;" % (i - 1) * 10) for i in range(1, 12))
    return docx(paragraphs("&a11;"), prolog="<?xml version='1.0'?><!DOCTYPE d [%s]>" % entities)


@trap("quadratic.docx", "damaged")
def _():
    return docx(paragraphs("&a;" * 50000), prolog="<!DOCTYPE d [<!ENTITY a '%s'>]>" % ("x" * 50000))


@trap("outside.docx", "damaged")
def _():
    return docx(paragraphs("&x;"), prolog="<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>")


@trap("doctype-in-styles.docx", "damaged")
def _():
    return zipped({**plain(), **{"word/styles.xml": "<!DOCTYPE s><s/>", "word/_rels/document.xml.rels":
                                 '<Relationships><Relationship Type="/styles" Target="styles.xml"/></Relationships>'}})


@trap("deep.docx", "too_complex", "damaged")
def _():
    return docx("<w:p>" * 200000)


@trap("deep-tables.docx", "too_complex")
def _():
    return docx("<w:tbl><w:tr><w:tc>" * 40 + "</w:tc></w:tr></w:tbl>" * 40)


@trap("many-styles.docx", TEXT)
def _():
    styles = "".join('<w:style w:styleId="s%d"><w:basedOn w:val="s%d"/></w:style>' % (i, i + 1) for i in range(5000))
    body = "".join('<w:p><w:pPr><w:pStyle w:val="s%d"/></w:pPr><w:r><w:t>%d</w:t></w:r></w:p>' % (4000 - i % 50, i) for i in range(60000))
    return docx(body, {"styles": styles})


@trap("circular-relations.docx", TEXT, "damaged")
def _():
    return zipped({**plain(), "_rels/.rels": '<Relationships><Relationship Type="/officeDocument" Target="_rels/.rels"/></Relationships>'})


@trap("climbing-relations.docx", TEXT, "damaged")
def _():
    return zipped({**plain(), "_rels/.rels": '<Relationships><Relationship Type="/officeDocument" Target="../../../../etc/passwd"/></Relationships>'})


@trap("one-attribute.docx", TEXT, "damaged", "too_large")
def _():
    return docx('<w:p w:x="%s"/>' % os.urandom(12 * MEGABYTE).hex())


@trap("many-attributes.docx", "too_complex")
def _():
    return docx("<w:p %s/>" % " ".join("a%d='%d'" % (i, i) for i in range(200000)))


@trap("cut.docx", "damaged")
def _():
    whole = docx(paragraphs(*map(str, range(1000))))
    return whole[:len(whole) // 2]


@trap("flipped.docx", "damaged")
def _():
    whole = bytearray(docx(paragraphs(*map(str, range(5000)))))
    for at in range(2000, 6000, 50):
        whole[at] ^= 0xFF
    return bytes(whole)


@trap("bomb.odt", "too_complex", "too_large")
def _():
    return opendocument("text", "<text:p>%s</text:p>" % ("A" * 1000) * 200000)


@trap("laughs.odt", "damaged")
def _():
    entities = "<!ENTITY a0 'ha'>" + "".join("<!ENTITY a%d '%s'>" % (i, "&a%d;" % (i - 1) * 10) for i in range(1, 12))
    return container("application/vnd.oasis.opendocument.text", {"content.xml": "<!DOCTYPE d [%s]><d>&a11;</d>" % entities})


@trap("deep.odt", "too_complex", "damaged")
def _():
    return opendocument("text", "<text:list><text:list-item>" * 100000)


@trap("deep-tables.odt", "too_complex", TEXT)
def _():
    return opendocument("text", "<table:table><table:table-row><table:table-cell>" * 60 + "<text:p>x</text:p>" + "</table:table-cell></table:table-row></table:table>" * 60)


@trap("repeated-columns.ods", TEXT, "too_large")
def _():
    row = '<table:table-row><table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row>'
    return opendocument("spreadsheet", "<table:table>%s</table:table>" % (row * 2000))


@trap("repeated-rows.ods", TEXT)
def _():
    row = '<table:table-row table:number-rows-repeated="2000000000"><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>'
    return opendocument("spreadsheet", "<table:table>%s</table:table>" % (row * 100))


@trap("bomb.epub", "too_complex", "too_large")
def _():
    return epub({"a.xhtml": "<p>%s</p>" % ("A" * 1000) * 300000})


@trap("same-chapter.epub", TEXT, "too_large", "too_complex")
def _():
    book = "<p>%s</p>" % " ".join(map(str, range(20000)))
    members = {"META-INF/container.xml": '<container><rootfile full-path="b.opf"/></container>', "a.xhtml": book,
               "b.opf": '<package><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>%s</package>' % ('<itemref idref="a"/>' * 100000)}
    return container("application/epub+zip", members)


@trap("no-chapters.epub", "damaged")
def _():
    return container("application/epub+zip", {"META-INF/container.xml": "<container/>"})


@trap("climbing.epub", TEXT, "no_text", "damaged")
def _():
    return epub({"../../../../etc/passwd": "<p>harmless</p>"})


HEAD = b"From: a@example.org\nMIME-Version: 1.0\nSubject: x\n"


@trap("deep.eml", "too_complex")
def _():
    return HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(5000)) + b"\n\nend"


@trap("many-parts.eml", "too_complex")
def _():
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 500000


@trap("forwarded.eml", "too_complex")
def _():
    return HEAD + b"Content-Type: message/rfc822\n\n" * 5000 + b"\nend"


@trap("words.eml", TEXT)
def _():
    return HEAD + b"To: " + b" =?utf-8?Q?a?=" * 70000 + b"\n\ntext"


@trap("one-header.eml", TEXT, "too_large")
def _():
    return HEAD + b"To: " + b"a\n " * (4 * MEGABYTE) + b"\n\ntext"


@trap("base64.eml", TEXT, "too_large")
def _():
    return HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"QUJD" * (5 * MEGABYTE)


@trap("deep.json", "too_complex")
def _():
    return b"[" * (10 * MEGABYTE)


@trap("deep-objects.json", "too_complex")
def _():
    return b'{"a":' * MEGABYTE


@trap("deep-and-long.json", TEXT, "too_large")
def _():
    return b"[" * 250 + b",".join([b'{"a":[1,{"b":2}]}'] * 400000) + b"]" * 250


@trap("deep-records.json", TEXT)
def _():
    return b'[{"a":' * 120 + b'"%s"' % (b"x " * 4 * MEGABYTE) + b"}]" * 120


@trap("many-keys.json", TEXT, "too_large")
def _():
    return b"[" + b",".join(b'{"k%d":1,"x":2}' % i for i in range(300000)) + b"]"


@trap("wide.json", TEXT, "too_large")
def _():
    return b"[{%s},{}]" % b",".join(b'"k%d":%d' % (i, i) for i in range(500000))


@trap("long-string.json", TEXT)
def _():
    return b'{"a":"%s"}' % (b"\\u0041" * (3 * MEGABYTE))


@trap("cut.json", "damaged")
def _():
    return b'{"a": [' + b"1," * 100000


@trap("deep.html", TEXT, "too_complex", "too_large")
def _():
    return b"<html>" + b"<div>" * 300000 + b"deep"


@trap("deep-headers.html", TEXT, "too_complex", "too_large")
def _():
    return b"<html>" + b"<header>" * 100000 + b"<h1>deep</h1>"


@trap("deep-formatting.html", TEXT, "too_complex", "too_large")
def _():
    return b"<html>" + b"<b><i><a><font><p>" * 20000 + b"deep"


@trap("deep-tables.html", TEXT, "too_complex", "too_large")
def _():
    return b"<html>" + b"<table><tr><td>" * 30000 + b"deep"


@trap("deep-lists.html", TEXT, "too_complex", "too_large")
def _():
    return b"<html>" + b"<ul><li>item" * 50000


@trap("misnested.html", TEXT, "too_complex", "too_large")
def _():
    return b"<html>" + b"<a href=x><p>one</a>two" * 20000


@trap("attributes.html", "too_complex")
def _():
    return b"<html><p " + b" ".join(b"a%d=%d" % (i, i) for i in range(30000)) + b">text"


@trap("unclosed.html", TEXT)
def _():
    return b"<html><p>text<!-- " + b"x" * (10 * MEGABYTE)


@trap("columns.csv", TEXT, "too_complex")
def _():
    return b",".join(b"c%d" % i for i in range(10 ** 6)) + b"\n" + b",".join(b"%d" % i for i in range(10 ** 6))


@trap("empty-rows.csv", TEXT)
def _():
    return b"a,b\n" + b",\n" * (5 * MEGABYTE)


@trap("one-quote.csv", TEXT)
def _():
    return b'a,b\n"' + b"never closed, " * (MEGABYTE // 2)


@trap("only-quotes.csv", TEXT)
def _():
    return b'"' * (20 * MEGABYTE)


@trap("one-line.txt", TEXT, "too_large")
def _():
    return b"word " * (20 * MEGABYTE)


@trap("no-space.txt", TEXT, "too_large")
def _():
    return b"x" * (50 * MEGABYTE)


@trap("lines.txt", TEXT, "too_large")
def _():
    return b"- a\n" * (5 * MEGABYTE)


@trap("zeros.txt", "unsupported_format", "damaged")
def _():
    return b"\0" * (10 * MEGABYTE)


@trap("late-zeros.txt", "damaged")
def _():
    return b"text\n" * 100000 + b"\0" * 1000


@trap("bad-utf8.txt", TEXT)
def _():
    return b"a\xC3 \xFF\xFE\xED\xA0\x80 \xF8\x88\x80\x80\x80 b\n" * 100000


@trap("bad-utf16.txt", TEXT)
def _():
    return b"\xFF\xFE" + b"\x00\xD8a\x00" * 500000 + b"x"


@trap("escapes.txt", TEXT)
def _():
    return b"\x1B]0;title\x07\x1B[2J text that is long enough for one sign\r\n" * 1000


@trap("quotes.md", TEXT, "too_complex")
def _():
    return (b"> " * 5000 + b"deep\n") * 20


@trap("brackets.md", TEXT)
def _():
    return b"[" * 200000 + b"a" + b"](b)" * 200000


@trap("emphasis.md", TEXT)
def _():
    return b"*a_ " * 200000


@trap("lists.md", TEXT)
def _():
    return b"".join(b"  " * i + b"- item\n" for i in range(2000))


@trap("references.md", TEXT)
def _():
    return b"".join(b"[r%d]: /u\n" % i for i in range(50000)) + b"[x][r1] " * 50000


@trap("table.md", TEXT)
def _():
    return b"|" + b"a|" * 20000 + b"\n|" + b"-|" * 20000 + b"\n" + b"|\n" * 2000


@trap("backticks.md", TEXT)
def _():
    return b"".join(b"`" * (i % 300) + b"a" for i in range(30000))


@trap("front.md", TEXT)
def _():
    return b"---\n" + b"title: x\n" * 500000


@trap("locked.pdf", "encrypted")
def _():
    return re.sub(rb"/Root 1 0 R", b"/Root 1 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <%s> /U <%s> >>"
                  % (b"11" * 32, b"22" * 32), pdf(pages(["BT /F1 12 Tf (secret) Tj ET"])))


@trap("pages-loop.pdf", TEXT, "damaged", "no_text")
def _():
    return pdf({**pages([""]), "2": "<< /Type /Pages /Kids [2 0 R 2 0 R 6 0 R] /Count 9 >>"})


@trap("pages-parents.pdf", TEXT, "damaged", "no_text")
def _():
    return pdf({"1": "<< /Type /Catalog /Pages 2 0 R >>", "2": "<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 3 0 R >>",
                "3": "<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>"})


@trap("many-pages.pdf", "too_large", "damaged", "no_text")
def _():
    return pdf({**pages([""]), "2": "<< /Type /Pages /Kids [6 0 R] /Count 2000000000 >>"})


@trap("negative-pages.pdf", "damaged", "no_text", TEXT)
def _():
    return pdf({**pages([""]), "2": "<< /Type /Pages /Kids [6 0 R] /Count -5 >>"})


@trap("same-page.pdf", TEXT, "too_large", "no_text", "damaged")
def _():
    return pdf({**pages(["BT /F1 12 Tf 72 700 Td (again) Tj ET"]), "2": "<< /Type /Pages /Kids [%s] /Count 5000 >>" % ("6 0 R " * 5000)})


@trap("stream-bomb.pdf", TEXT, "too_large", "damaged", "no_text")
def _():
    return pdf(pages([" " * (200 * MEGABYTE) + "BT /F1 12 Tf (end) Tj ET"]))


@trap("filters.pdf", "damaged", "no_text")
def _():
    content = b""
    for _ in range(1000):
        content = zlib.compress(content)
    objects = pages([""])
    objects["5"] = "<< /Filter [%s] >>\nstream\n%s" % ("/FlateDecode " * 1000, "x")
    return pdf(objects, compress=False)


@trap("forms-loop.pdf", TEXT, "damaged", "no_text", "too_large")
def _():
    objects = pages(["/X Do"])
    objects["6"] = objects["6"].replace("/Font", "/XObject << /X 7 0 R >> /Font")
    objects["7"] = "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 7 0 R >> >> >>\nstream\n" + "/X Do " * 20
    return pdf(objects)


@trap("forms-bomb.pdf", TEXT, "damaged", "no_text", "timeout", "too_large")
def _():
    objects = pages(["/X Do"])
    objects["6"] = objects["6"].replace("/Font", "/XObject << /X 7 0 R >> /Font")
    for i in range(7, 13):
        objects[str(i)] = ("<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X %d 0 R >> /Font << /F1 3 0 R >> >> >>\nstream\n%s"
                           % (i + 1, "/X Do " * 10 if i < 12 else "BT /F1 1 Tf (x) Tj ET"))
    return pdf(objects)


@trap("nested-arrays.pdf", TEXT, "damaged", "no_text")
def _():
    return pdf({**pages([""]), "7": "[" * 500000})


@trap("xref-loop.pdf", TEXT, "damaged", "no_text")
def _():
    whole = pdf(pages(["BT /F1 12 Tf 72 700 Td (found) Tj ET"]))
    return whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % whole.rindex(b"xref\n0"))


@trap("no-xref.pdf", TEXT, "damaged")
def _():
    whole = pdf(pages(["BT /F1 12 Tf 72 700 Td (found) Tj ET"]))
    return whole[:whole.rindex(b"xref\n0")]


@trap("cut.pdf", TEXT, "damaged", "no_text")
def _():
    whole = pdf(pages(["BT /F1 12 Tf 72 700 Td (found) Tj ET"] * 50))
    return whole[:len(whole) // 2]


@trap("only-a-head.pdf", "damaged")
def _():
    return b"%PDF-1.7\n"


@trap("picture.pdf", "no_text")
def _():
    return pdf(pages(["0 0 100 100 re f"]))


@trap("far-away.pdf", TEXT, "no_text", "damaged")
def _():
    return pdf(pages(["BT /F1 1e30 Tf 1e38 -1e38 Td (far) Tj 1e-30 0 0 1e-30 0 0 Tm (small) Tj ET" * 50]))


def run(program, path):
    """(how it ended, what is wrong or None, seconds of computing)."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen([program, "extract", path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        lines = errors.read().decode("utf-8", "replace").splitlines()
    seconds = usage.ru_utime + usage.ru_stime
    if process.returncode == 0:
        wrong = [line for line in lines if not line.startswith("note: ")]
        return TEXT, "it also says " + wrong[0] if wrong else None, seconds
    if process.returncode != 1 or len(lines) != 1:
        return "status %d" % process.returncode, "it says " + " / ".join(lines[:5]), seconds
    return lines[0].partition(":")[0], None, seconds


def judge(program, folder, name, ends, make):
    """The line that tells how the document `name` ended, and whether it is a failure."""
    path = pathlib.Path(folder) / name
    path.write_bytes(make())
    end, wrong, seconds = run(program, str(path))
    path.unlink()
    if not wrong and end not in ends:
        wrong = "expected " + " or ".join(ends)
    elif not wrong and seconds > SECONDS:
        wrong = "too slow"
    print("%-6s %-26s %-18s %6.2f s  %s" % ("FAILED" if wrong else "ok", name, end, seconds, wrong or ""), flush=True)
    return wrong is not None


def main(program, *names):
    without = names[1].split(",") if names[:1] == ("--without",) else []
    names = names[2:] if without else names
    traps = [t for t in TRAPS if t[0] not in without and (not names or t[0] in names)]
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failed = sum(pool.map(lambda t: judge(program, folder, *t), traps))
    print("%d documents, %d failed" % (len(traps), failed))
    return 1 if failed or not traps else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
