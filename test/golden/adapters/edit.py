# Golden answers of the default model with the first edit adapter: weights dequantised, adapter merged, all
# in float32. Run: python edit.py MODEL.gguf ADAPTER_FOLDER (writes edit.json and edit-logprobs.bin)

import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import load_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "smollm2"))
import compare  # noqa: E402
from forward import HUGGINGFACE_NAMES, forward, greedy, huggingface_model, read_weights, to_pairs  # noqa: E402
from llama import Llama  # noqa: E402

STOP, POSITIONS = 2, 64
EDITS = [
    (
        "rename a variable",
        "Rename the variable total to amount.",
        "def average(values):\n"
        "    total = 0\n"
        "    for value in values:\n"
        "        total += value\n"
        "    return total / len(values)\n",
    ),
    (
        "remove a debug print",
        "Remove the debug print.",
        "def read_lines(path):\n"
        "    lines = []\n"
        "    with open(path) as file:\n"
        "        for line in file:\n"
        '            print("DEBUG", line)\n'
        "            lines.append(line.strip())\n"
        "    return lines\n",
    ),
    (
        "give a default value",
        "Give the parameter attempts the default value 3.",
        "def retry(action, attempts):\n"
        '    """Call action until it succeeds."""\n'
        "    for attempt in range(attempts):\n"
        "        try:\n"
        "            return action()\n"
        "        except OSError:\n"
        "            continue\n"
        "    return None\n",
    ),
]


def prompt_of(instruction: str, code: str) -> str:
    return (
        f"<|im_start|>user\n{instruction}\n```python\n{code}```<|im_end|>\n"
        "<|im_start|>assistant\n```python\n"
    )


def merge(weights: dict[str, torch.Tensor], folder: Path) -> dict[str, torch.Tensor]:
    """W + alpha / rank * B A; the adapter has Hugging Face's order of rows, the weights the GGUF's."""
    config = json.loads((folder / "adapter_config.json").read_text())
    scale = config["lora_alpha"] / config["r"]
    adapter = {name: value.float() for name, value in
               load_file(folder / "adapter_model.safetensors").items()}
    merged = dict(weights)
    for name, a in adapter.items():
        if ".lora_A." not in name:
            continue
        layer, module = name.removeprefix("base_model.model.model.layers.").split(".", 1)
        ours, heads = HUGGINGFACE_NAMES[module.removesuffix(".lora_A.weight")]
        key = f"blk.{layer}.{ours}.weight"
        merged[key] = merged[key] + scale * to_pairs(adapter[name.replace("_A.", "_B.")] @ a, heads)
    assert len(adapter) == 420
    return merged


def merge_twin(weights: dict[str, torch.Tensor], path: Path) -> dict[str, torch.Tensor]:
    """The same from the GGUF adapter, whose rows are in the GGUF's order."""
    tensors = {own.name: torch.from_numpy(own.data.astype(np.float32)) for own in
               gguf.GGUFReader(path).tensors}
    merged = dict(weights)
    for name, a in tensors.items():
        if name.endswith(".lora_a"):
            key = name.removesuffix(".lora_a")
            merged[key] = merged[key] + 2.0 * (tensors[f"{key}.lora_b"] @ a)
    return merged


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(path: str, folder: Path) -> None:
    torch.set_num_threads(2)
    torch.set_grad_enabled(False)
    twin = folder / "edit-adapter.gguf"
    llama = Llama(path, str(twin))
    plain = read_weights(path)
    weights = merge(plain, folder)
    other = merge_twin(plain, twin)
    twin_difference = max(float((weights[name] - other[name]).abs().max()) for name in weights)
    assert twin_difference < 1e-5, twin_difference
    model = huggingface_model(weights)

    edits, parts, kls, agreements = [], [], [], []
    for kind, instruction, code in EDITS:
        prompt = prompt_of(instruction, code)
        ids = llama.tokenize(prompt, special=True)
        answer, leads = greedy(model, ids, 128, frozenset([STOP]))
        text = llama.text(answer)
        both = ids + answer
        reference = forward(weights, both, POSITIONS).numpy()
        assert [int(row.argmax()) for row in reference[-2:]] == [answer[-1], STOP]
        parts.append(compare.truncate(reference))
        peer = llama.logits(both)[-POSITIONS:]
        kls.append(compare.truncated_kl(*parts[-1], peer))
        agreements.append(reference.argmax(-1) == peer.argmax(-1))
        edits.append({
            "kind": kind, "instruction": instruction, "code": code, "prompt": prompt, "promptIds": ids,
            "answerIds": answer, "answerText": text, "stopId": STOP, "leads": leads,
            "firstPosition": len(both) - POSITIONS,
        })
        print(f"{kind}: {len(ids)} + {len(answer)} tokens, smallest lead {min(leads)}, "
              f"llama.cpp KL {kls[-1].mean():.2e} top-1 {agreements[-1].mean():.3f}\n{text}")
    kl, agreement = np.concatenate(kls), np.concatenate(agreements)
    golden = {
        "madeBy": f"torch {torch.__version__} float32 forward of merged weights, base dequantised by gguf "
                  f"{version('gguf')}; token ids by llama-cpp-python {version('llama_cpp_python')}; edit.py",
        "model": {"file": Path(path).name, "sha256": sha256(Path(path))},
        "adapter": {name: sha256(folder / name) for name in ("adapter_model.safetensors", twin.name)},
        "twinDifference": twin_difference,
        "peer": {"program": f"llama-cpp-python {version('llama_cpp_python')}, {twin.name}",
                 "settings": llama.settings, "meanKl": float(kl.mean()), "maxKl": float(kl.max()),
                 "top1Agreement": float(agreement.mean())},
        "binary": {"file": "edit-logprobs.bin", "positions": len(kl), "best": compare.BEST},
        "positionsPerEdit": POSITIONS,
        "edits": edits,
    }
    ids, best, rest = (np.concatenate(items) for items in zip(*parts))
    (HERE / "edit-logprobs.bin").write_bytes(ids.tobytes() + best.tobytes() + rest.tobytes())
    lines = (f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in golden.items())
    (HERE / "edit.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(golden["peer"], twin_difference)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
