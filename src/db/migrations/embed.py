"""Writes the migrations as a C table: embed.py OUTPUT NNN_name.sql ...; fails on a gap in the numbers."""
import json
import os
import re
import sys


def c_string(text):
    return "\n".join("     " + json.dumps(line + "\n", ensure_ascii=True) for line in text.splitlines()) or '     ""'


def main(output, paths):
    rows = []
    for number, path in enumerate(sorted(paths, key=os.path.basename), 1):
        name = os.path.basename(path)[:-len(".sql")]
        match = re.fullmatch(r"(\d{3})_[a-z0-9_]+", name)
        if not match or int(match.group(1)) != number:
            sys.exit(f"{path}: expected {number:03d}_name.sql")
        with open(path, encoding="ascii") as f:
            rows.append(f'    {{{number}, "{name}",\n{c_string(f.read())}}},\n')
    with open(output, "w", encoding="ascii") as f:
        f.write("/* Made by the build from src/db/migrations. */\n#include \"db/engine.h\"\n\n")
        f.write("const struct db_migration db_migrations[] = {\n" + "".join(rows) + "};\n")
        f.write(f"const size_t db_migrations_count = {len(rows)};\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
