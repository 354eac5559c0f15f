# Log-probabilities cut to the 64 best and the remaining mass, and how far another forward is from them.
# Shared by make.py and the adapters' script; golden.ts has the same measure for the tests.

import numpy as np

BEST = 64


def log_softmax(logits: np.ndarray) -> np.ndarray:
    wide = logits.astype(np.float64)
    top = wide.max(-1, keepdims=True)
    return wide - top - np.log(np.exp(wide - top).sum(-1, keepdims=True))


def log_sum(logs: np.ndarray) -> np.ndarray:
    top = logs.max(-1, keepdims=True)
    return (top + np.log(np.exp(logs - top).sum(-1, keepdims=True)))[..., 0]


def truncate(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(T, vocabulary) logits to ids (T, 64) best first, their log-probabilities and log of the rest."""
    logs = log_softmax(logits)
    ids = np.argsort(-logs, axis=-1, kind="stable")[:, :BEST]
    best = np.take_along_axis(logs, ids, -1)
    others = logs.copy()
    np.put_along_axis(others, ids, -np.inf, -1)
    return ids.astype("<u2"), best.astype("<f4"), log_sum(others).astype("<f4")


def truncated_kl(ids: np.ndarray, best: np.ndarray, rest: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """KL(reference || other) a position, in nats, over 64 ids and one bucket for all others."""
    logs = log_softmax(logits)
    index = ids.astype(np.int64)
    own = np.take_along_axis(logs, index, -1)
    others = logs.copy()
    np.put_along_axis(others, index, -np.inf, -1)
    wide, wide_rest = best.astype(np.float64), rest.astype(np.float64)
    kl = (np.exp(wide) * (wide - own)).sum(-1)
    return kl + np.exp(wide_rest) * (wide_rest - log_sum(others))


def full_kl(reference: np.ndarray, logits: np.ndarray) -> np.ndarray:
    ours, theirs = log_softmax(reference), log_softmax(logits)
    return (np.exp(ours) * (ours - theirs)).sum(-1)
