"""PyTorch as a peer: causal attention forward and backward in f32, one JSON object a line.

usage: torch_peer.py THREADS; asks {"sequences": B, "heads": H, "kvHeads": K, "tokens": T, "dimension": D, "pass": "both" |
"forward", "repeat": R}: R calls of scaled_dot_product_attention on [B][H][T][D] and, for both, the gradients of its
inputs; answers {"milliseconds": M}.
"""

import json
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)


def attend(q, k, v):
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=q.shape[1] != k.shape[1])


print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    both = asked["pass"] == "both"

    def made(heads: int) -> torch.Tensor:
        shape = (asked["sequences"], heads, asked["tokens"], asked["dimension"])
        return torch.randn(shape, requires_grad=True)

    q, k, v = made(asked["heads"]), made(asked["kvHeads"]), made(asked["kvHeads"])
    gradient = torch.randn_like(q)

    def once():
        # Under autograd either way: the forward pass of a step of training.
        output = attend(q, k, v)
        if both:
            torch.autograd.grad(output, (q, k, v), gradient)

    once()
    start = time.perf_counter()
    for _ in range(asked["repeat"]):
        once()
    print(json.dumps({"milliseconds": (time.perf_counter() - start) * 1e3}), flush=True)
