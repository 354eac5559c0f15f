# Hashes of every tensor after llama_model_quantize (what llama-quantize calls), for seeded inputs that
# a test can rebuild. Run: python quantize.py (writes quantize.json; the files stay in a temporary folder).

import ctypes
import hashlib
import json
import tempfile
from importlib.metadata import version
from pathlib import Path

import gguf
import llama_cpp
import numpy as np
from gguf import GGMLQuantizationType, GGUFValueType

from generator import values_of

HERE = Path(__file__).parent
TARGETS = {
    "F16": llama_cpp.LLAMA_FTYPE_MOSTLY_F16,
    "BF16": llama_cpp.LLAMA_FTYPE_MOSTLY_BF16,
    "Q8_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0,
    "Q4_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_0,
    "Q4_1": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_1,
}
# What makes quantisation hard: zeros, scales that are subnormal in f16, large values, one sign only.
ODD = {
    "blk.0.attn_q.weight": (1e-6, 0.0),
    "blk.0.ffn_up.weight": (500.0, 0.0),
    "blk.1.attn_v.weight": (0.0, 0.0),
    "blk.1.ffn_gate.weight": (0.01, 1.0),
    "blk.1.ffn_up.weight": (0.5, -3.0),
}


def byte_alphabet() -> list[str]:
    """The character that byte-level BPE shows for each byte."""
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return [chr(byte) if byte in shown else chr(256 + hidden.index(byte)) for byte in range(256)]


TOKENIZER = [
    ["tokenizer.ggml.model", "STRING", "gpt2"],
    ["tokenizer.ggml.pre", "STRING", "gpt-2"],
    ["tokenizer.ggml.tokens", "STRING[]", [*byte_alphabet(), "ĠĠ", "<|endoftext|>"]],
    ["tokenizer.ggml.token_type", "INT32[]", [1] * 257 + [3]],
    ["tokenizer.ggml.merges", "STRING[]", ["Ġ Ġ"]],
    ["tokenizer.ggml.bos_token_id", "UINT32", 257],
    ["tokenizer.ggml.eos_token_id", "UINT32", 257],
]


def describe(name: str, kind: str, width: int, inner: int, layers: int, tied: bool, odd: bool) -> dict:
    vocabulary, heads, kv_heads = 258, 4, 2
    keys = width // heads * kv_heads
    metadata = [
        ["general.architecture", "STRING", "llama"],
        ["general.name", "STRING", name],
        ["general.file_type", "UINT32", {"F32": 0, "F16": 1, "BF16": 32}[kind]],
        ["llama.block_count", "UINT32", layers],
        ["llama.context_length", "UINT32", 256],
        ["llama.embedding_length", "UINT32", width],
        ["llama.feed_forward_length", "UINT32", inner],
        ["llama.attention.head_count", "UINT32", heads],
        ["llama.attention.head_count_kv", "UINT32", kv_heads],
        ["llama.attention.layer_norm_rms_epsilon", "FLOAT32", 0.0009765625],
        ["llama.rope.freq_base", "FLOAT32", 10000.0],
        ["llama.rope.dimension_count", "UINT32", width // heads],
        ["llama.vocab_size", "UINT32", vocabulary],
    ]
    shapes = {"token_embd": [vocabulary, width], "output_norm": [width]}
    if not tied:
        shapes["output"] = [vocabulary, width]
    for layer in range(layers):
        shapes |= {
            f"blk.{layer}.attn_norm": [width],
            f"blk.{layer}.attn_q": [width, width],
            f"blk.{layer}.attn_k": [keys, width],
            f"blk.{layer}.attn_v": [keys, width],
            f"blk.{layer}.attn_output": [width, width],
            f"blk.{layer}.ffn_norm": [width],
            f"blk.{layer}.ffn_gate": [inner, width],
            f"blk.{layer}.ffn_up": [inner, width],
            f"blk.{layer}.ffn_down": [width, inner],
        }
    tensors = []
    for stem, shape in shapes.items():
        own = f"{stem}.weight"
        scale, offset = (0.3, 1.0) if len(shape) == 1 else (0.125, 0.0)
        if odd:
            scale, offset = ODD.get(own, (scale, offset))
        stored = "F32" if len(shape) == 1 else kind
        tensors.append({"name": own, "shape": shape, "scale": scale, "offset": offset, "type": stored})
    return {"name": name, "metadata": metadata, "tensors": tensors}


INPUTS = [
    describe("quantize-wide", "F32", 256, 512, 2, tied=False, odd=True),
    describe("quantize-wide-tied", "F16", 256, 256, 1, tied=True, odd=False),
    describe("quantize-narrow", "BF16", 64, 160, 1, tied=False, odd=False),
    describe("quantize-narrow-tied", "F32", 64, 160, 1, tied=True, odd=False),
]


def stored(values: np.ndarray, kind: str) -> np.ndarray:
    if kind == "F32":
        return values
    return gguf.quants.quantize(values, GGMLQuantizationType[kind])


def write_input(description: dict, path: Path) -> None:
    writer = gguf.GGUFWriter(path, "llama")  # adds general.architecture itself
    for key, kind, value in description["metadata"][1:] + TOKENIZER:
        if kind.endswith("[]"):
            writer.add_array(key, value)
        else:
            writer.add_key_value(key, value, GGUFValueType[kind])
    for tensor in description["tensors"]:
        kind = tensor["type"]
        values = stored(values_of(description["name"], tensor), kind)
        raw = GGMLQuantizationType[kind] if kind == "BF16" else None
        writer.add_tensor(tensor["name"], values, raw_dtype=raw)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def quantize(source: Path, target: Path, ftype: int, pure: bool) -> None:
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.nthread, parameters.ftype, parameters.pure = 1, ftype, pure
    parameters.allow_requantize = True
    code = llama_cpp.llama_model_quantize(
        str(source).encode(), str(target).encode(), ctypes.byref(parameters)
    )
    assert code == 0, (source, ftype, pure)


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def outcome(description: dict, path: Path, source: Path) -> dict:
    originals = {tensor.name: tensor for tensor in gguf.GGUFReader(source).tensors}
    reader = gguf.GGUFReader(path)
    tensors = {}
    for tensor in reader.tensors:
        check_with_package(originals[tensor.name], tensor)
        digest = hashlib.sha256(tensor.data.tobytes()).hexdigest()
        tensors[tensor.name] = {"type": tensor.tensor_type.name, "sha256": digest}
    keys = [key for key in reader.fields if not key.startswith("GGUF.")]
    known = [entry[0] for entry in description["metadata"] + TOKENIZER]
    changed = {key: reader.fields[key].contents() for key in keys if key not in known}
    changed["general.file_type"] = reader.fields["general.file_type"].contents()
    return {
        "fileSha256": file_hash(path),
        "metadataOrder": keys,
        "changedMetadata": changed,
        "tensors": tensors,
    }


def check_with_package(original, tensor) -> None:
    """Where the gguf package can quantise to the type too, its bytes must be the same."""
    values = gguf.quants.dequantize(original.data, original.tensor_type)
    try:
        own = gguf.quants.quantize(values, tensor.tensor_type)
    except NotImplementedError:
        return
    assert own.tobytes() == tensor.data.tobytes(), (tensor.name, tensor.tensor_type.name)


def rows(value, indent: str = "") -> str:
    """JSON with one line for what is short or flat."""
    flat = json.dumps(value, ensure_ascii=False)
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    if len(flat) <= 220 or not any(isinstance(child, (dict, list)) for child in children):
        return flat
    deeper = f"{indent}  "
    if isinstance(value, dict):
        lines = [f"{json.dumps(key)}: {rows(child, deeper)}" for key, child in value.items()]
    else:
        lines = [rows(child, deeper) for child in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{deeper}" + f",\n{deeper}".join(lines) + f"\n{indent}{closing}"


def main() -> None:
    golden = {
        "madeBy": f"llama_model_quantize of llama-cpp-python {llama_cpp.__version__}, "
                  f"inputs by gguf {version('gguf')}; quantize.py",
        "tokenizerMetadata": TOKENIZER,
        "inputs": [],
    }
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source.gguf"), Path(folder, "target.gguf")
        for description in INPUTS:
            write_input(description, source)
            results = {}
            for name, ftype in TARGETS.items():
                quantize(source, target, ftype, pure=False)
                results[name] = {"default": outcome(description, target, source)}
                quantize(source, target, ftype, pure=True)
                pure = outcome(description, target, source)
                if pure != results[name]["default"]:
                    results[name]["pure"] = pure
            described = description | {"fileSha256": file_hash(source), "results": results}
            golden["inputs"].append(described)
    (HERE / "quantize.json").write_text(rows(golden) + "\n")


if __name__ == "__main__":
    main()
