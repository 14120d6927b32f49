"""Writes the documents that the fuzz targets begin with, all of our own making: seeds.py FOLDER gives FOLDER/FORMAT/NAME."""
import contextlib
import importlib.util
import io
import pathlib
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


def main(folder):
    count = 0
    sources = [golden(), cases("office"), cases("legacy"), cases("archives"), cases("hostile")]
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
