"""Hugging Face tokenizers and tiktoken as peers: both get the vocabulary of a GGUF file in the shape of its
family, encode a folder's texts one after the other on one thread, and tell how long that took.

usage: tokenizers_peer.py MODEL.gguf TEXTS.json; asks {"program": NAME}, answers {"milliseconds", "sha256"},
the hash of all ids as 32-bit numbers. Its first line names the programs.
"""

import array
import hashlib
import json
import os
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import tiktoken  # noqa: E402
import tokenizers  # noqa: E402
from gguf import GGUFReader  # noqa: E402
from tokenizers import Regex, Tokenizer  # noqa: E402
from tokenizers.models import BPE  # noqa: E402
from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence, Split  # noqa: E402

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
# Each digit is cut out before the words are: white space before one ends a piece.
DIGITS_APART = r"'s|'t|'re|'ve|'m|'ll|'d|\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?=\p{N})|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
FAMILIES = {"gpt-2": GPT2, "smollm": DIGITS_APART, "starcoder": DIGITS_APART, "llama-bpe": LLAMA3}
NORMAL = 1

reader = GGUFReader(sys.argv[1])


def field(key):
    found = reader.fields[f"tokenizer.ggml.{key}"]
    return [found.parts[i] for i in found.data]


def strings(key):
    return [bytes(part).decode() for part in field(key)]


family = strings("pre")[0]
tokens = strings("tokens")
types = [int(part[0]) for part in field("token_type")]
vocabulary = {token: id for id, token in enumerate(tokens)}


def bytes_of_alphabet():
    """The bytes that GPT-2's alphabet writes as characters."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + i): byte for i, byte in enumerate(rest)}


def hugging_face():
    merges = [tuple(merge.split(" ")) for merge in strings("merges")]
    tokenizer = Tokenizer(BPE(vocabulary, merges, ignore_merges=family == "llama-bpe"))
    steps = [ByteLevel(add_prefix_space=False, use_regex=family != "llama-bpe")]
    if family == "llama-bpe":
        steps.insert(0, Split(Regex(LLAMA3), "isolated"))
    elif family != "gpt-2":
        steps.insert(0, Digits(individual_digits=True))
    tokenizer.pre_tokenizer = Sequence(steps)
    return lambda text: tokenizer.encode(text, add_special_tokens=False).ids


def open_ai():
    alphabet = bytes_of_alphabet()
    ranks = {
        bytes(alphabet[character] for character in token): id
        for token, id in vocabulary.items()
        if types[id] == NORMAL
    }
    encoding = tiktoken.Encoding(family, pat_str=FAMILIES[family], mergeable_ranks=ranks, special_tokens={})
    return encoding.encode_ordinary


with open(sys.argv[2], encoding="utf-8") as file:
    texts = json.load(file)
programs = {
    f"tokenizers {tokenizers.__version__}": hugging_face(),
    f"tiktoken {tiktoken.__version__}": open_ai(),
}
print(json.dumps({"programs": list(programs)}), flush=True)
for line in sys.stdin:
    encode = programs[json.loads(line)["program"]]
    start = time.perf_counter()
    encoded = [encode(text) for text in texts]
    milliseconds = (time.perf_counter() - start) * 1e3
    ids = array.array("i", (id for one in encoded for id in one)).tobytes()
    answer = {"milliseconds": milliseconds, "sha256": hashlib.sha256(ids).hexdigest()}
    print(json.dumps(answer), flush=True)
