"""llama.cpp as a peer: loads a model once and times what it is asked, one JSON object a line.

usage: llama_peer.py MODEL THREADS; asks {"position": P, "tokens": T, "repeat": N}: N calls of T tokens from
position P on, answers {"milliseconds": M}. Low-level calls only: no Python between the tokens but the loop.
"""

import ctypes
import json
import sys
import time

import llama_cpp as llama

model_path, threads = sys.argv[1], int(sys.argv[2])
quiet = llama.llama_log_callback(lambda level, text, data: None)
llama.llama_log_set(quiet, ctypes.c_void_p(0))
llama.llama_backend_init()
model = llama.llama_model_load_from_file(model_path.encode(), llama.llama_model_default_params())
settings = llama.llama_context_default_params()
settings.n_ctx, settings.n_batch, settings.n_ubatch = 4096, 512, 512
settings.n_threads = settings.n_threads_batch = threads
context = llama.llama_init_from_model(model, settings)
batch = llama.llama_batch_init(512, 0, 1)


def read(first: int, count: int) -> None:
    batch.n_tokens = count
    for i in range(count):
        batch.token[i] = (first + i) * 7919 % 40000
        batch.pos[i] = first + i
        batch.n_seq_id[i] = 1
        batch.seq_id[i][0] = 0
        batch.logits[i] = i == count - 1
    if llama.llama_decode(context, batch) != 0:
        raise SystemExit("llama_decode failed")
    llama.llama_synchronize(context)


def forget(position: int) -> None:
    llama.llama_memory_seq_rm(llama.llama_get_memory(context), 0, position, -1)


print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    forget(asked["position"])
    start = time.perf_counter()
    for i in range(asked["repeat"]):
        read(asked["position"] + i * asked["tokens"], asked["tokens"])
    print(json.dumps({"milliseconds": (time.perf_counter() - start) * 1e3}), flush=True)
