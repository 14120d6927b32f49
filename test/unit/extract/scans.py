"""PDFs as a scanner makes them: the pages of another PDF drawn by PDFium, each as one grey picture without a text layer."""
import ctypes
import io
import math
import pathlib
import zlib

PDFIUM = pathlib.Path(__file__).resolve().parents[3] / "deps" / "pdfium" / "libpdfium.so"
GREY, RENDER_GREY = 1, 8


def library():
    f = ctypes.CDLL(str(PDFIUM))
    for name in ("FPDF_LoadMemDocument64", "FPDF_LoadPage", "FPDFBitmap_CreateEx"):
        getattr(f, name).restype = ctypes.c_void_p
    for name in ("FPDF_GetPageWidthF", "FPDF_GetPageHeightF"):
        getattr(f, name).restype = ctypes.c_float
    f.FPDF_InitLibrary()
    return f


def pictures(pdf, dpi, first=0, count=10000):
    """(points wide, points high, pixels wide, pixels high, pixels) of each page."""
    f = library()
    document = ctypes.c_void_p(f.FPDF_LoadMemDocument64(pdf, ctypes.c_size_t(len(pdf)), None))
    assert document, "PDFium cannot open the document"
    for index in range(first, min(first + count, f.FPDF_GetPageCount(document))):
        page = ctypes.c_void_p(f.FPDF_LoadPage(document, index))
        points = f.FPDF_GetPageWidthF(page), f.FPDF_GetPageHeightF(page)
        width, height = (int(side * dpi / 72) for side in points)
        pixels = ctypes.create_string_buffer(width * height)
        bitmap = ctypes.c_void_p(f.FPDFBitmap_CreateEx(width, height, GREY, pixels, width))
        f.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, ctypes.c_ulong(0xFFFFFFFF))
        f.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, RENDER_GREY)
        f.FPDFBitmap_Destroy(bitmap)
        f.FPDF_ClosePage(page)
        yield points + (width, height, pixels.raw)
    f.FPDF_CloseDocument(document)


def matrix(wide, high, angle):
    """The unit square on the page, turned about the middle of the page."""
    c, s = math.cos(angle), math.sin(angle)
    return b"%.4f %.4f %.4f %.4f %.4f %.4f" % (wide * c, wide * s, -high * s, high * c, (wide - wide * c + high * s) / 2, (high - wide * s - high * c) / 2)


def scanned(pdf, dpi=200, first=0, count=10000, stamp=None, turn=0):
    """The PDF with its pages as pictures. stamp: a line of real text at the foot of each, such as scanners put there; turn: degrees by which the pictures lie askew."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for wide, high, width, height, pixels in pictures(pdf, dpi, first, count):
        packed = zlib.compress(pixels)
        objects.append(b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode /Length %d >>\n"
                       b"stream\n%s\nendstream" % (width, height, len(packed), packed))
        shown = b"q %s cm /I Do Q" % matrix(wide, high, math.radians(turn))
        if stamp:
            shown += b" BT /F 8 Tf 40 12 Td (%s) Tj ET" % stamp.encode("latin-1")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown))
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Resources << /XObject << /I %d 0 R >> /Font << /F 3 0 R >> >> /Contents %d 0 R >>" %
                       (wide, high, len(objects) - 1, len(objects)))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()
