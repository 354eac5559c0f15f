"""numpy as a peer: multiplies square f32 matrices, one JSON object a line.

usage: numpy_peer.py THREADS; asks {"size": N, "repeat": R}: R products of [N][N] by [N][N], answers
{"milliseconds": M}. The caller sets OPENBLAS_NUM_THREADS.
"""

import json
import sys
import time

import numpy

random = numpy.random.default_rng(1)
print(json.dumps({"ready": True}), flush=True)
matrices = {}
for line in sys.stdin:
    asked = json.loads(line)
    shape = (asked["size"], asked["size"])
    if shape not in matrices:
        matrices[shape] = [random.random(shape, numpy.float32) - 0.5 for _ in range(3)]
    a, b, c = matrices[shape]
    start = time.perf_counter()
    for _ in range(asked["repeat"]):
        numpy.matmul(a, b, out=c)
    print(json.dumps({"milliseconds": (time.perf_counter() - start) * 1e3}), flush=True)
