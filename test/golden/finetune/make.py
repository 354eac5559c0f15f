# Golden gradients of fine-tuning, in float64 from peft and transformers: of LoRA adapters under a weighted
# nll, and of the same adapters under direct preference optimisation with the bare model as the reference.
# Run: python make.py

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
sys.path.insert(0, str(HERE.parent / "adapters"))
import make as models  # noqa: E402
from generator import hashed_integers, ids_of, values_of  # noqa: E402

NAME = "lora-llama"
BETA = 0.3
# Of each pair: tokens of the prompt, of the chosen answer and of the rejected one.
PAIRS = [(5, 6, 9), (3, 8, 4), (7, 2, 2)]
SAMPLES = 24


def base_model(golden: dict):
    base = json.loads((HERE.parent / "models" / f"{golden['base']}.json").read_text())
    model = models.build(base["config"], torch.float64)
    models.load(model, golden["base"], base["tensors"])
    return model, base["config"]["vocab_size"]


def adapted(golden: dict):
    model, vocabulary = base_model(golden)
    tensors = {own["name"]: torch.from_numpy(values_of(NAME, own).copy()) for own in golden["tensors"]}
    with tempfile.TemporaryDirectory() as folder:
        save_file(tensors, f"{folder}/adapter_model.safetensors")
        Path(folder, "adapter_config.json").write_text(json.dumps(golden["adapterConfig"]))
        model = peft.PeftModel.from_pretrained(model, folder, is_trainable=True, autocast_adapter_dtype=False)
    return model.double(), vocabulary


def pairs_of(vocabulary: int) -> list[dict]:
    pairs = []
    for at, (prompt, chosen, rejected) in enumerate(PAIRS):
        begin = ids_of(f"pair/{at}", prompt, vocabulary)
        answers = {"chosen": chosen, "rejected": rejected}
        pairs.append({"promptLength": prompt} | {
            kind: begin + ids_of(f"{kind}/{at}", length, vocabulary) for kind, length in answers.items()
        })
    return pairs


def log_probability(model, ids: list[int], prompt: int) -> torch.Tensor:
    logits = model(input_ids=torch.tensor([ids[:-1]])).logits[0].log_softmax(-1)
    picked = logits.gather(-1, torch.tensor(ids[1:])[:, None])[:, 0]
    return picked[prompt - 1:].sum()


def gradients(model) -> list[dict]:
    found = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        flat = parameter.grad.flatten()
        at = [int(i) % flat.numel() for i in hashed_integers(f"{name}/at", SAMPLES)]
        found.append({"name": name.replace(".default", ""), "norm": flat.norm().item(), "at": at,
                      "gradient": [float(f"{flat[i].item():.9g}") for i in at]})
    return found


def main() -> None:
    golden = json.loads((HERE.parent / "adapters" / f"{NAME}.json").read_text())
    model, vocabulary = adapted(golden)
    pairs = pairs_of(vocabulary)
    nll = -sum(log_probability(model, pair["chosen"], pair["promptLength"]) for pair in pairs)
    nll.backward()
    lora = {"nll": nll.item(), "tensors": gradients(model)}

    model, _ = adapted(golden)
    reference, _ = base_model(golden)
    losses = []
    for pair in pairs:
        prompt = pair["promptLength"]
        with torch.no_grad():
            kept = [log_probability(reference, pair[kind], prompt) for kind in ("chosen", "rejected")]
        ours = [log_probability(model, pair[kind], prompt) for kind in ("chosen", "rejected")]
        pair["referenceMargin"] = (kept[0] - kept[1]).item()
        pair["margin"] = (ours[0] - ours[1]).item()
        losses.append(-torch.nn.functional.logsigmoid(BETA * ((ours[0] - ours[1]) - (kept[0] - kept[1]))))
    loss = torch.stack(losses).mean()
    loss.backward()
    preference = {"beta": BETA, "loss": loss.item(), "tensors": gradients(model)}
    made_by = f"transformers {transformers.__version__}, peft {peft.__version__}, torch {torch.__version__}, float64; make.py"
    whole = {"madeBy": made_by, "adapter": NAME, "pairs": pairs, "lora": lora, "preference": preference}
    rows = json.dumps(whole).replace('{"name"', '\n{"name"').replace('{"promptLength"', '\n{"promptLength"')
    (HERE / "gradients.json").write_text(rows + "\n")
    print(nll.item(), loss.item(), [pair["margin"] - pair["referenceMargin"] for pair in pairs])


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
