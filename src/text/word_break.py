"""Writes the table of Unicode's word break properties: word_break.py FOLDER > word_break_table.c, FOLDER being /usr/share/unicode of Debian's package unicode-data."""
import pathlib
import re
import sys

NAMES = {"CR": "CR", "LF": "LF", "Newline": "NEWLINE", "Extend": "EXTEND", "ZWJ": "ZWJ", "Regional_Indicator": "REGIONAL", "Format": "FORMAT", "Katakana": "KATAKANA",
         "Hebrew_Letter": "HEBREW", "ALetter": "LETTER", "Single_Quote": "SINGLE_QUOTE", "Double_Quote": "DOUBLE_QUOTE", "MidNumLet": "MID_BOTH", "MidLetter": "MID_LETTER",
         "MidNum": "MID_NUMBER", "Numeric": "NUMBER", "ExtendNumLet": "JOINER", "WSegSpace": "SPACE"}
WIDTH = 160


def read(path, wanted):
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        found = re.match(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*(\w+)", line)
        if found and wanted(found[3]):
            rows.append([int(found[1], 16), int(found[2] or found[1], 16), found[3]])
    rows.sort()
    merged = []
    for row in rows:
        if merged and merged[-1][2] == row[2] and merged[-1][1] + 1 == row[0]:
            merged[-1][1] = row[1]
        else:
            merged.append(row)
    return merged


def put(cells):
    line = "   "
    for cell in cells:
        if len(line) + 1 + len(cell) > WIDTH:
            print(line)
            line = "   "
        line += " " + cell
    print(line)


def main(folder):
    properties = folder / "auxiliary" / "WordBreakProperty.txt"
    version = re.search(r"-([0-9.]+)\.txt", properties.read_text(encoding="utf-8"))[1]
    ranges = read(properties, NAMES.__contains__)
    pictures = read(folder / "emoji" / "emoji-data.txt", "Extended_Pictographic".__eq__)
    print("/* Word break properties of Unicode %s, written by word_break.py from its data files (Unicode License). */" % version)
    print('#include "text/word_break.h"\n\n/* clang-format off */\nconst struct word_break_range word_break_ranges[] = {')
    put("{0x%X, 0x%X, BREAK_%s}," % (first, last, NAMES[name]) for first, last, name in ranges)
    print("};\nconst size_t word_break_range_count = sizeof word_break_ranges / sizeof *word_break_ranges;\n\nconst struct word_break_range word_break_pictures[] = {")
    put("{0x%X, 0x%X, BREAK_OTHER}," % (first, last) for first, last, _ in pictures)
    print("};\nconst size_t word_break_picture_count = sizeof word_break_pictures / sizeof *word_break_pictures;\n/* clang-format on */")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
