# Perplexity as llama.cpp's own program counts it (chunks of n_ctx tokens, of which those behind the middle
# are scored), from llama-cpp-python's logits. Run: python perplexity.py > perplexity.json, from this folder.
import json
import os
import sys

import llama_cpp
import numpy as np

data = os.environ.get("CROMWELL_TEST_DATA", "../../../shared/data")
text = open(f"{data}/book/the-verdict.txt", "rb").read()
models = {
    "stories260K": f"{data}/stories/stories260K.gguf",
    "SmolLM2": os.environ["CROMWELL_TEST_MODEL"],
}


def perplexity(path, context):
    model = llama_cpp.Llama(path, n_ctx=context, n_batch=context, logits_all=True, verbose=False)
    vocabulary = llama_cpp.llama_model_get_vocab(model.model)
    start = bool(llama_cpp.llama_vocab_get_add_bos(vocabulary))
    ids = model.tokenize(text, add_bos=start, special=False)
    nats, tokens, first = 0.0, 0, 0
    for begin in range(0, len(ids) - context + 1, context):
        chunk = list(ids[begin : begin + context])
        if start:
            chunk[0] = model.token_bos()
        model.reset()
        model.eval(chunk)
        logits = np.array(model.scores[:context]).astype(np.float64)
        for at in range(context // 2, context - 1):
            row = logits[at] - logits[at].max()
            nats += np.log(np.exp(row).sum()) - row[chunk[at + 1]]
            first += int(row.argmax() == chunk[at + 1])
            tokens += 1
    return {"context": context, "tokens": tokens, "perplexity": np.exp(nats / tokens), "first": first}


print(json.dumps({
    "made_by": f"llama-cpp-python {llama_cpp.__version__}, numpy {np.__version__}, Python {sys.version.split()[0]}",
    "text": "book/the-verdict.txt",
    "models": {
        "stories260K": [perplexity(models["stories260K"], n) for n in (128, 512)],
        "SmolLM2": [perplexity(models["SmolLM2"], 512)],
    },
}, indent=1))
