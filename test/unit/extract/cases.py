"""Runs documents through PROGRAM extract --json and compares what is read out of each with what is expected."""
import json
import os
import subprocess
import tempfile
import time


def children_seconds():
    times = os.times()
    return times.children_user + times.children_system


def read(program, name, content, folder):
    """["kind page text", ..., "note sentence", ...] or the sentence that refuses the file, and the CPU seconds it took. The file stays in the folder."""
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(content.encode() if isinstance(content, str) else content)
    began = children_seconds()
    done = subprocess.run([program, "extract", path, "--json"], capture_output=True, timeout=120)
    spent = children_seconds() - began
    if done.returncode:
        return done.stderr.decode().strip().partition(": ")[2], spent
    blocks = map(json.loads, done.stdout.decode().splitlines())
    notes = [line.replace("note: ", "note ", 1) for line in done.stderr.decode().splitlines()]
    return [f"{b['kind']} {b['page']} " + b["text"].replace("\t", "|") for b in blocks] + notes, spent


def agrees(got, expected):
    """expected: lines, or the beginning of a refusal, or None: either, but without a crash."""
    if expected is None:
        return isinstance(got, list) or (got != "" and "made its reader fail" not in got)
    return got.startswith(expected) if isinstance(expected, str) and isinstance(got, str) else got == expected


def count_wrong(program, cases, seconds):
    """How many of (name, content, expected) differ or take longer; prints which."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, content, expected in cases:
            got, spent = read(program, name, content, folder)
            if not agrees(got, expected) or spent > seconds:
                wrong += 1
                print(f"{name} ({spent:.1f} s):\n  expected {str(expected)[:1500]}\n  got      {str(got)[:1500]}")
    print(f"{len(cases)} documents, {wrong} wrong")
    return wrong
