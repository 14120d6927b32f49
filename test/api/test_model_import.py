"""A model of somebody else: its folder imported, served, searched with; and what the command line says where that cannot be."""
import json
import os
import random
import struct
import subprocess

import pytest
from host import BINARY, Caller, Host, environment, register

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "herons", "wade", "in", "shallow", "water", "invoices", "are", "due", "monthly", "violins", "have", "four", "strings", "."]
SHAPES = {"attention.self.query": (384, 384), "attention.self.key": (384, 384), "attention.self.value": (384, 384), "attention.output.dense": (384, 384),
          "attention.output.LayerNorm": (384,), "intermediate.dense": (64, 384), "output.dense": (384, 64), "output.LayerNorm": (384,)}


def tensors():
    """One layer of random halves, 1/32 to 1/16 and of either sign."""
    shapes = {"embeddings.%s_embeddings.weight" % name: (rows, 384) for name, rows in (("word", len(WORDS)), ("position", 128), ("token_type", 2))}
    for part, shape in {"embeddings.LayerNorm": (384,), **{"encoder.layer.0." + name: shape for name, shape in SHAPES.items()}}.items():
        shapes |= {part + ".weight": shape, part + ".bias": shape[:1]}
    header, at = {}, 0
    for name, shape in shapes.items():
        size = 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        header["bert." + name] = {"dtype": "F16", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    data = bytearray(random.Random(1).randbytes(at))
    data[1::2] = data[1::2].translate(bytes(0x28 | (b & 0x83) for b in range(256)))
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "heron-bert"
    made.mkdir()
    (made / "model.safetensors").write_bytes(tensors())
    (made / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    return made


def run(*arguments):
    if not BINARY.exists():
        pytest.skip("%s is not built" % BINARY)
    return subprocess.run([str(BINARY), "model", *map(str, arguments)], env=environment(), capture_output=True, text=True)


def test_an_imported_model_serves(folder, tmp_path):
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "hidden_size": 384, "num_hidden_layers": 1, "layer_norm_eps": 1e-5}))
    done = run("import", folder)
    assert done.returncode == 0, done.stderr
    assert str(folder / "model.cfx") in done.stdout and "bert-l1-384/int8/" in done.stdout
    texts = {"birds": "Herons wade in shallow water.", "bills": "Invoices are due monthly.", "music": "Violins have four strings."}
    with Host(tmp_path / "data", "--model", str(folder / "model.cfx")) as host, Caller(host.url, register(host.url)) as session:
        for title, content in texts.items():
            assert session.post("/api/v1/knowledge/text", json={"title": title, "content": content}).status_code == 201
        for title, content in texts.items():
            results = session.post("/api/v1/search", json={"query": content, "mode": "semantic"}).json()["results"]
            assert results[0]["document_name"] == title, results


def test_what_a_model_may_not_be_is_told(folder):
    (folder / "config.json").write_text(json.dumps({"hidden_size": 768}))
    done = run("import", folder)
    assert done.returncode == 1 and done.stderr == "chatifix: config.json: hidden_size is 768; only 384 is supported.\n"
    assert not (folder / "model.cfx").exists()


def test_a_pipe_is_not_replaced(folder, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = run("import", folder, pipe)
    assert done.returncode == 1 and "is no file, so it is not replaced" in done.stderr
    assert pipe.is_fifo()
