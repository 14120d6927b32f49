"""Documents put together from readable sources: PDF from its objects, Office packages from their parts."""
import io
import re
import zipfile
import zlib

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/"


def sections(source):
    """{name: text} of a source whose sections begin with lines "== name"."""
    parts = re.split(r"(?m)^== (.+)\n", source)
    return dict(zip(parts[1::2], (text.strip("\n") for text in parts[2::2])))


def pdf(objects, compress=True):
    """A PDF 1.7 of {number: text}; the stream of an object stands behind a line "stream". Object 1 is the catalogue."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, text in objects.items():
        places[int(number)] = len(out)
        head, stream, content = text.partition("\nstream\n")
        content = content.encode("cp1252")
        if stream and compress:
            content = zlib.compress(content)
        more = "<< /Length %d%s " % (len(content), " /Filter /FlateDecode" if compress else "") if stream else "<<"
        out += ("%s 0 obj\n" % number).encode() + head.replace("<<", more, 1).encode("cp1252")
        out += b"\nstream\n" + content + b"\nendstream" if stream else b""
        out += b"\nendobj\n"
    table, size = len(out), max(places) + 1
    out += b"xref\n0 %d\n" % size
    for number in range(size):
        out += b"%010d %05d %c \n" % ((places[number], 0, 110) if number in places else (0, 65535, 102))
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, table)
    return bytes(out)


def pages(contents, font="/Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding", bold="Helvetica-Bold"):
    """The objects of a PDF with a page for each content stream; fonts F1 and F2 (bold)."""
    objects = {"1": "<< /Type /Catalog /Pages 2 0 R >>", "3": "<< %s >>" % font,
               "4": "<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>" % bold}
    for i, content in enumerate(contents):
        objects[str(2 * i + 5)] = "<<>>\nstream\n" + content
        objects[str(2 * i + 6)] = ("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
                                   "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % (2 * i + 5))
    kids = " ".join("%d 0 R" % (2 * i + 6) for i in range(len(contents)))
    objects["2"] = "<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(contents))
    return objects


def zipped(members, method=zipfile.ZIP_DEFLATED):
    """A ZIP of {name: text or bytes}, the same bytes every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


NAMESPACES = " ".join('xmlns:%s="urn:oasis:names:tc:opendocument:xmlns:%s:1.0"' % (name, name)
                      for name in ("office", "text", "table", "presentation")) + ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'


def container(media_type, members):
    """A ZIP whose first member is its media type, stored, as OpenDocument and EPUB have it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), media_type, zipfile.ZIP_STORED)
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def opendocument(kind, body):
    """kind: text, spreadsheet or presentation; the XML inside that element."""
    return container("application/vnd.oasis.opendocument." + kind, {
        "content.xml": '<?xml version="1.0" encoding="UTF-8"?><office:document-content %s><office:body><office:%s>%s</office:%s></office:body>'
                       '</office:document-content>' % (NAMESPACES, kind, body, kind)})


def epub(chapters, folder="OEBPS/"):
    """A book of {file name: XHTML body}, in order."""
    members = {"META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
                                         '<rootfile full-path="%sbook.opf" media-type="application/oebps-package+xml"/></rootfiles></container>' % folder}
    items = "".join('<item id="c%d" href="%s" media-type="application/xhtml+xml"/>' % (i, name.replace(" ", "%20")) for i, name in enumerate(chapters))
    members[folder + "book.opf"] = ('<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="css" href="s.css" media-type="text/css"/>%s</manifest>'
                                    '<spine>%s</spine></package>' % (items, "".join('<itemref idref="c%d"/>' % i for i in range(len(chapters)))))
    for name, body in reversed(chapters.items()):
        members[folder + name] = ('<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Chapter</title></head><body>%s</body></html>' % body)
    return container("application/epub+zip", members)


def docx_members(body, parts=None, prolog=""):
    """The members of a Word document: the body's XML and further parts {"styles": XML inside the root, ...}."""
    roots = {"styles": "styles", "numbering": "numbering", "footnotes": "footnotes", "endnotes": "endnotes"}
    namespaces = ('xmlns:w="%s" xmlns:r="%s" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
                  'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml" '
                  'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
                  'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"' % (W, OFFICE))
    members, relations = {}, ""
    for name, content in (parts or {}).items():
        members["word/%s.xml" % name] = "<w:%s %s>%s</w:%s>" % (roots[name], namespaces, content, roots[name])
        relations += '<Relationship Id="%s" Type="%s/%s" Target="%s.xml"/>' % (name, OFFICE, name, name)
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return {
        "[Content_Types].xml": '<Types xmlns="%scontent-types"><Default Extension="xml" ContentType="application/xml"/>'
                               '<Override PartName="/word/document.xml" ContentType="%s"/></Types>' % (PACKAGE, main),
        "_rels/.rels": '<Relationships xmlns="%srelationships"><Relationship Id="r1" Type="%s/officeDocument" Target="word/document.xml"/></Relationships>'
                       % (PACKAGE, OFFICE),
        "word/_rels/document.xml.rels": '<Relationships xmlns="%srelationships">%s</Relationships>' % (PACKAGE, relations),
        "word/document.xml": "%s<w:document %s><w:body>%s</w:body></w:document>" % (prolog, namespaces, body),
        **members,
    }


def docx(body, parts=None, prolog=""):
    return zipped(docx_members(body, parts, prolog))


def paragraphs(*texts):
    return "".join("<w:p><w:r><w:t>%s</w:t></w:r></w:p>" % text for text in texts)
