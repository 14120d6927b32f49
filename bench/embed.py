"""The sentence encoder beside onnxruntime and the processor's limit: one table, same texts, one thread, CPU time, in turns.

  python3 -m venv PEER; PEER/bin/pip install numpy onnx onnxruntime tokenizers safetensors gguf
  PEER/bin/python ../shared/peers/micro/mkmodels.py FOLDER-OF-MODEL.SAFETENSORS MODELS; cp FOLDER-OF-MODEL.SAFETENSORS/tokenizer.json MODELS
  script/build build-release bench/bench_embed -- --buildtype=release -Dtests=disabled
  PEER/bin/python bench/embed.py MODELS build-release/bench/bench_embed deps/minilm/all-minilm-l6-v2.cfx

int8.onnx is onnxruntime's dynamic quantisation, the honest peer of int8 arithmetic. Peak is that of vpdpbusd (peak.c); the share counts the matrices and attention."""
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

SHARED = pathlib.Path(__file__).resolve().parents[2] / "shared"
SCIFACT = SHARED / "corpora" / "retrieval" / "scifact-train"
LENGTHS = {16: 128, 64: 64, 256: 32}  # tokens: texts
ROUNDS = 3
BATCH = 32
PASSAGES = 2000


def read(name):
    return [json.loads(line) for line in open(SCIFACT / name, encoding="utf-8")]


def cut(tokenizer, text, tokens, count):
    """Pieces of text of exactly so many tokens each."""
    whole, found, at = tokenizer.encode(text, add_special_tokens=False), [], 0
    while len(found) < count and at + tokens < len(whole.ids):
        end = at + tokens - 2
        piece = " ".join(text[whole.offsets[at][0]:whole.offsets[end - 1][1]].split())
        at = end
        if len(tokenizer.encode(piece).ids) == tokens:
            found.append(piece)
    return found


class Onnx:
    def __init__(self, path, tokenizer):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session, self.tokenizer = onnxruntime.InferenceSession(str(path), options), tokenizer

    def embed(self, texts):
        ids = np.array([self.tokenizer.encode(t).ids for t in texts], np.int64)
        positions = np.tile(np.arange(ids.shape[1]), (len(texts), 1))
        tokens = self.session.run(None, {"input_ids": ids, "position_ids": positions, "attention_mask": np.ones_like(ids, np.int32)})[0]
        vectors = tokens.mean(1)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def measure(self, texts):
        start, parts = time.process_time(), [self.embed(texts[i:i + BATCH]) for i in range(0, len(texts), BATCH)]
        batch, singles = time.process_time() - start, []
        for text in texts:
            start = time.process_time()
            self.embed([text])
            singles.append(time.process_time() - start)
        return batch, statistics.median(singles), np.concatenate(parts)


class Ours:
    def __init__(self, program, model, kernels):
        self.command = [program, model, "0.4", kernels]

    def measure(self, texts):
        with tempfile.TemporaryDirectory() as folder:
            lines, vectors = pathlib.Path(folder, "texts"), pathlib.Path(folder, "vectors")
            lines.write_text("\n".join(texts) + "\n", encoding="utf-8")
            figures = subprocess.run([*self.command, lines, vectors], check=True, capture_output=True, text=True).stdout.split()
            found = np.fromfile(vectors, np.float32).reshape(len(texts), -1)
        return float(figures[0]), float(figures[1]), found / np.linalg.norm(found, axis=1, keepdims=True)


def peak():
    """int8 multiply-adds a second of one core."""
    with tempfile.TemporaryDirectory() as folder:
        program = folder + "/peak"
        subprocess.run(["cc", "-O3", "-march=native", SHARED / "peers" / "micro" / "peak.c", "-o", program], check=True)
        text = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return max(float(g) for g in re.findall(r"int8 VNNI zmm (\d+)", text)) * 1e9 / 2


def compare_passages(tokenizer, exact, ours):
    """Whole passages of every length, cut at the model's."""
    texts = [" ".join((d["title"] + " " + d["text"]).split()) for d in read("corpus.jsonl")[:PASSAGES]]
    tokenizer.enable_truncation(256)
    cosines = (np.concatenate([exact.embed([text]) for text in texts]) * ours.measure(texts)[2]).sum(1)
    print(f"\nCosine to onnxruntime fp32 over {len(texts)} passages: mean {cosines.mean():.4f}, least {cosines.min():.4f}; below 0.99: {(cosines < 0.99).sum()}")


def main():
    models, program, model = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    tokenizer = Tokenizer.from_file(str(models / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    documents = " ".join(d["title"] + " " + d["text"] for d in read("corpus.jsonl")[:400])
    questions = " ".join(q["text"] for q in read("queries.jsonl"))
    engines = {"onnxruntime fp32": Onnx(models / "fp32.onnx", tokenizer), "onnxruntime int8": Onnx(models / "int8.onnx", tokenizer)}
    engines |= {"chatifix " + kernels: Ours(program, model, kernels) for kernels in sys.argv[4:] or ["avx512-vnni"]}
    limit = peak()
    print(f"int8 peak {limit / 1e9:.0f} G MAC/s\n")
    print("| tokens | engine | tokens/s | / int8 | / fp32 | of peak | one text, p50 | / int8 | cosine mean, min |\n|---|---|---|---|---|---|---|---|---|")
    for tokens, count in LENGTHS.items():
        texts = cut(tokenizer, questions if tokens == 16 else documents, tokens, count)
        runs = {name: [] for name in engines}
        for _ in range(ROUNDS):
            for name, engine in engines.items():
                runs[name].append(engine.measure(texts))
        speed = {name: len(texts) * tokens / min(r[0] for r in done) for name, done in runs.items()}
        single = {name: min(r[1] for r in done) for name, done in runs.items()}
        exact = runs["onnxruntime fp32"][0][2]
        for name, done in runs.items():
            cosine = (exact * done[0][2]).sum(1)
            share = speed[name] * (10.62e6 + 6 * 2 * tokens * 384) / limit
            print(f"| {tokens} | {name} | {speed[name]:.0f} | {speed[name] / speed['onnxruntime int8']:.2f} | {speed[name] / speed['onnxruntime fp32']:.2f} | {share:.0%} "
                  f"| {single[name] * 1e3:.2f} ms | {single[name] / single['onnxruntime int8']:.2f} | {cosine.mean():.4f}, {cosine.min():.4f} |", flush=True)
    compare_passages(tokenizer, engines["onnxruntime fp32"], list(engines.values())[2])


if __name__ == "__main__":
    main()
