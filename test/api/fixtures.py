"""Small documents made on the spot, so that a test shows what is in the file it sends."""
import importlib.util
import io
import pathlib

WRITERS = pathlib.Path(__file__).resolve().parents[1] / "unit" / "extract"


def writer(name):
    """A module of the extractor's own tests."""
    spec = importlib.util.spec_from_file_location(name, WRITERS / (name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


documents, ole, scans = writer("documents"), writer("ole"), writer("scans")


def pdf(pages):
    """A PDF 1.4 with a text layer: pages is a list of lists of lines (Latin-1)."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", None, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    kids = []
    for lines in pages:
        shown = " ".join("(%s) Tj T*" % line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines)
        stream = "BT /F1 12 Tf 14 TL 72 720 Td %s ET" % shown
        objects.append("<< /Length %d >>\nstream\n%s\nendstream" % (len(stream.encode("latin-1")), stream))
        objects.append("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % len(objects))
        kids.append("%d 0 R" % len(objects))
    objects[1] = "<< /Type /Pages /Kids [%s] /Count %d >>" % (" ".join(kids), len(kids))
    out, places = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, io.SEEK_END)
    for number, text in enumerate(objects, 1):
        places.append(out.tell())
        out.write(("%d 0 obj\n%s\nendobj\n" % (number, text)).encode("latin-1"))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()


zipped = documents.zipped


def opendocument(kind, sentence):
    """A text, spreadsheet or presentation of one sentence."""
    paragraph = "<text:p>%s</text:p>" % escaped(sentence)
    return documents.opendocument(kind, {
        "text": paragraph,
        "spreadsheet": "<table:table table:name='One'><table:table-row><table:table-cell>%s</table:table-cell></table:table-row></table:table>" % paragraph,
        "presentation": "<draw:page><draw:frame><draw:text-box>%s</draw:text-box></draw:frame></draw:page>" % paragraph}[kind])


def epub(sentence):
    return documents.epub({"a.xhtml": "<p>%s</p>" % escaped(sentence)})


def outlook(subject, text):
    """A message as Outlook saves it."""
    return ole.container(ole.message({0x0037: subject, 0x1000: text}))


RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def escaped(text):
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def package(main, parts, overrides):
    """An OOXML package: {name: XML} with its content types and the relationship to the main part."""
    types = "".join('<Override PartName="/%s" ContentType="application/vnd.openxmlformats-officedocument.%s+xml"/>' % pair for pair in overrides.items())
    return zipped({
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
                               'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                               '<Default Extension="xml" ContentType="application/xml"/>%s</Types>' % types,
        "_rels/.rels": related([("r1", "officeDocument", main)]), **parts})


def related(entries):
    """A .rels part of (id, type, target)."""
    return '<Relationships xmlns="%s">%s</Relationships>' % (
        RELATIONS, "".join('<Relationship Id="%s" Type="%s/%s" Target="%s"/>' % (i, OFFICE, kind, target) for i, kind, target in entries))


def docx(paragraphs):
    """A Word document: a paragraph each; (text, "Heading1") takes a style."""
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = ""
    for paragraph in paragraphs:
        text, style = paragraph if isinstance(paragraph, tuple) else (paragraph, None)
        properties = '<w:pPr><w:pStyle w:val="%s"/></w:pPr>' % style if style else ""
        body += '<w:p>%s<w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>' % (properties, escaped(text))
    return package("word/document.xml", {"word/document.xml": '<w:document xmlns:w="%s"><w:body>%s</w:body></w:document>' % (w, body)},
                   {"word/document.xml": "wordprocessingml.document.main"})


def cell(column, row, value):
    place = "%s%d" % (chr(ord("A") + column), row)
    if isinstance(value, (int, float)):
        return '<c r="%s"><v>%s</v></c>' % (place, value)
    return '<c r="%s" t="inlineStr"><is><t>%s</t></is></c>' % (place, escaped(value))


def xlsx(sheets):
    """A workbook of {sheet name: rows of strings and numbers}, at most 26 columns."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts, overrides = {}, {"xl/workbook.xml": "spreadsheetml.sheet.main"}
    listed, relations = "", []
    for n, (name, rows) in enumerate(sheets.items(), 1):
        body = "".join('<row r="%d">%s</row>' % (r, "".join(cell(c, r, v) for c, v in enumerate(row))) for r, row in enumerate(rows, 1))
        parts["xl/worksheets/sheet%d.xml" % n] = '<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (main, body)
        overrides["xl/worksheets/sheet%d.xml" % n] = "spreadsheetml.worksheet"
        listed += '<sheet name="%s" sheetId="%d" r:id="r%d"/>' % (escaped(name), n, n)
        relations.append(("r%d" % n, "worksheet", "worksheets/sheet%d.xml" % n))
    parts["xl/workbook.xml"] = '<workbook xmlns="%s" xmlns:r="%s"><sheets>%s</sheets></workbook>' % (main, OFFICE, listed)
    parts["xl/_rels/workbook.xml.rels"] = related(relations)
    return package("xl/workbook.xml", parts, overrides)


def shape(number, placeholder, lines):
    paragraphs = "".join("<a:p><a:r><a:t>%s</a:t></a:r></a:p>" % escaped(line) for line in lines)
    return ('<p:sp><p:nvSpPr><p:cNvPr id="%d" name="%s"/><p:cNvSpPr/><p:nvPr><p:ph type="%s"/></p:nvPr></p:nvSpPr><p:spPr/>'
            "<p:txBody><a:bodyPr/>%s</p:txBody></p:sp>" % (number, placeholder, placeholder, paragraphs))


def pptx(slides):
    """A presentation of (title, lines)."""
    p, a = ("http://schemas.openxmlformats.org/%s/2006/main" % name for name in ("presentationml", "drawingml"))
    parts, overrides = {}, {"ppt/presentation.xml": "presentationml.presentation.main"}
    listed, relations = "", []
    for n, (title, lines) in enumerate(slides, 1):
        shapes = shape(2, "title", [title]) + shape(3, "body", lines)
        parts["ppt/slides/slide%d.xml" % n] = ('<p:sld xmlns:p="%s" xmlns:a="%s"><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/>'
                                               "</p:nvGrpSpPr><p:grpSpPr/>%s</p:spTree></p:cSld></p:sld>" % (p, a, shapes))
        overrides["ppt/slides/slide%d.xml" % n] = "presentationml.slide"
        listed += '<p:sldId id="%d" r:id="r%d"/>' % (255 + n, n)
        relations.append(("r%d" % n, "slide", "slides/slide%d.xml" % n))
    parts["ppt/presentation.xml"] = ('<p:presentation xmlns:p="%s" xmlns:r="%s"><p:sldIdLst>%s</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/>'
                                     '<p:notesSz cx="6858000" cy="9144000"/></p:presentation>' % (p, OFFICE, listed))
    parts["ppt/_rels/presentation.xml.rels"] = related(relations)
    return package("ppt/presentation.xml", parts, overrides)


def legacy(kind, lines, locked=False):
    """A Word document, a workbook (a row for each line) or a presentation (a slide: its title, then the other lines) from before 2007."""
    if kind == "doc":
        return ole.container(ole.document(["".join(line + "\r" for line in lines)], flags=0x0100 if locked else 0))
    if kind == "xls":
        globals_ = (ole.biff(0x2F, bytes(6)) if locked else b"") + ole.sst([ole.long(line) for line in lines])
        return ole.container({"Workbook": ole.workbook({"Sheet": b"".join(ole.label(row, 0, row) for row in range(len(lines)))}, globals_)})
    shapes = [ole.shape(ole.words(0, lines[0]), 13)] + [ole.shape(ole.words(1, line), 14) for line in lines[1:]]
    return ole.container(ole.presentation([ole.slide(*shapes)], token=0xF3D1C4DF if locked else 0xE391C05F))
