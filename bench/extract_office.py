"""Two tables of CPU time: spreadsheet cells per second beside python-calamine and openpyxl, and one small file of each office kind, process start included.

    bench/extract_office.py PROGRAM [--peers VENV] [--files FILE ...]

PROGRAM is chatifix (a release build counts). VENV is a virtual environment with python-calamine and openpyxl; without it only PROGRAM is measured.
The workbooks are made here; --files adds others. All run one after the other on the same files; of three runs the fastest counts."""
import argparse
import io
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

ROWS, RUNS, STARTS = 60000, 3, 30
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = ('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
         'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
         '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
         '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
         '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
         '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>')
STYLES = ('<styleSheet xmlns="%s"><numFmts count="1"><numFmt numFmtId="170" formatCode="yyyy\\-mm\\-dd"/></numFmts><fonts><font/></fonts>'
          '<fills><fill><patternFill/></fill></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>'
          '<cellXfs><xf/><xf numFmtId="170"/><xf numFmtId="4"/><xf numFmtId="10"/></cellXfs></styleSheet>' % SHEET)
PEERS = {
    "python-calamine": "import sys, python_calamine as c\nw = c.CalamineWorkbook.from_path(sys.argv[1])\n"
                       "print(sum(1 for s in w.sheet_names for r in w.get_sheet_by_name(s).to_python() for v in r if v != ''))",
    "openpyxl": "import sys, openpyxl\nw = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True)\n"
                "print(sum(1 for s in w for r in s.iter_rows(values_only=True) for v in r if v is not None))",
}
WORDS = "tea coffee sugar flour rice milk bread butter cheese apple pear plum".split()


class Book:
    """A workbook of one sheet under construction."""

    def __init__(self):
        self.strings, self.rows = {}, []

    def text(self, value):
        return ' t="s"', self.strings.setdefault(value, len(self.strings))

    def row(self, cells):
        """cells: (attributes, value) each."""
        number = len(self.rows) + 1
        marked = ('<c r="%s%d"%s><v>%s</v></c>' % (chr(65 + i), number, *cell) for i, cell in enumerate(cells))
        self.rows.append('<row r="%d">%s</row>' % (number, "".join(marked)))

    def write(self, path):
        relation = '<Relationship Id="r%d" Type="%s/%s" Target="%s"/>'
        parts = {"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS % (relation % (1, OFFICE, "officeDocument", "xl/workbook.xml")),
                 "xl/workbook.xml": '<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>' % (SHEET, OFFICE),
                 "xl/_rels/workbook.xml.rels": RELATIONS % (relation % (1, OFFICE, "worksheet", "worksheets/sheet1.xml")
                                                            + relation % (2, OFFICE, "styles", "styles.xml")
                                                            + relation % (3, OFFICE, "sharedStrings", "sharedStrings.xml")),
                 "xl/styles.xml": STYLES,
                 "xl/sharedStrings.xml": '<sst xmlns="%s">%s</sst>' % (SHEET, "".join("<si><t>%s</t></si>" % s for s in self.strings)),
                 "xl/worksheets/sheet1.xml": '<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (SHEET, "".join(self.rows))}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
            for name, text in parts.items():
                z.writestr(name, text)


def make_books(folder):
    """Orders (texts, dates, prices, shares), numbers of 17 digits, texts."""
    dice = random.Random(7)
    orders, numbers, texts = Book(), Book(), Book()
    orders.row([orders.text(t) for t in ("Order", "Date", "Customer", "Item", "Quantity", "Price", "Total", "Share", "Paid")])
    for i in range(1, ROWS):
        quantity, price = dice.randint(1, 90), round(dice.uniform(1, 99), 2)
        orders.row([("", i), (' s="1"', 43831 + i % 1500), orders.text("Customer %d" % dice.randint(1, 5000)), orders.text(dice.choice(WORDS)), ("", quantity),
                    (' s="2"', price), (' s="2"', repr(quantity * price)), (' s="3"', repr(dice.random())), (' t="b"', i % 2)])
        texts.row([texts.text("%s %s %d" % (dice.choice(WORDS), dice.choice(WORDS), dice.randint(1, 9999))) for _ in range(10)])
        if i % 2:
            numbers.row([("", repr(dice.random() * 1000)) for _ in range(20)])
    paths = []
    for name, book in (("orders", orders), ("numbers", numbers), ("texts", texts)):
        paths.append(os.path.join(folder, name + ".xlsx"))
        book.write(paths[-1])
    return paths


def run(*argv):
    """(CPU seconds, wall seconds, MiB at most, what it printed): of the command and all it started."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(["/usr/bin/env", *argv], stdout=subprocess.PIPE, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - start, after.ru_maxrss / 1024, done.stdout


def filled_cells(printed):
    """Filled cells of a printed workbook, the headings with the sheets' names left out."""
    return sum(1 for line in printed.decode().split("\n") if "\t" in line for cell in line.split("\t") if cell.strip())


def compare_cells(program, venv, files):
    columns = {"chatifix": (program, "extract")}
    if venv:
        columns.update({name: (venv + "/bin/python", "-c", code) for name, code in PEERS.items()})
    print("%-24s" % "cells per CPU second" + "".join("%18s" % name for name in columns) + "   ours / first peer")
    for path in files:
        rates, cells = [], 0
        for name, argv in columns.items():
            runs = [run(*argv, path) for _ in range(RUNS if name != "openpyxl" else 1)]
            cells = cells or filled_cells(runs[0][3])
            rates.append(cells / min(r[0] for r in runs))
        print("%-24s" % os.path.basename(path)[:23] + "".join("%18s" % format(int(r), ",") for r in rates)
              + ("%12.2f" % (rates[0] / rates[1]) if len(rates) > 1 else ""))


def small_files(folder):
    """One small file of each kind: a hundred words."""
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "test" / "unit" / "extract"))
    sys.dont_write_bytecode = True
    import documents
    import office
    line = "The quick brown fox jumps over the lazy dog and then rests in the shade."
    content = {"small.docx": documents.docx(documents.paragraphs(*[line] * 8)),
               "small.xlsx": office.workbook(office.data(*[office.row(n, office.text("A%d" % n, line), office.text("B%d" % n, n)) for n in range(1, 9)])),
               "small.pptx": office.deck(*[office.shape("title", "Slide") + office.shape("body", line, line)] * 4)}
    for name, data in content.items():
        path = os.path.join(folder, name)
        pathlib.Path(path).write_bytes(data)
        yield path


def measure_starts(program, folder):
    print("\n%-24s%18s%18s%18s" % ("one small file", "CPU ms, median", "wall ms, median", "peak MiB"))
    for path in small_files(folder):
        runs = [run(program, "extract", path) for _ in range(STARTS)]
        usage = subprocess.run(["/usr/bin/time", "-f", "%M", program, "extract", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) \
            if os.path.exists("/usr/bin/time") else None
        peak = "%.0f" % (int(usage.stderr) / 1024) if usage else "-"
        print("%-24s%18.1f%18.1f%18s" % (os.path.basename(path), 1000 * statistics.median(r[0] for r in runs),
                                         1000 * statistics.median(r[1] for r in runs), peak))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--peers", metavar="VENV")
    a.add_argument("--files", nargs="*", default=[])
    options = a.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare_cells(options.program, options.peers, make_books(folder) + options.files)
        measure_starts(options.program, folder)


if __name__ == "__main__":
    main()
