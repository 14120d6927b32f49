"""Packs files into a C file that includes their bytes: pack.py OUTPUT.c OUTPUT.bin NAME=PATH... Each file goes in as it is and gzipped."""
import gzip
import hashlib
import json
import os
import sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}
# The assembler takes the bytes in; a C array of two megabytes would take the compiler seconds.
HEAD = """/* Made by the build: the table of the packed files. Bytes %s. */
#include "web/web.h"

__asm__(".pushsection .rodata\\n.globl web_bytes\\n.hidden web_bytes\\nweb_bytes:\\n.incbin \\"%s\\"\\n.popsection");
extern const char web_bytes[];

const struct web_file web_files[] = {
"""


def main(source, blob, *files):
    packed, rows = b"", ""
    for name, path in (file.split("=", 1) for file in files):
        with open(path, "rb") as f:
            plain = f.read()
        small = gzip.compress(plain, 9, mtime=0)
        tag = hashlib.sha256(plain).hexdigest()[:16]
        rows += '    {%s, %s, "W/\\"%s\\"", {web_bytes + %d, %d}, {web_bytes + %d, %d}},\n' % (
            json.dumps(name), json.dumps(TYPES[os.path.splitext(name)[1]]), tag, len(packed), len(plain), len(packed) + len(plain), len(small))
        packed += plain + small
    with open(blob, "wb") as f:
        f.write(packed)
    # The hash makes the C file differ whenever the bytes do: no compiler sees that it depends on them.
    with open(source, "w", encoding="utf-8") as f:
        f.write(HEAD % (hashlib.sha256(packed).hexdigest(), os.path.abspath(blob)))
        f.write(rows + "};\n\nconst size_t web_file_count = sizeof web_files / sizeof *web_files;\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
