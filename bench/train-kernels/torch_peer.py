"""PyTorch as a peer: products of f32 matrices as training has them, one JSON object a line.

usage: torch_peer.py THREADS; asks {"m", "n", "k", "aTransposed", "bTransposed", "repeat"}, answers
{"milliseconds": M}.
"""

import json
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))
torch.set_grad_enabled(False)
memory = torch.rand(3, 1 << 26) - 0.5
print(json.dumps({"ready": True}), flush=True)


def matrix(number, rows, columns, transposed=False):
    stored = memory[number, : rows * columns].view(*((columns, rows) if transposed else (rows, columns)))
    return stored.T if transposed else stored


for line in sys.stdin:
    asked = json.loads(line)
    m, n, k = asked["m"], asked["n"], asked["k"]
    a = matrix(0, m, k, asked["aTransposed"])
    b = matrix(1, k, n, asked["bTransposed"])
    c = matrix(2, m, n)
    start = time.perf_counter()
    for _ in range(asked["repeat"]):
        torch.mm(a, b, out=c)
    print(json.dumps({"milliseconds": (time.perf_counter() - start) * 1e3}), flush=True)
