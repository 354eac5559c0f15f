# Golden gradients and losses of training, from PyTorch: the tiny models of ../models, a batch of packed
# documents, gradients in float64; fifty steps of AdamW in float32. Run: python make-gradients.py

import json
import sys
from pathlib import Path

import torch
import transformers

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "models"))
from generator import hashed_integers, ids_of  # noqa: E402
from make import build, load  # noqa: E402

MODELS = ["llama", "llama-tied", "llama-head-20", "llama-rope-llama3", "mistral", "qwen2", "qwen3",
          "gpt2", "starcoder2"]
LEARNERS = ["llama", "llama-tied", "gpt2"]
LENGTH = 16
# Documents of each sequence, by length; what is left is padding.
SEQUENCES = [[16], [5, 11], [9, 1]]
# Of rows in turn: answers, a prompt, what counts half, what is to be made unlikely.
WEIGHTS = [1.0, 0.0, 0.5, 1.0, -0.25, 1.0, 1.0]
SAMPLES = 48
STEPS = 50
RATE, BETAS, EPSILON, DECAY = 1e-3, (0.9, 0.95), 1e-8, 0.1


def batch_of(name: str, vocabulary: int, sequences: list[list[int]]) -> dict:
    rows = len(sequences) * LENGTH
    batch = {
        "sequences": len(sequences),
        "length": LENGTH,
        "inputs": ids_of(f"{name}/inputs", rows, vocabulary),
        "targets": ids_of(f"{name}/targets", rows, vocabulary),
        "weights": [], "starts": [], "positions": [],
    }
    for documents in sequences:
        start = 0
        for length in documents:
            batch["starts"] += [start] * length
            batch["positions"] += list(range(length))
            start += length
        batch["starts"] += list(range(start, LENGTH))
        batch["positions"] += [0] * (LENGTH - start)
    for row in range(rows):
        padding = row % LENGTH >= sum(sequences[row // LENGTH])
        batch["weights"].append(0.0 if padding else WEIGHTS[row % len(WEIGHTS)])
    return batch


def losses_of(model, batch: dict) -> torch.Tensor:
    """nll of each row; a document at a time, as if it were alone."""
    rows = len(batch["inputs"])
    nll = torch.zeros(rows, dtype=next(model.parameters()).dtype)
    row = 0
    while row < rows:
        end = row + 1
        while end < rows and end % LENGTH and batch["positions"][end] == batch["positions"][end - 1] + 1:
            end += 1
        logits = model(input_ids=torch.tensor([batch["inputs"][row:end]])).logits[0]
        targets = torch.tensor(batch["targets"][row:end])
        nll[row:end] = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
        row = end
    return nll


def model_of(name: str, dtype):
    golden = json.loads((HERE.parent / "models" / f"{name}.json").read_text())
    model = build(golden["config"], dtype)
    load(model, name, golden["tensors"])
    return model, golden["config"]["vocab_size"]


def gradients(name: str) -> dict:
    model, vocabulary = model_of(name, torch.float64)
    batch = batch_of(name, vocabulary, SEQUENCES)
    nll = losses_of(model, batch)
    (nll * torch.tensor(batch["weights"])).sum().backward()
    tensors = []
    for own, parameter in model.named_parameters():
        flat = parameter.grad.flatten()
        at = [int(i) % flat.numel() for i in hashed_integers(f"{name}/{own}/at", SAMPLES)]
        tensors.append({
            "name": own,
            "norm": flat.norm().item(),
            "sum": flat.sum().item(),
            "at": at,
            "gradient": [float(f"{flat[i].item():.9g}") for i in at],
        })
    weighted = [float(f"{v:.9g}") if w else 0 for v, w in zip(nll.tolist(), batch["weights"])]
    return {"name": name, "batch": batch, "nll": weighted, "tensors": tensors}


def steps(name: str, dtype=torch.float32) -> dict:
    model, vocabulary = model_of(name, dtype)
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=BETAS, eps=EPSILON)
    losses = []
    for step in range(STEPS):
        # Four batches, over and over: the loss falls far.
        batch = batch_of(f"{name}/{step % 4}", vocabulary, [[16]] * 4)
        batch["weights"] = [1.0] * len(batch["weights"])
        loss = losses_of(model, batch).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(f"{loss.item():.8g}"))
    return {"name": name, "losses": losses}


if __name__ == "__main__":
    torch.set_num_threads(1)
    made_by = f"transformers {transformers.__version__}, torch {torch.__version__}, CPU, eager attention; make-gradients.py"
    for name in MODELS:
        golden = {"madeBy": f"{made_by}, float64"} | gradients(name)
        rows = ",\n    ".join(json.dumps(row) for row in golden.pop("tensors"))
        fields = ",\n  ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in golden.items())
        (HERE / f"gradients-{name}.json").write_text(f'{{\n  {fields},\n  "tensors": [\n    {rows}\n  ]\n}}\n')
    learners = [steps(name) for name in LEARNERS]
    for learner in learners:
        exact = steps(learner["name"], torch.float64)["losses"]
        worst = max(abs(a - b) for a, b in zip(learner["losses"], exact))
        print(learner["name"], learner["losses"][0], learner["losses"][-1], f"f64 differs by {worst:.1e}")
    options = {"learningRate": RATE, "beta1": BETAS[0], "beta2": BETAS[1], "epsilon": EPSILON, "weightDecay": DECAY}
    rows = ",\n    ".join(json.dumps(row) for row in learners)
    (HERE / "steps.json").write_text(
        f'{{\n  "madeBy": {json.dumps(made_by + ", float32")},\n  "options": {json.dumps(options)},\n'
        f'  "models": [\n    {rows}\n  ]\n}}\n')
