# Golden log-probabilities of SmolLM2-135M-Instruct Q4_1 on real code, from a float32 forward of the
# dequantised weights, and llama.cpp's distance from them. Run: python make.py MODEL.gguf

import hashlib
import json
import sys
import sysconfig
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

import compare
from forward import forward, greedy, huggingface_model, read_weights
from llama import Llama

HERE = Path(__file__).parent
# File of Python's standard library, first line of the excerpt, most tokens.
EXCERPTS = [
    ("heapq.py", 316, 380),
    ("json/decoder.py", 69, 380),
    ("configparser.py", 1012, 380),
    ("zipfile.py", 1361, 580),
]
PROMPT = "def fibonacci(n):\n"


def excerpt(llama: Llama, name: str, first: int, limit: int) -> tuple[str, list[int]]:
    """Whole lines from `first` on, as many as fit in `limit` tokens."""
    path = Path(sysconfig.get_paths()["stdlib"]) / name
    lines = path.read_text("utf-8").splitlines(keepends=True)[first - 1 :]
    text, ids = "", []
    for line in lines:
        longer = llama.tokenize(text + line)
        if len(longer) > limit:
            break
        text, ids = text + line, longer
    assert llama.text(ids) == text
    return text, ids


def same_tokens(llama: Llama, prompt: list[int], expected: list[int]) -> int:
    """How many tokens llama.cpp's greedy continuation has in common from the start."""
    for count, token in enumerate(expected):
        if int(llama.logits(prompt + expected[:count])[-1].argmax()) != token:
            return count
    return len(expected)


def main(path: str) -> None:
    torch.set_num_threads(2)
    torch.set_grad_enabled(False)
    started = time.monotonic()
    llama = Llama(path)
    weights = read_weights(path)
    wide = {name: weight.double() for name, weight in weights.items()}
    checker = huggingface_model(weights)

    sequences, parts, kls, agreements = [], [], [], []
    fulls, from_transformers, from_float64 = [], 0.0, 0.0
    for name, first, limit in EXCERPTS:
        text, ids = excerpt(llama, name, first, limit)
        reference = forward(weights, ids).numpy()
        parts.append(compare.truncate(reference))
        theirs = checker(torch.tensor([ids])).logits[0].numpy()
        from_transformers = max(from_transformers, float(np.abs(theirs - reference).max()))
        exact = forward(wide, ids).numpy()
        from_float64 = max(from_float64, float(np.abs(exact - reference).max()))
        peer = llama.logits(ids)
        kls.append(compare.truncated_kl(*parts[-1], peer))
        fulls.append(compare.full_kl(reference, peer))
        agreements.append(reference.argmax(-1) == peer.argmax(-1))
        source = f"CPython {sys.version.split()[0]} Lib/{name}, from line {first}"
        sequences.append({"source": source, "text": text, "ids": ids})
        print(f"{name}: {len(ids)} tokens, llama.cpp KL {kls[-1].mean():.3e}, "
              f"top-1 {agreements[-1].mean():.4f}", time.monotonic() - started)
    assert from_transformers < 2e-3 and from_float64 < 2e-3, (from_transformers, from_float64)

    prompt = llama.tokenize(PROMPT)
    continuation, leads = greedy(checker, prompt, 64)
    kl, full, agreement = (np.concatenate(items) for items in (kls, fulls, agreements))
    golden = {
        "madeBy": f"torch {torch.__version__} float32 forward of weights dequantised by gguf "
                  f"{version('gguf')}; token ids by llama-cpp-python {version('llama_cpp_python')}; "
                  "make.py",
        "model": {"file": Path(path).name, "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest()},
        "licence": "The texts are excerpts of CPython's standard library, PSF-2.0, "
                   "Copyright (c) 2001-2023 Python Software Foundation; All Rights Reserved",
        "differenceFromTransformers": from_transformers,
        "differenceFromFloat64": from_float64,
        "peer": {
            "program": f"llama-cpp-python {version('llama_cpp_python')}",
            "settings": llama.settings,
            "meanKl": float(kl.mean()),
            "medianKl": float(np.median(kl)),
            "maxKl": float(kl.max()),
            "meanKlOverWholeVocabulary": float(full.mean()),
            "top1Agreement": float(agreement.mean()),
            "positions": len(kl),
            "sameGreedyTokens": same_tokens(llama, prompt, continuation),
        },
        "greedy": {"prompt": PROMPT, "promptIds": prompt, "ids": continuation,
                   "text": llama.text(continuation), "leads": leads},
        "binary": {"file": "logprobs.bin", "positions": len(kl), "best": compare.BEST},
        "sequences": sequences,
    }
    ids, best, rest = (np.concatenate(items) for items in zip(*parts))
    (HERE / "logprobs.bin").write_bytes(ids.tobytes() + best.tobytes() + rest.tobytes())
    lines = (f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in golden.items())
    (HERE / "golden.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(golden["peer"], golden["greedy"]["text"], time.monotonic() - started)


if __name__ == "__main__":
    main(sys.argv[1])
