"""PyTorch as a peer: attention forward in f32, one JSON object a line.

usage: torch_peer.py THREADS; asks {"heads": H, "tokens": T, "dimension": D, "causal": B, "repeat": R}: R calls of
scaled_dot_product_attention on [1][H][T][D], answers {"milliseconds": M}.
"""

import json
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    shape = (1, asked["heads"], asked["tokens"], asked["dimension"])
    q, k, v = (torch.randn(shape) for _ in range(3))
    attend = torch.nn.functional.scaled_dot_product_attention
    with torch.inference_mode():
        attend(q, k, v, is_causal=asked["causal"])
        start = time.perf_counter()
        for _ in range(asked["repeat"]):
            attend(q, k, v, is_causal=asked["causal"])
        elapsed = time.perf_counter() - start
    print(json.dumps({"milliseconds": elapsed * 1e3}), flush=True)
