"""OLE2 compound files ([MS-CFB]) and, in them, small workbooks, Word documents, presentations and messages of our own making."""
import hashlib
import struct

FREE, END, FAT, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def entry(name, kind, child=NONE, right=NONE, start=END, size=0):
    raw = (name + "\0").encode("utf-16-le")
    return struct.pack("<64sHBBIII16sIQQIQ", raw, len(raw), kind, 1, NONE, right, child, b"", 0, 0, 0, start, size)


def padded(content, size):
    return content + bytes(-len(content) % size)


def container(streams, sector=512, scattered=False):
    """A compound file of {name: bytes, or a storage: the same again}. scattered: the sectors of long streams stand in reverse order."""
    shift, per = sector.bit_length() - 1, sector // 4
    minis, mini_fat, files, chains = [], [], [], []

    def add(content):
        """The entries of a storage in a row, each followed by what stands in it."""
        last = None
        for name, inner in content.items():
            index = len(files)
            if last:
                last["right"] = index + 1
            last = {"name": name}
            files.append(last)
            if isinstance(inner, dict):
                last.update(kind=1, child=index + 2 if inner else NONE, start=0)
                add(inner)
            elif len(inner) < 4096:
                start, count = len(mini_fat), -(-len(inner) // 64)
                mini_fat.extend([start + i + 1 for i in range(count - 1)] + [END] * (count > 0))
                minis.append(padded(inner, 64))
                last.update(kind=2, start=start if count else END, size=len(inner))
            else:
                chains.append((index, inner))
                last.update(kind=2, size=len(inner))

    add(streams)
    mini = b"".join(minis)
    sectors, fat = [], []

    def put(content, backwards=False):
        pieces = [padded(content[i:i + sector], sector) for i in range(0, len(content), sector)]
        first, n = len(sectors), len(pieces)
        if not n:
            return END
        sectors.extend(reversed(pieces) if backwards else pieces)
        fat.extend([END if i == 0 else first + i - 1 for i in range(n)] if backwards else [first + i + 1 for i in range(n - 1)] + [END])
        return first + n - 1 if backwards else first

    for index, content in chains:
        files[index]["start"] = put(content, scattered)
    mini_start = put(mini)
    mini_fat_start = put(struct.pack("<%dI" % len(mini_fat), *mini_fat) + b"\xff" * (-4 * len(mini_fat) % sector) if mini_fat else b"")
    rows = [entry("Root Entry", 5, child=1 if files else NONE, start=mini_start, size=len(mini))]
    rows += [entry(**file) for file in files]
    directory = put(padded(b"".join(rows), sector))
    tables = 1
    while tables * per < len(fat) + tables:
        tables += 1
    first_table = len(fat)
    fat += [FAT] * tables + [FREE] * (tables * per - len(fat) - tables)
    sectors.append(struct.pack("<%dI" % len(fat), *fat))
    difat = [first_table + i for i in range(tables)] + [FREE] * (109 - tables)
    header = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + bytes(16) + struct.pack("<HHHHH6sIIIIIIIII", 0x3E, 3 if sector == 512 else 4, 0xFFFE, shift, 6, b"", 0, tables, directory, 0,
                                                                          4096, mini_fat_start, 1 if mini_fat else 0, END, 0)
    header += struct.pack("<109I", *difat)
    return padded(header, sector) + b"".join(sectors)


# ---- Excel

def biff(number, content=b""):
    return struct.pack("<HH", number, len(content)) + content


def bof(kind, version=0x600):
    return biff(0x809, struct.pack("<HHHHII", version, kind, 0, 0, 0, 0))


def short(text):
    """A string with a count of one byte."""
    return struct.pack("<BB", len(text), 1) + text.encode("utf-16-le") if any(ord(c) > 255 for c in text) else struct.pack("<BB", len(text), 0) + text.encode("latin-1")


def long(text, wide=False):
    wide = wide or any(ord(c) > 255 for c in text)
    return struct.pack("<HB", len(text), wide) + text.encode("utf-16-le" if wide else "latin-1")


def sst(texts):
    return biff(0xFC, struct.pack("<II", len(texts), len(texts)) + b"".join(texts))


def label(row, column, index, look=0):
    return biff(0xFD, struct.pack("<HHHI", row, column, look, index))


def number(row, column, value, look=0):
    return biff(0x203, struct.pack("<HHHd", row, column, look, value))


def formula(row, column, result, look=0):
    return biff(0x06, struct.pack("<HHH", row, column, look) + result + bytes(6))


def look(code=0, font=0):
    return biff(0xE0, struct.pack("<HH", font, code) + bytes(16))


def code(identity, text):
    return biff(0x41E, struct.pack("<H", identity) + long(text))


def workbook(sheets, more=b"", states=None, kinds=None, version=0x600):
    """A workbook stream: sheets {name: records}, `more` records of its globals; states {name: hidden}."""
    states, kinds = states or {}, kinds or {}
    name = short if version == 0x600 else lambda t: struct.pack("<B", len(t)) + t.encode("cp1252")
    bounds = [biff(0x85, struct.pack("<IBB", 0, states.get(n, 0), kinds.get(n, 0)) + name(n)) for n in sheets]
    start = len(bof(5, version) + more + b"".join(bounds) + biff(0x0A))
    out, listed = b"", b""
    for (n, records), bound in zip(sheets.items(), bounds):
        listed += bound[:4] + struct.pack("<I", start + len(out)) + bound[8:]
        out += bof(0x20 if kinds.get(n) == 2 else 0x10, version) + records + biff(0x0A)
    return bof(5, version) + more + listed + biff(0x0A) + out


def rc4(key, content):
    state, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def locked(stream, password):
    """The stream of a workbook whose globals begin with locked_record(), encrypted as Excel 97 did."""
    def key(block):
        return hashlib.md5(start + struct.pack("<I", block)).digest()
    salt, text = bytes(range(16)), bytes(range(16, 32))
    start = hashlib.md5((hashlib.md5(password.encode("utf-16-le")).digest()[:5] + salt) * 16).digest()[:5]
    keys = b"".join(rc4(key(block), bytes(1024)) for block in range(len(stream) // 1024 + 1))
    out, at = bytearray(stream), 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        skipped = length if kind in (0x809, 0x2F) else 4 if kind == 0x85 else 0
        for i in range(at + 4 + skipped, at + 4 + length):
            out[i] ^= keys[i]
        if kind == 0x2F:
            out[at + 4:at + 4 + length] = struct.pack("<HHH", 1, 1, 1) + salt + rc4(key(0), text + hashlib.md5(text).digest())
        at += 4 + length
    return bytes(out)


def locked_record():
    return biff(0x2F, bytes(54))


# ---- Word

IN_TABLE, ROW_END = struct.pack("<HB", 0x2416, 1), struct.pack("<HB", 0x2417, 1)
DELETED, HIDDEN, BOLD = (struct.pack("<HB", n, 1) for n in (0x0800, 0x083C, 0x0835))


def style(builtin, based_on=0xFFF, changes=b""):
    properties = struct.pack("<H", 0) + changes
    fixed = struct.pack("<HHHHH", builtin, 1 | based_on << 4, 1, 0, 0)
    name = struct.pack("<H", 1) + "x\0".encode("utf-16-le")
    body = fixed + name + struct.pack("<H", len(properties)) + properties
    return struct.pack("<H", len(body)) + body + bytes(len(body) & 1)


def stylesheet(*styles):
    return struct.pack("<HHH", 18, len(styles), 10) + bytes(14) + b"".join(styles)


def levels(*each):
    """Levels of a list: (kind of numbers, start, pattern)."""
    return b"".join(struct.pack("<IBB9sB8sBBBB", start, kind, 0, b"", 0, b"", 0, 0, 0, 0) + struct.pack("<H", len(pattern)) + pattern.encode("utf-16-le")
                    for kind, start, pattern in each)


def pages(content, runs, paragraphs):
    """Pages of properties for runs [(offset, bytes)], and the table that finds them. offset: where the run ends."""
    out, table = bytearray(), []
    begin = 0x800
    for first in range(0, len(runs), 8):
        some = runs[first:first + 8]
        size = 13 if paragraphs else 1
        offsets, entries, body = [begin], b"", b""
        top = 511
        page = bytearray(512)
        for end, properties in some:
            offsets.append(end)
            if paragraphs:
                half, odd = divmod(len(properties), 2)
                stored = (bytes([half + 1]) if odd else bytes([0, half])) + properties
            else:
                stored = bytes([len(properties)]) + properties
            top = (top - len(stored)) & ~1
            page[top:top + len(stored)] = stored
            entries += bytes([top // 2]) + bytes(size - 1)
        head = struct.pack("<%dI" % len(offsets), *offsets) + entries
        page[:len(head)] = head
        page[511] = len(some)
        table.append((begin, (len(content) + len(out)) // 512))
        out += page
        begin = offsets[-1]
    numbers = struct.pack("<%dI" % (len(table) + 1), *[t[0] for t in table], begin) + struct.pack("<%dI" % len(table), *[t[1] for t in table])
    return bytes(out), numbers


def document(pieces, paragraphs=(), characters=(), styles=b"", lists=b"", list_levels=b"", uses=b"", lengths=None, flags=0, saved=b"", changes=None):
    """The streams of a Word 97 document. pieces: texts, str for UTF-16 or bytes for Windows-1252; paragraphs: (style, changes) for each paragraph, cell or
    row mark in turn; characters: (number of characters, changes) runs from the first on; lengths: of the parts of the text."""
    text, position, runs, marks = bytearray(), 0, [], iter(paragraphs)
    positions, places = [0], []
    for piece in pieces:
        wide = isinstance(piece, str)
        raw = piece.encode("utf-16-le") if wide else piece
        text += bytes(len(text) & 1)
        places.append(0x800 + len(text) if wide else 0x40000000 | (0x800 + len(text)) * 2)
        plain = piece if wide else piece.decode("cp1252")
        at = 0x800 + len(text)
        for c in plain:
            at += (len(c.encode("utf-16-le")) if wide else 1)
            if c in "\r\x07\x0c":
                index, extra = next(marks, (0, b""))
                runs.append((at, struct.pack("<H", index) + extra))
        position += len(raw) // 2 if wide else len(raw)
        positions.append(position)
        text += raw
    main = padded(bytes(0x800) + bytes(text), 512)
    more, paragraph_table = pages(main, runs, True)
    main += more
    spans, at = [], 0x800
    for count, properties in characters:
        at += count
        spans.append((at, properties))
    more, character_table = pages(main, spans, False)
    main += more
    changes = changes or [0] * len(pieces)
    piece_table = struct.pack("<%dI" % len(positions), *positions) + b"".join(struct.pack("<HIH", 0, place, change) for place, change in zip(places, changes))
    clx = saved + b"\2" + struct.pack("<I", len(piece_table)) + piece_table
    tables = {1: styles, 12: character_table if characters else b"", 13: paragraph_table if runs else b"", 33: clx, 74: uses}
    stream, listed = b"\0" * 16, {}
    for index, content in tables.items():
        listed[index] = (len(stream), len(content))
        stream += content
    listed[73] = (len(stream), len(lists))
    stream += lists + list_levels
    fib = bytearray(0x800)
    struct.pack_into("<HHHHHHHI", fib, 0, 0xA5EC, 0xC1, 0, 0x409, 0, 0x0200 | flags, 0xBF, 0)
    struct.pack_into("<8I", fib, 0x4C, *(lengths or [position, 0, 0, 0, 0, 0, 0, 0]))
    for index, (where, length) in listed.items():
        struct.pack_into("<II", fib, 0x9A + index * 8, where, length)
    return {"WordDocument": bytes(fib) + main[0x800:], "1Table": stream}


# ---- PowerPoint

def record(kind, content=b"", instance=0, version=None):
    if isinstance(content, (list, tuple)):
        content, version = b"".join(content), 15
    return struct.pack("<HHI", (version or 0) | instance << 4, kind, len(content)) + content


def words(kind, text, style=b""):
    """A text with its header: UTF-16 where it must be."""
    narrow = all(ord(c) < 256 for c in text)
    chars = record(0xFA8, text.encode("latin-1")) if narrow else record(0xFA0, text.encode("utf-16-le"))
    return record(0xF9F, struct.pack("<I", kind)) + chars + (record(0xFA1, style) if style else b"")


def shape(content, placeholder=None, at=None):
    parts = []
    if at:
        parts.append(record(0xF00F, struct.pack("<iiii", at[0], at[1], at[0] + 10, at[1] + 10)))
    if placeholder is not None:
        parts.append(record(0xF011, [record(0xBC3, struct.pack("<iBBH", 0, placeholder, 0, 0))]))
    return record(0xF004, parts + [record(0xF00D, [content])])


def reference(index):
    return record(0xF9E, struct.pack("<i", index))


def table(cells):
    """A group of shapes {(x, y): text} that says it is a table."""
    first = record(0xF004, [record(0xF122, struct.pack("<HI", 0x39F, 1), instance=1, version=3)])
    return record(0xF003, [first] + [shape(words(4, text), at=at) for at, text in cells.items()])


def drawing(*shapes):
    return record(0x40C, [record(0xF002, [record(0xF003, [record(0xF004, [b""])] + list(shapes))])])


def slide(*shapes, notes=0, hidden=False):
    atom = record(0x3EF, struct.pack("<i8sIIHH", 0, b"", 0, notes, 0, 0))
    info = record(0x3F9, struct.pack("<iIBBHI", 0, 0, 0, 0, 4, 0)) if hidden else b""
    return record(0x3EE, [atom, info, drawing(*shapes)])


def notes(text):
    return record(0x3F0, [drawing(shape(words(2, text)))])


def presentation(slides, outlines=None, noted=(), stale=None, token=0xE391C05F):
    """The streams of a presentation. outlines: {index of a slide: its outline's records}; noted: notes containers, numbered from 1; stale: slides that
    an older edit had instead."""
    def listed(count, first, instance, texts):
        out = []
        for i in range(count):
            out.append(record(0x3F3, struct.pack("<IIiII", first + i, 0, 0, (256 if instance == 0 else 1) + i, 0)))
            out.append(texts.get(i, b""))
        return record(0xFF0, out, instance=instance)

    count = len(slides)
    head = record(0x3E8, [listed(count, 2, 0, outlines or {}), listed(len(noted), 2 + count, 2, {})])
    stream, last = b"", 0
    for objects in ([head] + list(stale) + list(noted), [head] + list(slides) + list(noted)) if stale else ([head] + list(slides) + list(noted),):
        places = []
        for content in objects:
            places.append(len(stream))
            stream += content
        directory = len(stream)
        stream += record(0x1772, struct.pack("<I", 1 | len(places) << 20) + struct.pack("<%dI" % len(places), *places))
        edit = len(stream)
        stream += record(0xFF5, struct.pack("<IHBBIIIIHH", 0, 0, 0, 3, last, directory, 1, len(places) + 1, 0, 0))
        last = edit
    user = record(0xFF6, struct.pack("<IIIHHBBH", 20, token, last, 0, 0x3F4, 3, 0, 0))
    return {"PowerPoint Document": stream, "Current User": user}


# ---- Outlook

def values(head, entries):
    """The stream of short values: {(number, type): number}."""
    return bytes(head) + b"".join(struct.pack("<HHIQ", kind, number, 6, value) for (number, kind), value in entries.items())


def long_values(texts):
    """The streams of long values: {number: str for Unicode, bytes for a text in a code page, (bytes,) for bytes}."""
    streams = {}
    for number, value in texts.items():
        if isinstance(value, str):
            streams["__substg1.0_%04X001F" % number] = value.encode("utf-16-le")
        elif isinstance(value, bytes):
            streams["__substg1.0_%04X001E" % number] = value
        else:
            streams["__substg1.0_%04X0102" % number] = value[0]
    return streams


def attachment(name=None, message=None, hidden=False):
    texts = {0x3707: name} if name else {}
    inside = {"__substg1.0_3701000D": message} if message else {}
    return {"__properties_version1.0": values(8, {(0x7FFE, 0x0B): 1} if hidden else {}), **long_values(texts), **inside}


def message(texts, numbers=None, attachments=(), head=32):
    """The storages of a message: {number of a property: text}, {(number, type): value}."""
    listed = {"__attach_version1.0_#%08X" % i: content for i, content in enumerate(attachments)}
    return {"__properties_version1.0": values(head, numbers or {}), **long_values(texts), **listed}


def compressed_rtf(text, kind=0x75465A4C):
    """Compressed RTF of literals alone, or with kind 0x414C454D not compressed; an end mark behind it."""
    raw = text.encode("cp1252")
    out, at = b"", 207
    for i in range(0, len(raw), 8):
        some = raw[i:i + 8]
        at += len(some)
        out += bytes([0 if len(some) == 8 else 1 << len(some)]) + some
    end = struct.pack(">H", at % 4096 << 4)
    out += b"\1" + end if len(raw) % 8 == 0 else end
    content = out if kind == 0x75465A4C else raw
    return struct.pack("<IIII", len(content) + 12, len(raw), kind, 0) + content
