"""Writes the documents that the fuzz targets begin with, all of our own making: seeds.py FOLDER gives FOLDER/FORMAT/NAME."""
import contextlib
import importlib.util
import io
import pathlib
import struct
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
UNIT, GOLDEN = ROOT / "unit" / "extract", ROOT / "golden" / "extract"
KINDS = {".htm": "html", ".jsonl": "json", ".ndjson": "json", ".tsv": "csv", ".md": "markdown", ".txt": "text", ".rss": "xml", ".xlsm": "xlsx",
         ".odt": "odf", ".ods": "odf", ".odp": "odf"}
KEPT_BYTES = 65536
LEFT_OUT = {"forms-loop.pdf", "forms-bomb.pdf", "stream-bomb.pdf"}  # they compute until the worker's limits end them

sys.path.insert(0, str(UNIT))


def cases(name):
    """The documents of a test that lists them as CASES or TRAPS, without running it."""
    spec = importlib.util.spec_from_file_location(name, UNIT / (name + ".py"))
    module = importlib.util.module_from_spec(spec)
    sys.argv = [name, "/bin/false"]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        spec.loader.exec_module(module)
    for case in getattr(module, "CASES", []):
        yield case[0], case[1]
    for case in getattr(module, "TRAPS", []):
        yield case[0], case[2]()


def golden():
    spec = importlib.util.spec_from_file_location("golden", UNIT / "golden.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for path in sorted(GOLDEN.iterdir()):
        if path.suffix not in (".blocks", ".text"):
            yield module.document(path)


def unpacked(content):
    """A ZIP with its members stored as they are, so that changes to the bytes are changes to the XML."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = {i.filename: packed.read(i) for i in packed.infolist() if i.file_size <= KEPT_BYTES}
    except Exception:
        return content
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member)
    return out.getvalue()


def snapshots():
    """Parts of an index snapshot as src/index and src/app write them: two documents, three chunks, "word" in all of them, and one word in a block of 128."""
    documents = struct.pack("<Q", 2)
    for id in (1, 2):
        documents += struct.pack("<5q40s4sIII", id, 3, 1, id, 1000, b"doc_%d" % id, b"en", 4, 11, 0) + b"note" + struct.pack("<II", 1, 2) + b"n17"
    chunks = [struct.pack("<qiHH", *row) for row in ((1, 0, 9, 0), (1, 1, 9, 0), (2, 0, 7, 0))]
    terms = [struct.pack("<4I", *row) for row in ((4, 31 << 26, 3, 0), (6, 31 << 26, 1, 0))]
    words = struct.pack("<4I", 3, 2, 6, 0) + b"".join(chunks + terms) + b"wordab" + struct.pack("<8I", 0, 1, 1, 2, 2, 1, 1, 1)
    many = [struct.pack("<qiHH", 1 + n // 100, n % 100, 20, 0) for n in range(200)]
    block = struct.pack("<II4HBBH", 0, 127, 20, 20, 65535, 65535, 1, 2, 0) + bytes([0] + [1] * 127) + bytes([1, 2] * 64)
    long = struct.pack("<4I", 200, 1, 4, 0) + b"".join(many) + struct.pack("<4I", 4, 31 << 26, 130, 1) + b"word" + block + struct.pack("<4I", 128, 1, 150, 3)
    vectors = struct.pack("<4I", 3, 2, 5000, 0) + struct.pack("<qiIqiI", 1, 0, 2, 2, 0, 1) + struct.pack("<3f", .01, .01, .01)
    vectors += struct.pack("<3H", 1024, 1024, 1024) + bytes(range(128)) * 9
    coded = vectors[:12] + struct.pack("<I", 1) + vectors[16:] + bytes(4 * 384) + bytes(832)
    centres = struct.pack("<2I2I", 1, 2, 0, 2) + bytes([9] * 384) + struct.pack("<f", .005) + bytes([9, 1] * 384) + struct.pack("<2f", .005, .006)
    lists = [bytes(832) + struct.pack("<16I", *rows, *[0] * 14) for rows in ((0, 2), (1, 0))]
    divided = vectors[:12] + struct.pack("<I", 2) + vectors[16:] + centres + bytes(4 * 384) + struct.pack("<2I", 2, 1) + b"".join(lists)
    header = struct.pack("<8sII3qII64s24s", b"CFXINDEX", 0x01020304, 3, 7, 7, 7, 3, 384, b"m", bytes(24)) + bytes(72 + 16)
    yield "all.snapshot", b"\0" + struct.pack("<HH", len(documents), len(words)) + documents + words + vectors
    yield "words.snapshot", b"\1" + words
    yield "block.snapshot", b"\1" + long
    yield "vectors.snapshot", b"\2" + vectors
    yield "codes.snapshot", b"\2" + coded
    yield "divided.snapshot", b"\2" + divided
    yield "file.snapshot", b"\3" + header


def main(folder):
    count = 0
    sources = [snapshots(), golden(), cases("office"), cases("legacy"), cases("archives"), cases("hostile")]
    for source in sources:
        for name, content in source:
            content = content.encode() if isinstance(content, str) else content
            content = unpacked(content) if content[:4] == b"PK\3\4" else content
            ending = pathlib.PurePath(name).suffix
            if name in LEFT_OUT or not ending or not content or len(content) > KEPT_BYTES:
                continue
            path = pathlib.Path(folder) / KINDS.get(ending, ending[1:]) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            count += 1
    print("%d seeds" % count)


if __name__ == "__main__":
    main(sys.argv[1])
