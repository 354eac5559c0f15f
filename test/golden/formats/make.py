# Tiny files by the packages gguf and safetensors with what they hold, and the tokenizer.json files that
# Hugging Face's tokenizers agree with. Run: python make.py (needs ../shared/data and node_modules).

import hashlib
import json
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

import gguf
import numpy as np
import tokenizers
import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
VOCABULARIES = ROOT.parent / "shared/data/tokenizers"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_gguf() -> dict:
    writer = gguf.GGUFWriter(HERE / "tiny.gguf", "llama")
    scalars = {
        "UINT8": 200, "INT8": -100, "UINT16": 60000, "INT16": -30000, "UINT32": 4000000000,
        "INT32": -2000000000, "FLOAT32": 0.1, "BOOL": True, "STRING": "naïve 🙂\n",
        "UINT64": 2**40, "INT64": -(2**40), "FLOAT64": 0.1,
    }
    for kind, value in scalars.items():
        writer.add_key_value(f"test.{kind.lower()}", value, gguf.GGUFValueType[kind])
    arrays = {"strings": ["a", "", "ü"], "integers": [1, -2, 3], "floats": [0.5, -1.5], "flags": [True, False]}
    for key, value in arrays.items():
        writer.add_array(f"test.{key}", value)
    writer.add_custom_alignment(64)
    generator = np.random.default_rng(3)
    values = generator.standard_normal((3, 64)).astype(np.float32)
    tensors = []
    for kind in ("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"):
        own = gguf.GGMLQuantizationType[kind]
        data = gguf.quants.quantize(values, own)
        raw = None if kind in ("F32", "F16") else own
        writer.add_tensor(f"matrix.{kind.lower()}", data, raw_dtype=raw)
        tensors.append({"name": f"matrix.{kind.lower()}", "type": kind, "shape": [3, 64], "sha256": digest(data.tobytes())})
    cube = generator.standard_normal((2, 3, 5)).astype(np.float32)
    writer.add_tensor("cube", cube)
    tensors.append({"name": "cube", "type": "F32", "shape": [2, 3, 5], "sha256": digest(cube.tobytes())})
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    stored = gguf.GGUFReader(HERE / "tiny.gguf")
    metadata = {key: field.contents() for key, field in stored.fields.items() if not key.startswith("GGUF.")}
    return {"metadata": metadata, "tensors": tensors}


def make_safetensors() -> dict:
    torch.manual_seed(3)
    tensors = {
        "f32": torch.randn(3, 4), "f16": torch.randn(2, 2, 2).half(), "bf16": torch.randn(7).bfloat16(),
        'odd "name"': torch.randn(1, 1), "scalar": torch.tensor(1.5), "mask": torch.ones(3, dtype=torch.bool),
        "empty": torch.zeros(0, 4),
    }
    save_file(tensors, HERE / "tiny.safetensors", metadata={"format": "pt", "note": "naïve"})
    kinds = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.bool: "BOOL"}
    described = []
    for name, tensor in tensors.items():
        data = tensor.flatten().view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
        described.append({"name": name, "dtype": kinds[tensor.dtype], "shape": list(tensor.shape), "sha256": digest(data)})
    return {"metadata": {"format": "pt", "note": "naïve"}, "tensors": described}


def check_tokenizers() -> dict:
    """Every text of the vocabularies' tests gives the ids that llama.cpp recorded."""
    paths = sorted(VOCABULARIES.glob("*.gguf"))
    checked = {}
    with tempfile.TemporaryDirectory() as folder:
        command = [ROOT / "node_modules/.bin/bun", HERE / "export-tokenizers.ts", folder, *paths]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")
        hashes = dict(line.split(" ") for line in lines if line)
        for path in paths:
            tokenizer = tokenizers.Tokenizer.from_file(f"{folder}/{path.stem}/tokenizer.json")
            texts = Path(f"{path}.inp").read_bytes().decode().split("\n__ggml_vocab_test__\n")
            wanted = Path(f"{path}.out").read_text().split("\n")
            for text, ids in zip(texts, wanted):
                got = tokenizer.encode(text, add_special_tokens=False).ids
                assert got == [int(i) for i in ids.split()], (path.stem, text)
            checked[path.stem] = {"tokenizerSha256": hashes[path.stem], "texts": len(texts)}
    return checked


def main() -> None:
    packages = ", ".join(f"{name} {version(name)}" for name in ("gguf", "safetensors", "tokenizers"))
    golden = {
        "madeBy": f"{packages}; make.py",
        "gguf": make_gguf(),
        "safetensors": make_safetensors(),
        "tokenizers": check_tokenizers(),
    }
    (HERE / "formats.json").write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
