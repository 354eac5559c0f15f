"""Writes examples.json: what PyTorch's data loader and a plain collation make of small inputs.

The algorithms are those that "Build a Large Language Model (From Scratch)" describes: windows of one
length, a stride apart, each target one token on (chapter 2); sequences padded to the longest with one end
token that counts and ignored ones behind it (chapter 7); the instruction prompt (chapter 7).

Run: python make.py  (torch 2.15)
"""

import json
from pathlib import Path

import torch
from torch.utils.data import DataLoader, Dataset


class Windows(Dataset):
    def __init__(self, ids, length, stride):
        self.ids = torch.tensor(ids)
        self.length = length
        self.starts = range(0, len(ids) - length, stride)

    def __len__(self):
        return len(self.starts)

    def __getitem__(self, index):
        at = self.starts[index]
        return self.ids[at : at + self.length], self.ids[at + 1 : at + self.length + 1]


def windows(tokens, length, stride, batch, drop_last):
    ids = [(7 * i * i + 3 * i) % 101 for i in range(tokens)]
    loader = DataLoader(Windows(ids, length, stride), batch_size=batch, drop_last=drop_last)
    made = [{"inputs": x.tolist(), "targets": y.tolist()} for x, y in loader]
    options = {"length": length, "stride": stride, "batch": batch, "dropLast": drop_last}
    return {"ids": ids, "options": options, "batches": made}


def padded(sequences, end, ignored, longest_allowed):
    width = max(len(sequence) for sequence in sequences) + 1
    inputs, targets = [], []
    for sequence in sequences:
        row = torch.full((width,), end)
        row[: len(sequence)] = torch.tensor(sequence)
        target = row[1:].clone()
        # The end token right behind the sequence is learnt, those after it are padding.
        target[len(sequence) :] = ignored
        inputs.append(row[:-1][:longest_allowed])
        targets.append(target[:longest_allowed])
    made = {"inputs": torch.stack(inputs).tolist(), "targets": torch.stack(targets).tolist()}
    options = {"end": end, "ignored": ignored, "lengthMax": longest_allowed}
    return {"sequences": sequences, "options": options, **made}


def instruction(example):
    text = (
        "Below is an instruction that describes a task. "
        "Write a response that appropriately completes the request."
        f"\n\n### Instruction:\n{example['instruction']}"
    )
    if example["input"]:
        text += f"\n\n### Input:\n{example['input']}"
    return {"example": example, "text": text + f"\n\n### Response:\n{example['output']}"}


examples = [
    {"instruction": "Convert 45 kilometers to meters.", "input": "", "output": "45,000 meters."},
    {"instruction": "Correct the spelling.", "input": "freind", "output": " friend\n"},
    {"instruction": "Say ### Response:\n", "input": "\n", "output": "é 😀 ### Input:"},
]

golden = {
    "windows": [
        windows(50, 4, 1, 8, True),
        windows(50, 4, 4, 3, False),
        windows(33, 8, 3, 2, True),
        windows(9, 8, 8, 1, False),
        windows(8, 8, 8, 1, False),
    ],
    "padded": [
        padded([[0, 1, 2, 3, 4], [5, 6], [7, 8, 9]], 50256, -100, None),
        padded([[1], [2, 3, 50256, 5, 6, 7, 8]], 50256, -100, None),
        padded([[1, 2, 3, 4, 5, 6], [7, 8]], 50256, -100, 4),
    ],
    "instructions": [instruction(example) for example in examples],
}
path = Path(__file__).with_name("examples.json")
path.write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
