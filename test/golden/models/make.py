# Golden logits of a tiny seeded model of each family, from transformers in float32 on the CPU with
# eager attention. Run: python make.py (writes NAME.json beside itself, checks each model as it goes).

import base64
import copy
import json
import math
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM

from generator import ids_of, sha256_of, values_of

HERE = Path(__file__).parent
POSITIONS = 24
VOCABULARY = 96

BASE = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 160,
    "vocab_size": VOCABULARY,
    "max_position_embeddings": 64,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "rope_scaling": None,
    "hidden_act": "silu",
    "initializer_range": 0.02,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
    "use_cache": True,
}


def llama(**changes) -> dict:
    own = {"attention_bias": False, "mlp_bias": False, "head_dim": 16}
    return named("LlamaForCausalLM", "llama", BASE | own | changes)


def named(architecture: str, model_type: str, config: dict) -> dict:
    return {"architectures": [architecture], "model_type": model_type} | config


def starcoder2(**changes) -> dict:
    own = {
        "hidden_act": "gelu_pytorch_tanh",
        "norm_epsilon": 1e-5,
        "norm_type": "layer_norm",
        "use_bias": True,
        "sliding_window": None,
        "tie_word_embeddings": True,
        "rope_theta": 100000.0,
        "embedding_dropout": 0.0,
        "residual_dropout": 0.0,
        "attention_dropout": 0.0,
    }
    config = {key: value for key, value in BASE.items() if key != "rms_norm_eps"}
    return named("Starcoder2ForCausalLM", "starcoder2", config | own | changes)


def gpt2(**changes) -> dict:
    own = {
        "n_embd": 48,
        "n_layer": 2,
        "n_head": 3,
        "n_inner": None,
        "n_positions": 32,
        "n_ctx": 32,
        "vocab_size": VOCABULARY,
        "activation_function": "gelu_new",
        "layer_norm_epsilon": 1e-5,
        "attn_pdrop": 0.0,
        "embd_pdrop": 0.0,
        "resid_pdrop": 0.0,
        "initializer_range": 0.02,
        "bos_token_id": 95,
        "eos_token_id": 95,
        "torch_dtype": "float32",
    }
    return named("GPT2LMHeadModel", "gpt2", own | changes)


LLAMA3_ROPE = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 256,
}

MODELS = {
    "llama": llama(intermediate_size=172),
    "llama-tied": llama(num_hidden_layers=3, tie_word_embeddings=True),
    "llama-head-20": llama(
        hidden_size=60, num_attention_heads=3, num_key_value_heads=1, head_dim=20,
        intermediate_size=150, vocab_size=99,
    ),
    "llama-rope-llama3": llama(
        rope_theta=500000.0, rope_scaling=LLAMA3_ROPE, max_position_embeddings=2048,
        tie_word_embeddings=True,
    ),
    "llama-rope-linear": llama(
        rope_theta=100000.0, rope_scaling={"type": "linear", "factor": 4.0},
        max_position_embeddings=256, num_key_value_heads=4, rms_norm_eps=1e-6,
    ),
    "mistral": named(
        "MistralForCausalLM", "mistral",
        BASE | {"head_dim": 16, "sliding_window": 8, "attention_dropout": 0.0},
    ),
    "qwen2": named(
        "Qwen2ForCausalLM", "qwen2",
        BASE | {
            "rope_theta": 1000000.0, "rms_norm_eps": 1e-6, "tie_word_embeddings": True,
            "sliding_window": 8, "use_sliding_window": False, "max_window_layers": 2,
            "attention_dropout": 0.0,
        },
    ),
    "qwen3": named(
        "Qwen3ForCausalLM", "qwen3",
        BASE | {
            "head_dim": 32, "rope_theta": 1000000.0, "rms_norm_eps": 1e-6,
            "tie_word_embeddings": True, "attention_bias": False, "attention_dropout": 0.0,
            "sliding_window": None, "use_sliding_window": False, "max_window_layers": 2,
        },
    ),
    "gpt2": gpt2(),
    "gpt2-bare-names": gpt2(n_embd=40, n_head=2, n_inner=130),
    "starcoder2": starcoder2(),
    "starcoder2-sliding": starcoder2(sliding_window=8, num_hidden_layers=3),
}

# What a forward that overlooks the named field would compute: the golden logits must differ from it.
OVERLOOKED = {
    "llama-rope-llama3": {"rope_scaling": None},
    "llama-rope-linear": {"rope_scaling": None},
    "mistral": {"sliding_window": None},
    "starcoder2-sliding": {"sliding_window": None},
    "llama": {"rope_theta": 100000.0},
    "gpt2": {"activation_function": "relu"},
    "starcoder2": {"hidden_act": "silu"},
}


def scale_and_offset(name: str, shape: list[int], tied: bool, conv1d: bool) -> tuple[float, float]:
    """Chosen so that attention is peaked but not saturated and logits spread by 1 to 5."""
    root = math.sqrt(3)  # a uniform variable on [-s, s) has standard deviation s / sqrt(3)
    if name.endswith(".bias"):
        return 0.3, 0.0
    if len(shape) == 1:  # norms, also of queries and keys
        return 0.3, 1.25 if "q_norm" in name or "k_norm" in name else 1.0
    if "wpe" in name:
        return 0.4, 0.0
    if "embed_tokens" in name or "wte" in name:
        return (round(2.5 * root / math.sqrt(shape[1]), 3), 0.0) if tied else (1.0, 0.0)
    inputs = shape[0] if conv1d else shape[1]
    gain = 1.0
    if "q_proj" in name or "k_proj" in name or "c_attn" in name:
        gain = 1.3
    if "lm_head" in name:
        gain = 2.5
    return round(gain * root / math.sqrt(inputs), 3), 0.0


def build(config: dict, dtype=torch.float32):
    parsed = AutoConfig.for_model(**copy.deepcopy(config))  # it writes into rope_scaling
    model = AutoModelForCausalLM.from_config(parsed, attn_implementation="eager", dtype=dtype)
    return model.eval()


def load(model, name: str, tensors: list[dict]) -> None:
    state = {}
    for tensor in tensors:
        own = tensor["name"]
        if name == "gpt2-bare-names":
            own = f"transformer.{own}"
        state[own] = torch.from_numpy(values_of(name, tensor).copy())
    missing, unexpected = model.load_state_dict(state, strict=False)
    model.tie_weights()
    assert not unexpected, unexpected
    assert set(missing) <= {"lm_head.weight"}, missing


def logits_of(model, ids: list[int]) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=torch.tensor([ids])).logits[0]


def logits_token_by_token(model, ids: list[int]) -> torch.Tensor:
    rows, cache = [], None
    with torch.no_grad():
        for token in ids:
            output = model(input_ids=torch.tensor([[token]]), past_key_values=cache, use_cache=True)
            cache = output.past_key_values
            rows.append(output.logits[0, -1])
    return torch.stack(rows)


def describe(name: str, model, tied: bool) -> list[dict]:
    tensors = []
    for own, parameter in model.state_dict().items():
        if own == "lm_head.weight" and tied:
            continue
        shape = list(parameter.shape)
        conv1d = "gpt2" in name and ".c_" in own and len(shape) == 2
        scale, offset = scale_and_offset(own, shape, tied, conv1d)
        if name == "gpt2-bare-names":
            own = own.removeprefix("transformer.")
        tensors.append({"name": own, "shape": shape, "scale": scale, "offset": offset})
    return tensors


def recent_form(model) -> dict:
    """config.json as transformers 5 saves it (rope_parameters in place of theta and scaling)."""
    return json.loads(model.config.to_json_string(use_diff=True))


def make(name: str, config: dict) -> dict:
    tied = config.get("tie_word_embeddings", True)
    model = build(config)
    tensors = describe(name, model, tied)
    load(model, name, tensors)
    vocabulary = config["vocab_size"]
    ids = ids_of(f"{name}/ids", POSITIONS, vocabulary)
    logits = logits_of(model, ids)

    stepped = (logits_token_by_token(model, ids) - logits).abs().max().item()
    exact = build(config, torch.float64)
    load(exact, name, tensors)
    rounding = (logits_of(exact, ids) - logits).abs().max().item()
    assert rounding < 2e-5 and stepped < 2e-5, (name, rounding, stepped)

    recent = recent_form(model)
    reread = build(recent)
    load(reread, name, tensors)
    assert torch.equal(logits_of(reread, ids), logits), name

    effect = None
    if name in OVERLOOKED:
        other = build(config | OVERLOOKED[name])
        load(other, name, tensors)
        effect = (logits_of(other, ids) - logits).abs().max().item()
        assert effect > 0.02, (name, effect)

    size = 4 * sum(math.prod(tensor["shape"]) for tensor in tensors)
    spread = logits.std(dim=1).mean().item()
    print(f"{name:20} {size:7} bytes, spread {spread:.2f}, largest {logits.abs().max():.2f}, "
          f"f64 {rounding:.1e}, steps {stepped:.1e}, overlooked {effect}")
    for tensor in tensors:
        tensor["sha256"] = sha256_of(values_of(name, tensor))
    return {
        "madeBy": f"transformers {transformers.__version__}, torch {torch.__version__}, float32, "
                  "CPU, eager attention; make.py",
        "name": name,
        "config": config,
        "configRecent": recent,
        "tensors": tensors,
        "inputIds": ids,
        "logits": {
            "shape": list(logits.shape),
            "base64": base64.b64encode(logits.numpy().astype("<f4").tobytes()).decode(),
        },
        "differenceFromFloat64": rounding,
    }


def write(path: Path, golden: dict) -> None:
    """One line a field, one a tensor: readable in a diff without a line a number."""
    fields = []
    for key, value in golden.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n    ".join(json.dumps(row) for row in value)
            fields.append(f'"{key}": [\n    {rows}\n  ]')
        else:
            fields.append(f'"{key}": {json.dumps(value)}')
    path.write_text("{\n  " + ",\n  ".join(fields) + "\n}\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or MODELS:
        write(HERE / f"{name}.json", make(name, MODELS[name]))
