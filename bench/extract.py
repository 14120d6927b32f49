"""Pages per CPU second of reading PDFs: chatifix, a bare PDFium loop and, where it is installed, pdftotext, on the same files in one sitting.

    script/build build-release -- --buildtype=release -Dtests=disabled && /usr/bin/python3 -B bench/extract.py [FILE …]      without files: the PDFs of ../shared/corpora

CPU time is that of each process and its children, start and end included; rounds take turns, and the smallest time of each file counts.
"""
import argparse
import glob
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
CORPORA = ROOT.parent / "shared" / "corpora"
SETS = ("docling/pdf/sources/*.pdf", "markitdown/test_files/*.pdf", "financebench/pdfs/*.pdf", "azure-handbook/data/*.pdf", "pypdf-benchmarks/*.pdf")


def cpu_seconds(command):
    """(user and system seconds, output) of a command and the processes it waited for; None when it failed."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return (usage.ru_utime + usage.ru_stime, text) if child.returncode == 0 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build-release", help="the build folder (build-release; without debugging checks)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    build = ROOT / options.build
    files = options.files or [f for s in SETS for f in sorted(glob.glob(str(CORPORA / s)))]
    programs = {"bare PDFium": [str(build / "bench" / "bench_pdf_bare")], "chatifix": [str(build / "chatifix"), "extract"]}
    if shutil.which("pdftotext"):
        programs["pdftotext"] = ["pdftotext", "-q"]
    total, pages, left_out = dict.fromkeys(programs, 0.0), 0, 0
    for path in files:
        best, count = {}, 0
        for _ in range(options.rounds):
            for name, command in programs.items():
                done = cpu_seconds(command + [path] + (["-"] if name == "pdftotext" else []))
                if done:
                    best[name] = min(done[0], best.get(name, done[0]))
                    count = done[1].count(b"\f") if name == "bare PDFium" else count
        if len(best) < len(programs):
            left_out += 1
            continue
        pages += count
        for name in programs:
            total[name] += best[name]
    if not pages:
        sys.exit("There is nothing to read, or the programs are not built (script/build build-release -- --buildtype=release -Dtests=disabled).")
    print("%d files, %d pages, %d left out because a program refused them" % (len(files) - left_out, pages, left_out))
    for name, seconds in total.items():
        print("%-12s %7.0f pages/cpu-s   %.2f of bare PDFium" % (name, pages / seconds, total["bare PDFium"] / seconds))


if __name__ == "__main__":
    main()
