"""PyTorch with peft as a peer: a step of LoRA in f32 on a GGUF model, one JSON object a line.

usage: torch_peer.py THREADS MODEL.gguf SEQUENCES LENGTH; asks {"steps": N}: N steps of AdamW on random tokens,
answers {"milliseconds": M, "bytes": peak resident memory, "loss": of the last}.
"""

import json
import resource
import sys
import time
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from torch.nn import functional as F
from transformers import AutoModelForCausalLM

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)
path = Path(sys.argv[2])
base = AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=torch.float32)
model = get_peft_model(base, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))
trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
vocabulary = base.config.vocab_size
tokens = torch.randint(vocabulary, (int(sys.argv[3]), int(sys.argv[4]) + 1))


def step():
    logits = model(input_ids=tokens[:, :-1], use_cache=False).logits
    loss = F.cross_entropy(logits.view(-1, vocabulary), tokens[:, 1:].reshape(-1))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.item()


print(json.dumps({"ready": True, "parameters": sum(p.numel() for p in trained)}), flush=True)
for line in sys.stdin:
    steps = json.loads(line)["steps"]
    start = time.perf_counter()
    for _ in range(steps):
        loss = step()
    elapsed = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"milliseconds": elapsed * 1e3, "bytes": peak, "loss": loss}), flush=True)
