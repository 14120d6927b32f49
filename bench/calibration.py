#!/usr/bin/env python3
"""Whether similarity_score is what it says: the share of passages with that score that hold what was asked for.

    bench/calibration.py [--fit] [--out docs]          CHATIFIX names the program, as for the tests

Asks the questions of labelled sets (../shared/corpora/retrieval) through /api/v1/search, by words and meaning and by words alone, and looks at the five best passages of each. Right is a
passage of a document that is judged relevant; where the set has answers, the passage must hold one too. Questions of another field, to which every passage is wrong, are asked
as well. Each set weighs the same. Writes calibration.svg and calibration.md; --fit prints the constants of src/app/calibrate.c anew, and how far off each set is with
constants that were fitted on the others.
"""
import argparse
import json
import math
import pathlib
import sys
import tempfile
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[1]
CORPORA = ROOT.parent / "shared" / "corpora" / "retrieval"
sys.path.insert(0, str(ROOT / "test" / "api"))
sys.dont_write_bytecode = True
from host import Caller, Host, until  # noqa: E402

SETS = {"xquad-en": "cranfield", "squad2-dev-a": "stackfaq", "stackfaq": "xquad-en", "cranfield": "squad2-dev-a", "scifact-train": "stackfaq"}  # and whose questions are foreign to it
QUESTIONS, FOREIGN, BEST, BINS = 400, 40, 5, 10
MODES = {"hybrid": "by words and meaning", "lexical": "by words alone"}
COLORS = ("#1b6ca8", "#c8553d", "#588157", "#8e5572", "#b08900")


def rows(folder, name):
    with open(folder / name, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def judged(folder):
    relevant = {}
    for line in open(folder / "qrels.tsv", encoding="utf-8"):
        fields = line.rstrip("\n").split("\t")
        if len(fields) >= 3 and fields[2].isdigit() and int(fields[2]) > 0:
            relevant.setdefault(fields[0], set()).add(fields[1])
    return relevant


def some(items, count):
    """Evenly spread, the same ones every time."""
    return items if len(items) <= count else [items[i * len(items) // count] for i in range(count)]


def questions(name):
    relevant = judged(CORPORA / name)
    return [q for q in rows(CORPORA / name, "queries.jsonl") if q["_id"] in relevant and not q.get("unanswerable")], relevant


def add(caller, name):
    documents = [d for d in rows(CORPORA / name, "corpus.jsonl") if (d.get("title") or d["text"]).strip()]
    for d in documents:
        title = d.get("title") or ""
        content = d["text"] if d["text"].startswith(title) else title + "\n" + d["text"]
        reply = caller.post("/api/v1/knowledge/text", json={"title": d["_id"], "content": content}, headers={"Prefer": "respond-async"})
        assert reply.status_code in (201, 202), reply.text
    until(lambda: caller.get("/api/v1/knowledge/documents?status=completed&limit=1").json()["total"] == len(documents), 600)


def holds(passage, question, relevant):
    answers = [a.casefold() for a in question.get("answers", [])]
    return passage["document_name"] in relevant and (not answers or any(a in passage["text"].casefold() for a in answers))


def enter(caller):
    """As the owner of a fresh company: explain is for admins."""
    reply = caller.post("/api/v1/auth/register", json={"name": "Company", "email": "%s@example.com" % uuid.uuid4().hex, "password": "six wet herons wade"})
    assert reply.status_code == 201, reply.text
    caller.headers["Authorization"] = "Bearer " + reply.json()["access_token"]


def observe(url, name):
    """{mode: [(score, fused, right)]}"""
    with Caller(url) as caller:
        enter(caller)
        add(caller, name)
        asked, relevant = questions(name)
        asked = [(q, relevant[q["_id"]]) for q in some(asked, QUESTIONS)] + [(q, set()) for q in some(questions(SETS[name])[0], FOREIGN)]
        seen = {mode: [] for mode in MODES}
        for question, wanted in asked:
            for mode in MODES:
                reply = caller.post("/api/v1/search", json={"query": question["text"], "top_k": BEST, "mode": mode, "explain": True})
                assert reply.status_code == 200, reply.text
                seen[mode] += [(p["similarity_score"], p["explain"]["fused"], holds(p, question, wanted)) for p in reply.json()["results"]]
    return seen


# ---- figures ----

def bins(points):
    """[(mean score, share right, count)] of the bins that are not empty."""
    parted = [[] for _ in range(BINS)]
    for score, right in points:
        parted[min(int(score * BINS), BINS - 1)].append((score, right))
    return [(sum(s for s, _ in part) / len(part), sum(r for _, r in part) / len(part), len(part)) for part in parted if part]


def expected_error(points):
    return sum(abs(score - share) * count for score, share, count in bins(points)) / max(len(points), 1)


def logistic(x):
    return 1 / (1 + math.exp(-x))


def fit(sets):
    """base and slope of logistic(base + slope * fused) by Newton's method, each set weighing the same."""
    base, slope = 0.0, 1.0
    for _ in range(50):
        g0 = g1 = h00 = h01 = h11 = 0.0
        for points in sets:
            weight = 1 / max(len(points), 1)
            for fused, right in points:
                p = logistic(base + slope * fused)
                v = weight * p * (1 - p)
                g0 += weight * (right - p)
                g1 += weight * (right - p) * fused
                h00 += v
                h01 += v * fused
                h11 += v * fused * fused
        determinant = h00 * h11 - h01 * h01
        base, slope = base + (h11 * g0 - h01 * g1) / determinant, slope + (h00 * g1 - h01 * g0) / determinant
    return base, slope


def print_fit(seen):
    for mode in MODES:
        data = {name: [(fused, right) for _, fused, right in modes[mode]] for name, modes in seen.items()}
        print("%s: base %.2f, slope %.2f" % ((mode,) + fit(list(data.values()))))
        for name in data:
            base, slope = fit([points for other, points in data.items() if other != name])
            error = expected_error([(logistic(base + slope * fused), right) for fused, right in data[name]])
            print("  %-14s off by %.3f with base %.2f, slope %.2f of the others" % (name, error, base, slope))


# ---- what is written ----

def table(seen):
    lines = ["# Calibration of similarity_score", "", "Written by `bench/calibration.py`. The score of a passage is about the share of passages with that score that hold what was asked for: of the",
             "five best passages of each question (%d questions of a set at most, %d of another field), `right` is the share that does." % (QUESTIONS, FOREIGN), "", "![reliability](calibration.svg)", ""]
    for mode, said in MODES.items():
        lines += ["## %s%s" % (said[0].upper(), said[1:]), "", "| set | passages | mean score | right | expected error |", "|---|---|---|---|---|"]
        for name, modes in seen.items():
            points = [(score, right) for score, _, right in modes[mode]]
            lines.append("| %s | %d | %.3f | %.3f | %.3f |" % (name, len(points), sum(s for s, _ in points) / len(points), sum(r for _, r in points) / len(points), expected_error(points)))
        pooled = [(score, right) for modes in seen.values() for score, _, right in modes[mode]]
        lines += ["| all | %d | %.3f | %.3f | %.3f |" % (len(pooled), sum(s for s, _ in pooled) / len(pooled), sum(r for _, r in pooled) / len(pooled), expected_error(pooled)), "",
                  "| score | passages | mean score | right |", "|---|---|---|---|"]
        for score, share, count in bins(pooled):
            low = min(int(score * BINS), BINS - 1) / BINS
            lines.append("| %.1f to %.1f | %d | %.3f | %.3f |" % (low, low + 1 / BINS, count, score, share))
        lines.append("")
    return "\n".join(lines)


def plot(seen):
    side, left, top, gap = 360, 50, 40, 70
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">' % (left + 2 * side + gap + 150, top + side + 50), '<rect width="100%" height="100%" fill="white"/>']
    for i, (mode, said) in enumerate(MODES.items()):
        x0, y0 = left + i * (side + gap), top + side
        place = lambda x, y: "%.1f,%.1f" % (x0 + x * side, y0 - y * side)  # noqa: E731
        out.append('<text x="%d" y="%d" font-size="14">%s</text>' % (x0, top - 14, said))
        for n in range(0, 11, 2):
            out.append('<path d="M%s L%s M%s L%s" stroke="#ddd"/>' % (place(n / 10, 0), place(n / 10, 1), place(0, n / 10), place(1, n / 10)))
            out.append('<text x="%.1f" y="%d" text-anchor="middle">%.1f</text><text x="%d" y="%.1f" text-anchor="end">%.1f</text>' % (x0 + n * side / 10, y0 + 18, n / 10, x0 - 6, y0 - n * side / 10 + 4, n / 10))
        out.append('<path d="M%s L%s" stroke="#888" stroke-dasharray="4 4"/>' % (place(0, 0), place(1, 1)))
        out.append('<text x="%.1f" y="%d" text-anchor="middle">similarity_score</text>' % (x0 + side / 2, y0 + 38))
        for color, (name, modes) in zip(COLORS, seen.items()):
            points = [(s, r) for s, r, n in bins([(score, right) for score, _, right in modes[mode]]) if n >= 15]
            out.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="1.5" opacity="0.7"/>' % (" ".join(place(*p) for p in points), color))
        pooled = bins([(score, right) for modes in seen.values() for score, _, right in modes[mode]])
        out.append('<polyline points="%s" fill="none" stroke="black" stroke-width="2.5"/>' % " ".join(place(s, r) for s, r, _ in pooled))
        out += ['<circle cx="%s" cy="%s" r="%.1f"/>' % (*place(s, r).split(","), 2 + math.sqrt(n) / 15) for s, r, n in pooled]
    for n, (color, name) in enumerate(list(zip(COLORS, seen)) + [("black", "all")]):
        x, y = left + 2 * side + gap + 16, top + 12 + 20 * n
        out.append('<path d="M%d,%d h20" stroke="%s" stroke-width="2.5"/><text x="%d" y="%d">%s</text>' % (x, y, color, x + 26, y + 4, name))
    out.append('<text x="14" y="%d" transform="rotate(-90 14 %d)" text-anchor="middle">share that is right</text></svg>' % (top + side // 2, top + side // 2))
    return "\n".join(out) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=pathlib.Path, default=ROOT / "docs")
    options.add_argument("--fit", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, Host(pathlib.Path(folder) / "data") as host:
        seen = {name: observe(host.url, name) for name in SETS}
    if chosen.fit:
        print_fit(seen)
    (chosen.out / "calibration.md").write_text(table(seen), encoding="utf-8")
    (chosen.out / "calibration.svg").write_text(plot(seen), encoding="utf-8")
    print(table(seen))


if __name__ == "__main__":
    main()
