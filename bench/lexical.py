#!/usr/bin/env python3
"""The lexical index beside tantivy, on the same passages and questions, in one sitting.

    bench/lexical.py BENCH_LEXICAL CORPORA PASSAGES [FOLDER]

BENCH_LEXICAL is the built program, CORPORA the folder of retrieval sets (../shared/corpora/retrieval), PASSAGES how many to make: four sentences each, drawn from the English sets, so
that words are as frequent as they are there. Questions are whole ones, and two to five words of them. tantivy is measured where `import tantivy` works: one thread,
CPU time, its parsing of questions included, as splitting into words is here.
"""
import json
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile
import time

SETS = ("scifact-train", "cranfield", "squad2-dev-a", "stackfaq", "xquad-en")
COMMON = set("a an and are as at be by can did do does for from has have how in is it its of on or that the this to was were what when where which who why will with not".split())


def rows(corpora, name):
    with open(corpora / name, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def make(corpora, count, folder):
    rng, sentences = random.Random(5), []
    for name in SETS:
        for row in rows(corpora, name + "/corpus.jsonl"):
            text = " ".join((row.get("title", "") + ". " + row["text"]).split())
            sentences += [s for s in re.split(r"(?<=[.?!])\s+", text) if 20 < len(s) < 400]
    with open(folder / "passages", "w", encoding="utf-8") as file:
        for _ in range(count):
            file.write(" ".join(rng.choices(sentences, k=4)) + "\n")
    questions = [r["text"] for r in rows(corpora, "scifact-train/queries.jsonl")[:400] + rows(corpora, "squad2-dev-a/queries.jsonl")[:400]]
    short, rng = [], random.Random(9)
    for question in questions:
        words = [w for w in re.findall(r"[a-z0-9]+", question.lower()) if w not in COMMON and len(w) > 2]
        if len(words) >= 2:
            short.append(" ".join(rng.sample(words, min(len(words), rng.randint(2, 5)))))
    (folder / "short").write_text("\n".join(short[:500]) + "\n")
    (folder / "whole").write_text("\n".join(" ".join(re.findall(r"[a-z0-9]+", q.lower())) for q in questions[:500]) + "\n")


def tantivy_figures(folder):
    import tantivy
    schema = tantivy.SchemaBuilder().add_text_field("text", stored=False, tokenizer_name="en_stem").build()
    passages = (folder / "passages").read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory(dir=folder) as place:
        start = time.process_time()
        index = tantivy.Index(schema, path=place)
        writer = index.writer(heap_size=200_000_000, num_threads=1)
        for text in passages:
            writer.add_document(tantivy.Document(text=text))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        seconds = time.process_time() - start
        print("tantivy: %d passages: %.0f a second; RSS of the process %d MiB" % (len(passages), len(passages) / seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10))
        searcher = index.searcher()
        for kind in ("short", "whole"):
            times = []
            for question in (folder / kind).read_text().splitlines():
                start = time.process_time()
                searcher.search(index.parse_query(question, ["text"]), 10)
                times.append(time.process_time() - start)
            times.sort()
            print("  %s: %.0f a second; ms p50 %.3f, p99 %.3f" % (kind, len(times) / sum(times), times[len(times) // 2] * 1e3, times[len(times) * 99 // 100] * 1e3), flush=True)


def main(program, corpora, count, folder=None):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(folder or temporary)
        make(pathlib.Path(corpora), int(count), folder)
        subprocess.run([os.path.abspath(program), "passages", "short", "whole"], cwd=folder, check=True)
        try:
            tantivy_figures(folder)
        except ImportError:
            print("tantivy is not installed here (pip install tantivy==0.27.0)")


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])
