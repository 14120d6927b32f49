#!/usr/bin/env python3
"""Loads the migrations into a real PostgreSQL and prepares every statement of the store there.

postgres_schema.py STORE_STATEMENTS MIGRATION.sql ...
STORE_STATEMENTS prints name TAB text, a line a statement. Exit status 77 (skipped) where PostgreSQL is not installed. The cluster is private: a
temporary folder, a UNIX socket in it, no TCP; it is stopped by its own pg_ctl.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

PARAMETER_TYPES = {"bigint", "text", "bytea"}  # what db.h can bind


def bin_folder():
    """The folder of initdb: on PATH, or the newest of Debian's."""
    found = shutil.which("initdb")
    if found:
        return os.path.dirname(os.path.realpath(found))
    debian = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    return os.path.dirname(max(debian, key=lambda p: int(p.split("/")[4]))) if debian else None


class Cluster:
    """initdb and postgres refuse root, so root hands them to `nobody`."""

    def __init__(self, binaries):
        self.binaries = binaries
        self.user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        self.folder = tempfile.mkdtemp(prefix="cfx")  # short: a socket's path ends at 107 bytes
        if self.user:
            shutil.chown(self.folder, "nobody", "nogroup")
        self.data = os.path.join(self.folder, "data")

    def run(self, program, *args, **options):
        command = [*self.user, os.path.join(self.binaries, program), *args]
        return subprocess.run(command, cwd=self.folder, text=True, check=True, stdout=subprocess.DEVNULL, **options)

    def __enter__(self):
        try:
            self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
            options = f"-c listen_addresses='' -k {self.folder} -c fsync=off"
            self.run("pg_ctl", "-D", self.data, "-l", os.path.join(self.folder, "log"), "-w", "-s", "-o", options, "start")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if os.path.exists(os.path.join(self.data, "postmaster.pid")):
            self.run("pg_ctl", "-D", self.data, "-m", "fast", "-s", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def psql(self, script, stop=True):
        """Runs a script; gives its output and its errors as (line, message)."""
        psql = [os.path.join(self.binaries, "psql"), "-X", "-q", "-A", "-t", "-h", self.folder, "-U", "postgres", "-f", "-"]
        command = [*self.user, *psql, "-v", f"ON_ERROR_STOP={int(stop)}"]
        done = subprocess.run(command, cwd=self.folder, text=True, input=script, capture_output=True, check=False)
        errors = re.findall(r"^psql:<stdin>:(\d+): ERROR:\s*(.*)$", done.stderr, re.M)
        if done.returncode and not errors:
            errors = [(0, done.stderr.strip())]
        return done.stdout, [(int(line), message) for line, message in errors]


def check_migrations(cluster, paths):
    failures = []
    for path in paths:
        with open(path, encoding="utf-8") as f:
            sql = f.read()
        for attempt in ("first", "second"):  # each step can be run again
            _, errors = cluster.psql("begin;\n" + sql + "\ncommit;\n")
            failures += [f"{os.path.basename(path)}:{line - 1} ({attempt} run): {message}" for line, message in errors]
    return failures


def check_statements(cluster, statements):
    """Line n of the script prepares statement n, as s<n>; the lines after them plan each, and list what types the parameters got."""
    prepared = [f"prepare s{n} as {sql};" for n, (_, sql) in enumerate(statements, 1)]
    planned = [explain(n, sql) for n, (_, sql) in enumerate(statements, 1)]
    listing = "select name, array_to_string(parameter_types, ' ') from pg_prepared_statements;"
    output, errors = cluster.psql("\n".join([*prepared, "\\o /dev/null", *planned, "\\o", listing, ""]), stop=False)
    failures = [f"{statements[(line - 1) % (len(statements) + 1)][0] if line else 'psql'}: {message}" for line, message in errors]
    typed = dict(line[1:].split("|") for line in output.splitlines() if re.match(r"s\d+\|", line))
    for n, (name, _) in enumerate(statements, 1):
        odd = set(typed.get(str(n), "").split()) - PARAMETER_TYPES
        if odd:
            failures.append(f"{name}: a parameter is {', '.join(sorted(odd))}: cast it to bigint, text or bytea")
    if not failures and len(typed) != len(statements):
        failures.append(f"{len(typed)} of {len(statements)} statements are prepared")
    return failures


def explain(n, sql):
    count = max(map(int, re.findall(r"\$(\d+)", sql)), default=0)
    return f"explain execute s{n}" + (f"({', '.join(['null'] * count)})" if count else "") + ";"


def main(program, migrations):
    binaries = bin_folder()
    if not binaries:
        print("skipped: PostgreSQL is not installed (package postgresql)")
        return 77
    listed = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    statements = [line.split("\t") for line in listed.splitlines()]
    with Cluster(binaries) as cluster:
        failures = check_migrations(cluster, migrations) or check_statements(cluster, statements)
        version, _ = cluster.psql("show server_version;")
    for failure in failures:
        print(failure)
    print(f"PostgreSQL {version.strip()}: {len(migrations)} migrations, {len(statements)} statements, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
