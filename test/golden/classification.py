# Reports of classifications by scikit-learn, some with classes that nothing is, or that nothing is taken
# for. Run: python classification.py > classification.json
import json
import random
import sys

import sklearn
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

random.seed(11)


def case(classes, texts, skill):
    labels = [f"class {i}" for i in range(classes)]
    actual = [random.randrange(max(1, classes - 1)) for _ in range(texts)]
    guessed = [a if random.random() < skill else random.randrange(classes) for a in actual]
    each = precision_recall_fscore_support(actual, guessed, labels=range(classes), zero_division=0)
    macro = precision_recall_fscore_support(
        actual, guessed, labels=range(classes), average="macro", zero_division=0
    )
    return {
        "labels": labels,
        "actual": actual,
        "predicted": guessed,
        "accuracy": accuracy_score(actual, guessed),
        "macro_f1": macro[2],
        "precision": each[0].tolist(),
        "recall": each[1].tolist(),
        "f1": each[2].tolist(),
        "support": each[3].tolist(),
        "confusion": confusion_matrix(actual, guessed, labels=range(classes)).tolist(),
    }


cases = [case(2, 30, 0.8), case(3, 50, 0.5), case(6, 40, 0.3), case(2, 1, 1.0), case(12, 200, 0.9)]
version = f"scikit-learn {sklearn.__version__}, Python {sys.version.split()[0]}"
print(json.dumps({"made_by": version, "cases": cases}))
