"""Writes src/tokenizer/unicode-classes.ts: which code points are letters, numbers, punctuation and
white space for the regex engine of Hugging Face tokenizers, asked one code point at a time.
The answers are pinned because tokenization must not change with the Unicode version of a runtime.
Run: python make_unicode_classes.py > ../../../src/tokenizer/unicode-classes.ts"""

from tokenizers import Regex, __version__
from tokenizers.pre_tokenizers import Split

CODE_POINTS = [c for c in range(0x80, 0x110000) if not 0xD800 <= c < 0xE000]
CHUNK = 4096
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def members(pattern):
    split = Split(Regex(pattern), behavior="removed")
    for start in range(0, len(CODE_POINTS), CHUNK):
        chunk = CODE_POINTS[start : start + CHUNK]
        others = set()
        for piece, _ in split.pre_tokenize_str("".join(map(chr, chunk))):
            others.update(map(ord, piece))
        yield from (c for c in chunk if c not in others)


def base36(number):
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
        if number == 0:
            return text


def packed(pattern):
    runs = []
    for code_point in members(pattern):
        if runs and runs[-1][1] == code_point:
            runs[-1][1] += 1
        else:
            runs.append([code_point, code_point + 1])
    out, last = [], 0
    for start, end in runs:
        out += [base36(start - last), base36(end - start)]
        last = end
    return ",".join(out)


def literal(name, text):
    lines = [text[i : i + 92] for i in range(0, len(text), 92)]
    body = " +\n".join(f'  "{line}"' for line in lines)
    return f"export const {name} =\n{body};\n"


print(f"""// Made by test/golden/tokenizer/make_unicode_classes.py from Hugging Face tokenizers {__version__}; do not edit.
// Runs of code points from U+0080 as that program's regex engine sees them: gap, length, … in base 36.
""".rstrip())
for name, pattern in [
    ("letterRuns", r"\p{L}"),
    ("numberRuns", r"\p{N}"),
    ("punctuationRuns", r"\p{P}"),
    ("spaceRuns", r"\s"),
]:
    print()
    print(literal(name, packed(pattern)), end="")
