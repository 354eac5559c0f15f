"""The same text through Hugging Face tokenizers, in the shape of the vocabulary's family, one thread.
Run: TOKENIZERS_PARALLELISM=false python encode_peers.py MODEL.gguf TEXT
The vocabulary is smollm's: digits apart, then GPT-2's words."""

import sys
import time

import tokenizers
from gguf import GGUFReader
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence

model, path = sys.argv[1:]
reader = GGUFReader(model)


def strings(key):
    field = reader.fields[f"tokenizer.ggml.{key}"]
    return [bytes(field.parts[i]).decode() for i in field.data]


vocabulary = {token: id for id, token in enumerate(strings("tokens"))}
tokenizer = Tokenizer(BPE(vocabulary, [tuple(merge.split(" ")) for merge in strings("merges")]))
tokenizer.pre_tokenizer = Sequence([Digits(individual_digits=True), ByteLevel(add_prefix_space=False)])
text = open(path, encoding="utf-8").read()
size = len(text.encode()) / 1e6
for _ in range(3):
    start = time.perf_counter()
    count = len(tokenizer.encode(text, add_special_tokens=False).ids)
    print(f"tokenizers {tokenizers.__version__}: {count} tokens, {size / (time.perf_counter() - start):.1f} MB/s")
