# The same work with datasketch: files of a folder in order, sets of runs of five tokens, 128 values, each
# candidate compared exactly. Prints the seconds and how many files stay.

import json
import re
import sys
import time
from pathlib import Path

from datasketch import MinHash, MinHashLSH

THRESHOLD = 0.8
token = re.compile(r"\w+|[^\s\w]")

start = time.perf_counter()
index = MinHashLSH(threshold=THRESHOLD, num_perm=128)
sets = {}
for path in sorted(Path(sys.argv[1]).rglob("*.txt")):
    tokens = token.findall(path.read_text(encoding="utf-8"))
    size = min(5, len(tokens))
    shingles = {" ".join(tokens[i : i + size]) for i in range(len(tokens) - size + 1)}
    sketch = MinHash(num_perm=128)
    sketch.update_batch([shingle.encode() for shingle in shingles])
    alike = False
    for other in index.query(sketch):
        common = len(shingles & sets[other])
        if common >= THRESHOLD * (len(shingles) + len(sets[other]) - common):
            alike = True
            break
    if not alike:
        index.insert(str(path), sketch)
        sets[str(path)] = shingles
print(json.dumps({"seconds": time.perf_counter() - start, "kept": len(sets)}))
