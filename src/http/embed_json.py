"""Packs an OpenAPI document into a C header: embed_json.py INPUT OUTPUT VERSION; the document's info.version becomes VERSION."""
import json
import sys


def unique(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a member stands twice among: " + ", ".join(names))
    return dict(pairs)


def main(source, output, version):
    with open(source, encoding="utf-8") as f:
        document = json.load(f, object_pairs_hook=unique)
    document["info"]["version"] = version
    packed = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    rows = (",".join(str(byte) for byte in packed[at:at + 40]) for at in range(0, len(packed), 40))
    with open(output, "w", encoding="ascii") as f:
        f.write("/* Made by the build from openapi.json. */\nstatic const unsigned char openapi_bytes[] = {\n" + ",\n".join(rows) + "};\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
