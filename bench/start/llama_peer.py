"""The shortest program that answers with llama.cpp: loads a model, reads a prompt, prints one token.

usage: llama_peer.py MODEL THREADS ID…; the prompt is ids, so that no text is encoded. The context is 4,096.
"""

import ctypes
import sys

import llama_cpp as llama

model_path, threads, *ids = sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:])
quiet = llama.llama_log_callback(lambda level, text, data: None)
llama.llama_log_set(quiet, ctypes.c_void_p(0))
llama.llama_backend_init()
model = llama.llama_model_load_from_file(model_path.encode(), llama.llama_model_default_params())
settings = llama.llama_context_default_params()
settings.n_ctx = 4096
settings.n_threads = settings.n_threads_batch = threads
context = llama.llama_init_from_model(model, settings)
prompt = (llama.llama_token * len(ids))(*ids)
if llama.llama_decode(context, llama.llama_batch_get_one(prompt, len(ids))) != 0:
    raise SystemExit("llama_decode failed")
vocabulary = llama.llama_model_get_vocab(model)
count = llama.llama_vocab_n_tokens(vocabulary)
logits = llama.llama_get_logits(context)
best = max(range(count), key=lambda id: logits[id])
piece = ctypes.create_string_buffer(64)
length = llama.llama_token_to_piece(vocabulary, best, piece, 64, 0, True)
sys.stdout.buffer.write(piece.raw[: max(1, length)])
