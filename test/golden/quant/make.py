"""Writes quant.json: what the gguf package reads from blocks of every format, and what ggml writes.

Needs gguf, numpy and llama-cpp-python, whose ggml library quantises as llama-quantize does. Inputs
come from a linear congruential generator that test/kernels/quant.test.ts has too, or are stored."""

import base64
import ctypes
import hashlib
import json
import warnings
from importlib.metadata import version
from pathlib import Path

import llama_cpp
import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType as Type
from gguf.quants import dequantize

warnings.simplefilter("ignore", RuntimeWarning)  # infinite scales are meant

SEED = 20261121
BLOCKS = 200
DEQUANTIZED = "F32 F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K".split()
QUANTIZED = "F16 BF16 Q8_0 Q4_0 Q4_1 Q6_K".split()
NAN_BITS = 0x7FC00000


def states(seed, count):
    out = np.empty(count, np.uint32)
    state = seed
    for i in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out[i] = state
    return out


def text(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def sha256(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def block_bytes(name):
    """Every pattern of the 16-bit formats; random blocks of the others, any bits as scales."""
    if name in ("F16", "BF16"):
        return np.arange(65536, dtype=np.uint16).view(np.uint8)
    size = GGML_QUANT_SIZES[Type[name]][1]
    return (states(SEED, BLOCKS * size) >> 24).astype(np.uint8)


def comparable(values):
    """Bits with every NaN made one: sign and payload of a NaN are the CPU's own affair."""
    bits = values.view(np.uint32).copy()
    bits[np.isnan(values)] = NAN_BITS
    return bits


def dequantized(name):
    values = dequantize(block_bytes(name).reshape(1, -1), Type[name]).ravel()
    bits = comparable(np.ascontiguousarray(values, np.float32))
    return {"count": int(bits.size), "sha256": sha256(bits), "first": text(bits[:64])}


def seeded(seed, scale):
    """Sums of three uniform numbers, times a power of two: 2,048 values."""
    unit = (states(seed, 3 * 2048) >> 8).astype(np.float64) / 2**23 - 1
    return (unit.reshape(-1, 3).sum(axis=1) * scale).astype(np.float32)


def edge_cases():
    base = seeded(7, 1.0)[:256].astype(np.float64)
    index = np.arange(256)
    yield "zeros of both signs", np.where(base < 0, -0.0, 0.0)
    yield "constant", np.full(256, 0.7)
    yield "one element", np.where(index % 61 == 17, -3.0, 0.0)
    yield "equal magnitudes of both signs", np.where(base < 0, -1.5, 1.5)
    yield "ties at the scale of Q4", np.where(index % 32 == 5, -8.0, index % 15 - 7.5)
    yield "ties at the scale of Q8", np.where(index % 32 == 5, 127.0, index % 254 - 126.5)
    halves = 1.0 + (index + 0.5) * 2.0**-10
    yield "midpoints of halves", np.where(index % 2 == 0, halves, (index + 0.5) * 2.0**-24)
    yield "at the end of halves", 65504.0 + (index - 128) * 0.25
    yield "subnormal floats", base * 1e-40
    yield "below the smallest group", np.where(index < 128, base * 1e-16, base)
    yield "near the largest float", base * 1.1e38
    yield "infinities", np.where(index % 50 == 3, np.copysign(np.inf, base), base)
    yield "NaN", np.where(index % 50 == 3, np.nan, base)


def ggml():
    folder = Path(llama_cpp.__file__).parent / "lib"
    library = ctypes.CDLL(str(folder / "libggml-base.so"))
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    library.ggml_quantize_chunk.argtypes = [
        ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p,
        ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p,
    ]
    return library


def quantized(library, name, values):
    block, size = GGML_QUANT_SIZES[Type[name]]
    out = np.zeros(values.size // block * size, np.uint8)
    library.ggml_quantize_chunk(
        int(Type[name]), values.ctypes.data, out.ctypes.data, 0, values.size // 256, 256, None
    )
    return out


def main():
    library = ggml()
    powers = (0, -6, 7, -20, -48, 90)
    seeds = [{"seed": 11 + i, "scale": 2.0**power} for i, power in enumerate(powers)]
    for case in seeds:
        values = seeded(case["seed"], case["scale"])
        case["sha256"] = {name: sha256(quantized(library, name, values)) for name in QUANTIZED}
    edges = []
    for name, values in edge_cases():
        values = np.ascontiguousarray(values, np.float32)
        blocks = {each: text(quantized(library, each, values)) for each in QUANTIZED}
        edges.append({"name": name, "values": text(values), "blocks": blocks})
    golden = {
        "madeBy": f"gguf {version('gguf')}, numpy {version('numpy')}; "
        f"ggml of llama-cpp-python {version('llama-cpp-python')}",
        "seed": SEED,
        "blocks": BLOCKS,
        "dequantize": {name: dequantized(name) for name in DEQUANTIZED},
        "quantizeSeeded": seeds,
        "quantizeEdges": edges,
    }
    path = Path(__file__).with_name("quant.json")
    path.write_text(json.dumps(golden, indent=1) + "\n")


main()
