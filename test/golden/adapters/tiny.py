# Golden logits of tiny seeded models with seeded LoRA adapters merged into them, checked against peft.
# Run: python tiny.py (writes NAME.json beside itself)

import base64
import json
import sys
import tempfile
from pathlib import Path

import peft
import torch
import transformers
from safetensors.torch import save_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "models"))
import make as models  # noqa: E402
from generator import sha256_of, values_of  # noqa: E402

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
ADAPTERS = {
    "lora-llama": {"base": "llama", "r": 4, "lora_alpha": 8, "target_modules": ALL},
    "lora-qwen2": {"base": "qwen2", "r": 3, "lora_alpha": 4.5, "target_modules": ALL[:3]},
}
HALF = 0.5  # what a user gives with --lora FILE:0.5, on top of alpha / rank


def describe(model, rank: int, targets: list[str]) -> list[dict]:
    tensors = []
    for name, parameter in model.state_dict().items():
        module, _, kind = name.rpartition(".")
        if kind != "weight" or module.rpartition(".")[2] not in targets:
            continue
        outputs, inputs = parameter.shape
        shapes = {"lora_A": ([rank, inputs], 0.3), "lora_B": ([outputs, rank], 0.15)}
        for part, (shape, scale) in shapes.items():
            own = f"base_model.model.{module}.{part}.weight"
            tensors.append({"name": own, "shape": shape, "scale": scale, "offset": 0.0})
    return tensors


def merge(model, tensors: dict[str, torch.Tensor], scale: float) -> None:
    state = model.state_dict()
    for name, a in tensors.items():
        if ".lora_A." in name:
            b = tensors[name.replace(".lora_A.", ".lora_B.")]
            target = name.removeprefix("base_model.model.").replace(".lora_A.", ".")
            state[target] += scale * (b @ a)


def base_model(name: str):
    golden = json.loads((HERE.parent / "models" / f"{name}.json").read_text())
    model = models.build(golden["config"])
    models.load(model, name, golden["tensors"])
    return model, golden


def packed(logits: torch.Tensor) -> dict:
    data = base64.b64encode(logits.numpy().astype("<f4").tobytes()).decode()
    return {"shape": list(logits.shape), "base64": data}


def make(name: str, base: str, r: int, lora_alpha: float, target_modules: list[str]) -> dict:
    model, golden = base_model(base)
    recipes = describe(model, r, target_modules)
    tensors = {own["name"]: torch.from_numpy(values_of(name, own).copy()) for own in recipes}
    config = {
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": base,
        "r": r, "lora_alpha": lora_alpha, "lora_dropout": 0.0, "bias": "none",
        "fan_in_fan_out": False, "inference_mode": True, "use_rslora": False, "use_dora": False,
        "modules_to_save": None, "target_modules": target_modules,
    }
    plain = models.logits_of(model, golden["inputIds"])
    results = {}
    for factor in (1.0, HALF):
        merged, _ = base_model(base)
        merge(merged, tensors, factor * lora_alpha / r)
        results[factor] = models.logits_of(merged, golden["inputIds"])
    with tempfile.TemporaryDirectory() as folder:
        save_file(tensors, f"{folder}/adapter_model.safetensors")
        Path(folder, "adapter_config.json").write_text(json.dumps(config))
        adapted = peft.PeftModel.from_pretrained(model, folder).eval()
        difference = (models.logits_of(adapted, golden["inputIds"]) - results[1.0]).abs().max().item()
    effect = (results[1.0] - plain).abs().max().item()
    print(f"{name}: peft {difference:.1e}, adapter's effect {effect:.2f}")
    assert difference < 2e-5 < 0.5 < effect
    for recipe in recipes:
        recipe["sha256"] = sha256_of(values_of(name, recipe))
    return {
        "madeBy": f"transformers {transformers.__version__}, torch {torch.__version__}, float32, merged "
                  f"weights, checked with peft {peft.__version__}; tiny.py",
        "name": name,
        "base": base,
        "adapterConfig": config,
        "tensors": recipes,
        "inputIds": golden["inputIds"],
        "logits": packed(results[1.0]),
        "logitsAtHalfScale": packed(results[HALF]),
        "differenceFromPeft": difference,
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    for own, settings in ADAPTERS.items():
        models.write(HERE / f"{own}.json", make(own, **settings))
