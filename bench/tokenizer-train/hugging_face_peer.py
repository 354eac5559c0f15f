"""Trains Hugging Face's byte-level BPE on the texts of a JSON file, with the words, special tokens and
least count of cromwell's. Prints the seconds, how many tokens it has and cromwell has not, and the hash of
the ids that cromwell's tokenizer.json gives here for the parts.
usage: hugging_face_peer.py TEXTS.json PARTS.json WANTED.json OUTPUT.json"""

import hashlib
import json
import sys
import time

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

texts = json.load(open(sys.argv[1], encoding="utf-8"))
wanted = Tokenizer.from_file(sys.argv[3])
description = json.load(open(sys.argv[3], encoding="utf-8"))
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = wanted.pre_tokenizer
trainer = trainers.BpeTrainer(
    vocab_size=wanted.get_vocab_size(),
    min_frequency=2,
    show_progress=False,
    special_tokens=[token["content"] for token in description["added_tokens"]],
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
)
start = time.perf_counter()
tokenizer.train_from_iterator(texts, trainer)
seconds = time.perf_counter() - start
tokenizer.save(sys.argv[4])
learnt = json.load(open(sys.argv[4], encoding="utf-8"))["model"]
expected = description["model"]
different = len(learnt["vocab"].keys() - expected["vocab"].keys())
sha256 = hashlib.sha256()
for part in json.load(open(sys.argv[2], encoding="utf-8")):
    sha256.update((",".join(map(str, wanted.encode(part).ids)) + "\n").encode())
print(json.dumps({"seconds": seconds, "different": different, "sha256": sha256.hexdigest()}))
