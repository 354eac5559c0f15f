# Gradients of PyTorch for the training kernels, on small odd shapes: writes kernels.json beside this file.
# Made by hand, with torch 2.15.0; the test run needs neither.
#
# usage: python kernels.py

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(6)


def values(tensor: torch.Tensor) -> list[float]:
    return [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]


def leaf(*shape: int, scale: float = 1.0) -> torch.Tensor:
    return (torch.randn(shape) * scale).requires_grad_()


def norm(layered: bool) -> dict:
    rows, columns, epsilon = 7, 37, 1e-5
    x, weight, bias = leaf(rows, columns), leaf(columns), leaf(columns)
    if layered:
        y = F.layer_norm(x, (columns,), weight, bias, epsilon)
    else:
        y = F.rms_norm(x, (columns,), weight, epsilon)
    gradient = torch.randn(rows, columns)
    y.backward(gradient)
    case = {"rows": rows, "columns": columns, "epsilon": epsilon, "layered": int(layered)}
    case |= {"input": values(x), "weight": values(weight), "outputGradient": values(gradient)}
    case |= {"inputGradient": values(x.grad), "weightGradient": values(weight.grad)}
    return case | {"biasGradient": values(bias.grad) if layered else []}


def rotary(halves: bool) -> dict:
    rows, heads, dimension, rotated, capacity = 9, 3, 10, 6, 20
    angles = torch.arange(capacity)[:, None] * 100.0 ** (-torch.arange(rotated // 2) / (rotated // 2))
    positions = torch.tensor([0, 1, 2, 0, 1, 19, 18, 3, 3])
    x = leaf(rows, heads, dimension)
    cosines, sines = (f(angles)[positions][:, None, :] for f in (torch.cos, torch.sin))
    turned = x[..., :rotated]
    if halves:
        a, b = turned.chunk(2, -1)
        turned = torch.cat((a * cosines - b * sines, a * sines + b * cosines), -1)
    else:
        a, b = turned[..., ::2], turned[..., 1::2]
        turned = torch.stack((a * cosines - b * sines, a * sines + b * cosines), -1).flatten(-2)
    y = torch.cat((turned, x[..., rotated:]), -1)
    gradient = torch.randn_like(y)
    y.backward(gradient)
    case = {"rows": rows, "heads": heads, "dimension": dimension, "rotary": rotated, "capacity": capacity}
    case |= {"halves": int(halves), "positions": positions.tolist()}
    case |= {"cosines": values(torch.cos(angles)), "sines": values(torch.sin(angles)), "input": values(x)}
    return case | {"output": values(y), "outputGradient": values(gradient), "inputGradient": values(x.grad)}


def cross_entropy() -> dict:
    rows, columns, scale = 8, 101, 0.125
    logits = leaf(rows, columns, scale=4)
    targets = torch.randint(columns, (rows,))
    weights = torch.tensor([1.0, 0.0, 0.5, -1.5, 1.0, 0.0, 2.0, 1.0])
    losses = F.cross_entropy(logits, targets, reduction="none")
    (scale * (weights * losses).sum()).backward()
    case = {"rows": rows, "columns": columns, "scale": scale, "logits": values(logits)}
    case |= {"targets": targets.tolist(), "weights": values(weights)}
    return case | {"losses": values(losses), "gradient": values(logits.grad)}


def attention(sequences: int, length: int, heads: int, kv_heads: int, dimension: int, documents: list[int]) -> dict:
    """Rows are tokens, [sequences * length][heads][dimension]; each document's rows see its own."""
    rows = sequences * length
    q, k, v = leaf(rows, heads, dimension), leaf(rows, kv_heads, dimension), leaf(rows, kv_heads, dimension)
    starts = torch.tensor([max(s for s in documents if s <= i) for i in range(length)] * sequences)
    place = torch.arange(length)
    seen = (place[None, :] <= place[:, None]) & (place[None, :] >= starts[:length, None])

    def by_heads(x: torch.Tensor) -> torch.Tensor:
        x = x.view(sequences, length, -1, dimension).transpose(1, 2)
        return x.repeat_interleave(heads // x.shape[1], 1)

    scale = 1 / math.sqrt(dimension)
    out = F.scaled_dot_product_attention(by_heads(q), by_heads(k), by_heads(v), seen, scale=scale)
    out = out.transpose(1, 2).reshape(rows, heads, dimension)
    gradient = torch.randn_like(out)
    out.backward(gradient)
    case = {"sequences": sequences, "length": length, "heads": heads, "kvHeads": kv_heads}
    case |= {"dimension": dimension, "scale": scale, "starts": starts.tolist()}
    case |= {"query": values(q), "keys": values(k), "values": values(v), "output": values(out)}
    case |= {"outputGradient": values(gradient), "queryGradient": values(q.grad)}
    return case | {"keyGradient": values(k.grad), "valueGradient": values(v.grad)}


golden = {
    "madeBy": f"kernels.py with torch {torch.__version__}",
    "norms": [norm(False), norm(True)],
    "rotary": [rotary(False), rotary(True)],
    "crossEntropy": cross_entropy(),
    "attention": [
        attention(1, 1, 1, 1, 3, [0]),
        attention(2, 19, 3, 1, 6, [0]),
        attention(1, 43, 4, 2, 5, [0, 11, 12, 30]),
    ],
}
Path(__file__).with_name("kernels.json").write_text(json.dumps(golden) + "\n")
