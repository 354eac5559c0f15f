"""PyTorch as a peer: a training step of a Llama-style model in f32, one JSON object a line.

usage: torch_peer.py THREADS MODEL, MODEL as in models.ts, as JSON; asks {"steps": N}: N steps of AdamW on
random tokens, answers {"milliseconds": M, "bytes": peak resident memory, "loss": of the last}.
"""

import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)
shape = json.loads(sys.argv[2])
D, H, HD = shape["hidden"], shape["heads"], shape["headDimension"]
V, T = shape["vocabulary"], shape["contextLength"]


def rotate(x, cosines, sines):
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cosines - b * sines, b * cosines + a * sines), dim=-1)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm, self.mlp_norm = nn.RMSNorm(D, eps=1e-5), nn.RMSNorm(D, eps=1e-5)
        self.qkv = nn.Linear(D, 3 * H * HD, bias=False)
        self.output = nn.Linear(H * HD, D, bias=False)
        self.gate_up = nn.Linear(D, 2 * shape["feedForward"], bias=False)
        self.down = nn.Linear(shape["feedForward"], D, bias=False)

    def forward(self, x, cosines, sines):
        B, T, _ = x.shape
        q, k, v = self.qkv(self.attention_norm(x)).view(B, T, 3, H, HD).permute(2, 0, 3, 1, 4)
        q, k = rotate(q, cosines, sines), rotate(k, cosines, sines)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.output(y.transpose(1, 2).reshape(B, T, H * HD))
        gate, up = self.gate_up(self.mlp_norm(x)).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, D)
        self.layers = nn.ModuleList(Layer() for _ in range(shape["layers"]))
        self.norm = nn.RMSNorm(D, eps=1e-5)
        angles = torch.outer(torch.arange(T), 10000.0 ** (-torch.arange(0, HD, 2) / HD))
        self.register_buffer("cosines", angles.cos())
        self.register_buffer("sines", angles.sin())
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, ids):
        x = self.embedding(ids)
        for layer in self.layers:
            x = layer(x, self.cosines, self.sines)
        return F.linear(self.norm(x), self.embedding.weight)


model = Model()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
tokens = torch.randint(V, (shape["sequences"], T + 1))


def step():
    logits = model(tokens[:, :-1])
    loss = F.cross_entropy(logits.view(-1, V), tokens[:, 1:].reshape(-1))
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.item()


print(json.dumps({"ready": True, "parameters": sum(p.numel() for p in model.parameters())}), flush=True)
for line in sys.stdin:
    steps = json.loads(line)["steps"]
    start = time.perf_counter()
    for _ in range(steps):
        loss = step()
    elapsed = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"milliseconds": elapsed * 1e3, "bytes": peak, "loss": loss}), flush=True)
