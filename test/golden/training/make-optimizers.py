"""Writes optimizers.json: values after each of six steps of torch.optim.AdamW and torch.optim.Muon from the same
weights and gradients, which both sides draw from seeds. Muon orthogonalizes in f32 here, not in bfloat16.
Run: python make-optimizers.py"""

import json
from pathlib import Path

import torch
from torch.optim import _muon

SHAPES = {
    "token_embd.weight": [9, 6],
    "blk.0.attn_q.weight": [12, 20],
    "blk.0.ffn_up.weight": [33, 12],
    "blk.0.ffn_down.weight": [16, 16],
    "blk.0.attn_norm.weight": [20],
    "output.weight": [9, 6],
}
LEARNING_RATES = [0.01, 0.02, 0.015, 0.01, 0.005, 0.001]
SCALES = [1, 0.5, 1, 0.25, 1, 1]
OPTIONS = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.1, "momentum": 0.9}


def drawn(seed, shape):
    """The stream of test/kernels/machine.ts."""
    count = torch.Size(shape).numel()
    values = []
    for _ in range(count):
        seed = (seed * 1664525 + 1013904223) % 2**32
        values.append((seed >> 8) / 2**23 - 1)
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


def rounded(weight):
    return [round(value, 8) for value in weight.detach().flatten().tolist()]


def run(muon):
    weights = {name: torch.nn.Parameter(drawn(i, shape)) for i, (name, shape) in enumerate(SHAPES.items())}
    hidden = [name for name, shape in SHAPES.items() if muon and name.startswith("blk.") and len(shape) == 2]
    betas = (OPTIONS["beta1"], OPTIONS["beta2"])
    rest = [
        {
            "params": [weight],
            "weight_decay": OPTIONS["weightDecay"] if len(SHAPES[name]) == 2 else 0,
        }
        for name, weight in weights.items()
        if name not in hidden
    ]
    optimizers = [torch.optim.AdamW(rest, betas=betas, eps=OPTIONS["epsilon"])]
    if muon:
        optimizers.append(
            torch.optim.Muon(
                [weights[name] for name in hidden],
                weight_decay=OPTIONS["weightDecay"],
                momentum=OPTIONS["momentum"],
                adjust_lr_fn="match_rms_adamw",
            )
        )
    steps = []
    for step, (learning_rate, scale) in enumerate(zip(LEARNING_RATES, SCALES)):
        for i, (name, shape) in enumerate(SHAPES.items()):
            weights[name].grad = drawn(1000 + 100 * step + i, shape) * scale
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate
            optimizer.step()
        steps.append({name: rounded(weight) for name, weight in weights.items()})
    return steps


_muon.torch.bfloat16 = torch.float32
golden = {
    "torch": torch.__version__,
    "shapes": SHAPES,
    "learningRates": LEARNING_RATES,
    "scales": SCALES,
    "options": OPTIONS,
    "adamw": run(muon=False),
    "muon": run(muon=True),
}
text = json.dumps(golden)
Path(__file__).with_name("optimizers.json").write_text(text + "\n")
