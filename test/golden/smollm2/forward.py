# SmolLM2 in plain float32 (or float64): the GGUF's weights dequantised by the gguf package, rows of q and k
# in the GGUF's order, no cache, no approximation. The reference for quantised inference.

import numpy as np
import torch
from gguf import GGUFReader
from gguf.quants import dequantize

WIDTH, HEADS, KV_HEADS, HEAD, LAYERS = 576, 9, 3, 64, 30
EPSILON = float(np.float32(1e-5))
THETA = 100000.0


def read_weights(path: str, dtype=torch.float32) -> dict[str, torch.Tensor]:
    reader = GGUFReader(path)
    return {
        tensor.name: torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy()).to(dtype)
        for tensor in reader.tensors
    }


def rms_norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPSILON) * weight


def rotate(x: torch.Tensor) -> torch.Tensor:
    """RoPE on (T, heads, 64); a GGUF's llama rows turn in neighbouring pairs. Angles in float64."""
    positions = torch.arange(x.shape[0], dtype=torch.float64)
    frequencies = THETA ** (-torch.arange(0, HEAD, 2, dtype=torch.float64) / HEAD)
    angles = positions[:, None, None] * frequencies
    cosine, sine = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)


def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Causal attention of (T, 9, 64) over (T, 3, 64), one head after another; gives (T, 576)."""
    future = torch.ones(q.shape[0], q.shape[0], dtype=torch.bool).triu(1)
    heads = []
    for head in range(HEADS):
        shared = head // (HEADS // KV_HEADS)
        scores = q[:, head] @ k[:, shared].T / HEAD**0.5
        heads.append(scores.masked_fill(future, -torch.inf).softmax(-1) @ v[:, shared])
    return torch.cat(heads, -1)


def forward(weights: dict[str, torch.Tensor], ids: list[int], last: int | None = None) -> torch.Tensor:
    """Logits (T, 49152) of one sequence, or of its `last` positions."""
    count = len(ids)
    x = weights["token_embd.weight"][torch.tensor(ids)]
    for layer in range(LAYERS):
        def of(name: str) -> torch.Tensor:
            return weights[f"blk.{layer}.{name}.weight"]

        h = rms_norm(x, of("attn_norm"))
        q = rotate((h @ of("attn_q").T).view(count, HEADS, HEAD))
        k = rotate((h @ of("attn_k").T).view(count, KV_HEADS, HEAD))
        v = (h @ of("attn_v").T).view(count, KV_HEADS, HEAD)
        x = x + attend(q, k, v) @ of("attn_output").T
        h = rms_norm(x, of("ffn_norm"))
        gate = torch.nn.functional.silu(h @ of("ffn_gate").T)
        x = x + (gate * (h @ of("ffn_up").T)) @ of("ffn_down").T
    if last is not None:
        x = x[-last:]
    return rms_norm(x, weights["output_norm.weight"]) @ weights["token_embd.weight"].T


def huggingface_model(weights: dict[str, torch.Tensor]):
    """The same weights in transformers: an independent forward, and one with a cache."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=49152, hidden_size=WIDTH, intermediate_size=1536, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=KV_HEADS, head_dim=HEAD,
        rms_norm_eps=EPSILON, max_position_embeddings=8192, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": THETA},
        bos_token_id=1, eos_token_id=2, attn_implementation="eager",
    )
    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    model = model.to_empty(device="cpu")
    model.model.rotary_emb.__init__(config)
    state = {"model.embed_tokens.weight": weights["token_embd.weight"],
             "model.norm.weight": weights["output_norm.weight"]}
    for layer in range(LAYERS):
        for theirs, (ours, heads) in HUGGINGFACE_NAMES.items():
            weight = weights[f"blk.{layer}.{ours}.weight"]
            state[f"model.layers.{layer}.{theirs}.weight"] = to_halves(weight, heads)
    model.load_state_dict(state, strict=False)
    model.tie_weights()
    return model.eval()


# Hugging Face's name: the GGUF's name, and the number of heads where rows are reordered for RoPE.
HUGGINGFACE_NAMES = {
    "self_attn.q_proj": ("attn_q", HEADS),
    "self_attn.k_proj": ("attn_k", KV_HEADS),
    "self_attn.v_proj": ("attn_v", 0),
    "self_attn.o_proj": ("attn_output", 0),
    "mlp.gate_proj": ("ffn_gate", 0),
    "mlp.up_proj": ("ffn_up", 0),
    "mlp.down_proj": ("ffn_down", 0),
    "input_layernorm": ("attn_norm", 0),
    "post_attention_layernorm": ("ffn_norm", 0),
}


def to_halves(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Rows of each head from neighbouring pairs (GGUF) to two halves (Hugging Face)."""
    if heads == 0:
        return weight
    return weight.view(heads, HEAD // 2, 2, -1).transpose(1, 2).reshape(weight.shape)


def to_pairs(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """The inverse of to_halves."""
    if heads == 0:
        return weight
    return weight.view(heads, 2, HEAD // 2, -1).transpose(1, 2).reshape(weight.shape)


def greedy(model, ids: list[int], count: int, stop: frozenset[int] = frozenset()):
    """Greedy continuation by transformers with its cache: ids and each step's lead over the second."""
    new, leads, cache, pending = [], [], None, ids
    with torch.no_grad():
        while len(new) < count:
            output = model(torch.tensor([pending]), past_key_values=cache, use_cache=True)
            cache = output.past_key_values
            best = output.logits[0, -1].topk(2)
            token = int(best.indices[0])
            leads.append(round(float(best.values[0] - best.values[1]), 4))
            if token in stop:
                break
            new.append(token)
            pending = [token]
    return new, leads
