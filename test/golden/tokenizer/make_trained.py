"""Writes trained.json: what Hugging Face's trainer learns from texts.json with the words, special tokens and
least count of `cromwell tokenizer train`, and the hash of the ids that it then gives the texts.
Run: python make_trained.py"""

import hashlib
import json
from pathlib import Path

import tokenizers
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

HERE = Path(__file__).parent
SIZE = 900
SPECIAL = [
    "<|endoftext|>",
    "<fim_prefix>",
    "<fim_middle>",
    "<fim_suffix>",
    "<fim_pad>",
    "<repo_name>",
    "<file_sep>",
    "<|im_start|>",
    "<|im_end|>",
]
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

texts = json.loads((HERE / "texts.json").read_text())["texts"]
tokenizer = Tokenizer(models.BPE(ignore_merges=True))
tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [
        pre_tokenizers.Split(Regex(WORDS), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
)
tokenizer.train_from_iterator(
    texts,
    trainers.BpeTrainer(
        vocab_size=SIZE,
        min_frequency=2,
        show_progress=False,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    ),
)
model = json.loads(tokenizer.to_str())["model"]
sha256 = hashlib.sha256()
for text in texts:
    if any(name in text for name in SPECIAL):
        continue
    sha256.update((",".join(map(str, tokenizer.encode(text).ids)) + "\n").encode())
golden = {
    "made by": f"Hugging Face tokenizers {tokenizers.__version__}, make_trained.py",
    "tokens": sorted(model["vocab"], key=model["vocab"].get),
    "merges": [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]],
    "ids sha256": sha256.hexdigest(),
}
(HERE / "trained.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n")
