"""Character recognition of scans: CPU seconds a page, and the share of words that are right.

    script/build build && script/bootstrap --ocr eng && /usr/bin/python3 -B bench/ocr.py [--dpi 200] [--turn 0.5] [--pages 3] [FILE …]

Pages of PDFs with a text layer, evenly spread over each file (without files: some of ../shared/corpora), are drawn as grey pictures and read with --ocr eng. "found" is the share
of the text layer's words that were recognised, "right" the share of the recognised words that stand in the text layer; each word counts as often as it occurs. --turn sets them
askew by so many degrees, as paper lies in a scanner.
"""
import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
CORPORA = ROOT.parent / "shared" / "corpora"
FILES = ("financebench/pdfs/AMAZON_2019_10K.pdf", "financebench/pdfs/PFIZER_2021_10K.pdf", "azure-handbook/data/*.pdf", "unstructured/example-docs/pdf/layout-parser-paper-fast.pdf",
         "kgrag/*/data/v1/docs/20080116X00055.pdf", "kgrag/*/data/v1/docs/20080123X00097.pdf", "docling/pdf/sources/2206.01062.pdf")
sys.path.insert(0, str(ROOT / "test" / "unit" / "extract"))
import scans  # noqa: E402


def read(program, path, *options):
    """(text of each page, CPU seconds of the processes, notes)"""
    child = subprocess.Popen([program, "extract", path, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    text, said = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return text.decode().split("\f"), usage.ru_utime + usage.ru_stime, said.decode().strip()


def words(text):
    return collections.Counter(re.findall(r"\w+", text.lower()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build" / "chatifix"))
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--turn", type=float, default=0)
    parser.add_argument("--pages", type=int, default=3, help="of each file")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    files = options.files or [str(f) for pattern in FILES for f in sorted(CORPORA.glob(pattern))[:2]]
    total = collections.Counter()
    print("%-40s %5s %6s %9s %7s %7s" % ("file, at %d dpi" % options.dpi, "pages", "words", "CPU s/pg", "found", "right"))
    for file in files:
        printed, _, _ = read(options.program, file)
        full = [n for n, text in enumerate(printed) if sum(words(text).values()) >= 50]
        chosen = full[len(full) // (2 * options.pages)::max(1, len(full) // options.pages)][:options.pages]
        sums = collections.Counter(pages=len(chosen))
        for number in chosen:
            with tempfile.NamedTemporaryFile(suffix=".pdf") as scan:
                scan.write(scans.scanned(pathlib.Path(file).read_bytes(), options.dpi, number, 1, turn=options.turn))
                scan.flush()
                seen, seconds, said = read(options.program, scan.name, "--ocr", "eng")
            if "read by character recognition" not in said:
                print("%s, page %d: %s" % (pathlib.Path(file).name, number + 1, said), file=sys.stderr)
            wanted, got = words(printed[number]), words(seen[0])
            sums.update(ms=int(seconds * 1000), wanted=sum(wanted.values()), got=sum(got.values()), common=sum((wanted & got).values()))
        total.update(sums)
        say(pathlib.Path(file).name, sums)
    say("all", total)
    print("%.2f pages a CPU second" % (total["pages"] * 1000 / max(1, total["ms"])))


def say(name, sums):
    print("%-40s %5d %6d %9.2f %7.3f %7.3f" % (name[:40], sums["pages"], sums["wanted"], sums["ms"] / 1000 / max(1, sums["pages"]), sums["common"] / max(1, sums["wanted"]),
                                              sums["common"] / max(1, sums["got"])), flush=True)


if __name__ == "__main__":
    main()
