"""Writes gpt2.json: a tiny GPT-2 as the published ones are kept, and what transformers does with it.

The layout is that of the first GPT-2 on the hub: names without "transformer.", masks stored as attn.bias, no
output matrix, the tokenizer as vocab.json and merges.txt. The weights are those of test/golden/models
(README.md there has the generator). The vocabulary is trained on this folder's scripts and a few words.

Run: python make.py  (torch 2.15, transformers 5.23, tokenizers)
"""

import base64
import json
import math
import sys
import tempfile
from pathlib import Path

import tokenizers
import torch
import transformers
from tokenizers import ByteLevelBPETokenizer
from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "models"))
from generator import values_of  # noqa: E402

NAME = "gpt2-published"
SIZE = 400
CONFIG = {
    "activation_function": "gelu_new",
    "architectures": ["GPT2LMHeadModel"],
    "attn_pdrop": 0.1,
    "bos_token_id": 0,
    "embd_pdrop": 0.1,
    "eos_token_id": 0,
    "initializer_range": 0.02,
    "layer_norm_epsilon": 1e-05,
    "model_type": "gpt2",
    "n_ctx": 64,
    "n_embd": 48,
    "n_head": 4,
    "n_layer": 3,
    "n_positions": 64,
    "resid_pdrop": 0.1,
    "vocab_size": SIZE,
}
PROMPTS = ["Every effort moves you", "def main():\n    return", "I  can't\n\n\tsee 12345 😀 naïve"]
TEXTS = PROMPTS + ["", " ", "it's we'll  \n\n x", "é\u0000\u200d"]


def scale_and_offset(name: str, shape: list[int]) -> tuple[float, float]:
    """Logits spread so far that the greedy choice is clear."""
    if name.endswith(".bias"):
        return 0.3, 0.0
    if len(shape) == 1:
        return 0.3, 1.0
    if "wpe" in name:
        return 0.4, 0.0
    if "wte" in name:
        return 0.7, 0.0
    return round(1.3 * math.sqrt(3 / shape[0]), 3), 0.0


def tokenizer_files(folder: Path) -> dict:
    trainer = ByteLevelBPETokenizer()
    texts = [Path(__file__).read_text(), (HERE.parent / "models/make.py").read_text()]
    trainer.train_from_iterator(
        texts, vocab_size=SIZE, special_tokens=["<|endoftext|>"], show_progress=False
    )
    trainer.save_model(str(folder))
    return {name: (folder / name).read_text() for name in ["vocab.json", "merges.txt"]}


def main() -> None:
    model = GPT2LMHeadModel(GPT2Config(**CONFIG)).eval()
    recipes = []
    for name, parameter in model.transformer.state_dict().items():
        if name.endswith(".attn.bias"):
            continue
        shape = list(parameter.shape)
        scale, offset = scale_and_offset(name, shape)
        recipes.append({"name": name, "shape": shape, "scale": scale, "offset": offset})
    state = {recipe["name"]: torch.from_numpy(values_of(NAME, recipe).copy()) for recipe in recipes}
    model.transformer.load_state_dict(state, strict=False)
    model.tie_weights()
    with tempfile.TemporaryDirectory() as folder:
        files = tokenizer_files(Path(folder))
        tokenizer = GPT2Tokenizer.from_pretrained(folder)
    prompts = []
    for text in PROMPTS:
        ids = tokenizer(text)["input_ids"]
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0]
            made = model.generate(
                torch.tensor([ids]), max_new_tokens=20, do_sample=False, pad_token_id=0
            )[0, len(ids):].tolist()
            every = model(torch.tensor([ids + made])).logits[0, len(ids) - 1 : -1]
        best = every.topk(2).values
        assert (best[:, 0] - best[:, 1]).min() > 1e-3, "the greedy choice is not clear"
        encoded = base64.b64encode(logits.numpy().astype("<f4").tobytes()).decode()
        shape = list(logits.shape)
        made_text = tokenizer.decode(made)
        prompts.append({"text": text, "ids": ids, "logits": {"shape": shape, "base64": encoded},
                        "greedyIds": made, "greedyText": made_text})
    golden = {
        "madeBy": f"transformers {transformers.__version__}, torch {torch.__version__}, "
                  f"tokenizers {tokenizers.__version__}, float32, CPU; make.py",
        "name": NAME,
        "config": CONFIG,
        "tensors": recipes,
        "files": files,
        "texts": [{"text": text, "ids": tokenizer(text)["input_ids"]} for text in TEXTS],
        "prompts": prompts,
    }
    (HERE / "gpt2.json").write_text(json.dumps(golden) + "\n")


main()
