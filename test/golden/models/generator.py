# The weights of every golden model, from names and numbers alone: nothing is stored, and generate.ts
# makes the same bits. The definition is in README.md.

import hashlib

import numpy as np


def seed_of(text: str) -> int:
    """FNV-1a, 32 bits, over the UTF-8 bytes."""
    value = 0x811C9DC5
    for byte in text.encode("utf-8"):
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def hashed_integers(text: str, count: int) -> np.ndarray:
    """`count` u32 values: murmur3's finaliser over an arithmetic sequence that starts at the seed."""
    index = np.arange(count, dtype=np.uint32)
    state = np.uint32(seed_of(text)) + index * np.uint32(0x9E3779B9)
    state ^= state >> np.uint32(16)
    state *= np.uint32(0x85EBCA6B)
    state ^= state >> np.uint32(13)
    state *= np.uint32(0xC2B2AE35)
    state ^= state >> np.uint32(16)
    return state


def values_of(model: str, tensor: dict) -> np.ndarray:
    """f32 values of one tensor {name, shape, scale, offset}: offset + scale * [-1, 1)."""
    count = int(np.prod(tensor["shape"]))
    high = (hashed_integers(f"{model}/{tensor['name']}", count) >> np.uint32(8)).astype(np.int32)
    unit = (high - np.int32(1 << 23)).astype(np.float32) * np.float32(2.0**-23)
    scaled = unit * np.float32(tensor["scale"])
    return (np.float32(tensor["offset"]) + scaled).reshape(tensor["shape"])


def ids_of(text: str, count: int, vocabulary: int) -> list[int]:
    return [int(value) % vocabulary for value in hashed_integers(text, count)]


def sha256_of(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
