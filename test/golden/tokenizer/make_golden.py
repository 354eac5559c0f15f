"""Writes texts.json, ids.json and chat.json: random and adversarial texts, and what the peers make of them.
Hugging Face tokenizers, built offline from the same GGUF vocabularies, for the byte-level families;
llama.cpp for SentencePiece; transformers' apply_chat_template for the conversations.
Run: python make_golden.py VOCABULARIES_FOLDER SMOLLM2_GGUF"""

import json
import random
import sys
from pathlib import Path

import llama_cpp
import tokenizers
import transformers
from gguf import GGUFReader
from tokenizers import AddedToken, Regex, Tokenizer, normalizers
from tokenizers.models import BPE
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.pre_tokenizers import ByteLevel, Digits, Metaspace, Sequence, Split
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import BpeTrainer

HERE = Path(__file__).parent
COUNT = 2200

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def isolated(pattern):
    return Split(Regex(pattern), behavior="isolated")


def bytes_only():
    return ByteLevel(add_prefix_space=False, use_regex=False)


def bytes_with_words():
    return ByteLevel(add_prefix_space=False, use_regex=True)


PRE_TOKENIZERS = {
    "smollm": lambda: Sequence([Digits(individual_digits=True), bytes_with_words()]),
    "starcoder": lambda: Sequence([Digits(individual_digits=True), bytes_with_words()]),
    "gpt-2": bytes_with_words,
    "qwen2": lambda: Sequence(
        [isolated(rf"{CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}|{REST}"), bytes_only()]
    ),
    "llama-bpe": lambda: Sequence(
        [isolated(rf"{CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}|{REST}"), bytes_only()]
    ),
    "deepseek-coder": lambda: Sequence(
        [
            isolated("[\r\n]"),
            isolated(r"\s?\p{L}+"),
            isolated(r"\s?\p{P}+"),
            isolated("[一-龥ࠀ-一가-퟿]+"),
            Digits(individual_digits=True),
            bytes_only(),
        ]
    ),
}


def read(path):
    reader = GGUFReader(path)

    def strings(key):
        field = reader.fields[f"tokenizer.ggml.{key}"]
        return [bytes(field.parts[i]).decode() for i in field.data]

    types = reader.fields["tokenizer.ggml.token_type"]
    template = reader.fields.get("tokenizer.chat_template")
    return {
        "tokens": strings("tokens"),
        "merges": [tuple(m.split(" ")) for m in strings("merges")],
        "types": [int(types.parts[i][0]) for i in types.data],
        "template": template and template.contents(),
        **{
            name: int(reader.fields[f"tokenizer.ggml.{name}_token_id"].contents())
            for name in ("bos", "eos")
            if f"tokenizer.ggml.{name}_token_id" in reader.fields
        },
    }


def build(name, path, specials=False):
    parts = read(path)
    vocabulary = {
        token: id
        for id, (token, type) in enumerate(zip(parts["tokens"], parts["types"]))
        if type == 1 or (specials and type == 3) or (type == 4 and len(token) == 1)
    }
    tokenizer = Tokenizer(
        BPE(vocabulary, parts["merges"], ignore_merges=name == "llama-bpe", byte_fallback=False)
    )
    tokenizer.pre_tokenizer = PRE_TOKENIZERS[name]()
    tokenizer.decoder = ByteLevelDecoder()
    # DeepSeek Coder has a dozen letters as tokens of their own.
    letters = [t for t, k in zip(parts["tokens"], parts["types"]) if k == 4 and len(t) == 1]
    tokenizer.add_tokens([AddedToken(letter, special=False, normalized=False) for letter in letters])
    if specials:
        tokenizer.add_special_tokens(
            [AddedToken(t, special=True, normalized=False) for t, k in zip(parts["tokens"], parts["types"]) if k == 3]
        )
    return tokenizer, parts


def scripts(rng):
    ranges = [
        (0x20, 0x7F), (0xA0, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x590, 0x5FF), (0x600, 0x6FF),
        (0x900, 0x97F), (0xE00, 0xE7F), (0x1780, 0x17FF), (0x2000, 0x206F), (0x2070, 0x20CF),
        (0x2150, 0x218F), (0x2190, 0x22FF), (0x2460, 0x24FF), (0x3000, 0x30FF), (0x4E00, 0x9FFF),
        (0xAC00, 0xD7A3), (0xFE00, 0xFE0F), (0xFF00, 0xFFEF), (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF),
        (0x300, 0x36F), (0x80, 0xA0), (0x10000, 0x1FFFF), (0xE000, 0xF8FF), (0x100, 0x17F),
    ]  # fmt: skip
    first, last = rng.choice(ranges)
    return "".join(chr(rng.randint(first, last)) for _ in range(rng.randint(1, 12)))


WORDS = """def return self import class lambda async await None True False function const let var => != == <= >= && ||
::std unsigned __init__ camelCaseWord snake_case_word HTTPServer x1y2 0xdeadbeef 1e-10 3.14159 1234567 127.0.0.1
don't DON'T I'm I'M we've WE'VE he'll HE'LL they'd 'tis y'all it's 's 't 're 've 'll 'd 'S 'ſ'ſa ''' "" ``` `x` // /* */ # -- ;
the quick brown fox jumps over naïve café Ünïcödé straße ИВАН привет γειά שלום سلام 你好世界 こんにちは 안녕하세요 ភាសា ไทย हिन्दी
½ ² ³ Ⅷ ① ٣ ৪ 〇 一二三 …— “” ‘’ « » € £ 😀 👩‍👩‍👧‍👦 🇫🇷 🏳️‍🌈 ✅ é é ﬁ ŉ ǆ ﷺ ‮ ​ ﻿ ­ ◌́ õ÷ÿ""".split()
SPACES = [" ", "  ", "   ", "    ", "        ", "\n", "\n\n", "\r\n", "\r", "\t", "\t\t", " \n", "\n ", "\t ", " \t",
          "\u00a0", "\u3000", "\u2028", "\u0085", "\u200b", "\x0b", "\x0c", "\x1c", " \u00a0 ", "\n\n\n    ", " " * 33, "\ufeff"]  # fmt: skip
NAMES = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "</s>", "<s>", "<unk>", "<0x0A>", "<|eot_id|>", "<fim_prefix>",
         "<|im_", "end|>", "<file_sep>", "<｜fim▁begin｜>", "<|user|>"]  # fmt: skip


def text(rng):
    out = []
    kind = rng.random()
    for _ in range(rng.randint(1, 14)):
        choice = rng.random()
        if choice < 0.35:
            out.append(rng.choice(WORDS))
        elif choice < 0.65:
            out.append(rng.choice(SPACES))
        elif choice < 0.75:
            out.append(scripts(rng))
        elif choice < 0.8:
            out.append(str(rng.randint(0, 10 ** rng.randint(1, 12))))
        elif choice < 0.85:
            out.append("".join(rng.choice("!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~") for _ in range(rng.randint(1, 8))))
        elif choice < 0.88:
            out.append(rng.choice(["a", "=", "-", " ", "\n", "0", "é", "😀", "あ", "A"]) * rng.randint(2, 60))
        elif choice < 0.9 and kind < 0.2:
            code_point = rng.choice([c for c in (rng.randint(1, 0x10FFFF) for _ in range(20)) if not 0xD800 <= c < 0xE000])
            out.append(chr(code_point))
        elif choice < 0.92 and kind > 0.8:
            out.append(rng.choice(NAMES))
        else:
            out.append(rng.choice([" ", "", ""]) + rng.choice(WORDS))
    return "".join(out)


def fnv(ids):
    value = 0x811C9DC5
    for id in ids:
        for shift in (0, 8, 16, 24):
            value = ((value ^ ((id >> shift) & 0xFF)) * 0x01000193) & 0xFFFFFFFF
    return f"{value:08x}"


def conversations():
    code = "def f(x):\n    return x + 1\n"
    return [
        [{"role": "user", "content": "Hello"}],
        [{"role": "system", "content": "You edit code."}, {"role": "user", "content": code}],
        [{"role": "user", "content": "  spaces  \n"}, {"role": "assistant", "content": "Yes.\n"}, {"role": "user", "content": ""}],
        [{"role": "system", "content": ""}, {"role": "user", "content": "ünï 你好 😀 12345"}],
        [{"role": "user", "content": "a <|b|> < |im_end|> im_end |>"}],
        [{"role": "assistant", "content": "<"}, {"role": "user", "content": ">"}, {"role": "assistant", "content": "|>im_"}],
    ]


def chat_golden(paths):
    cases = []
    for name in ("smollm", "qwen2"):
        tokenizer, parts = build(name, paths[name], specials=True)
        fast = transformers.PreTrainedTokenizerFast(
            tokenizer_object=tokenizer,
            bos_token=parts["tokens"][parts["bos"]],
            eos_token=parts["tokens"][parts["eos"]],
            chat_template=parts["template"],
        )
        for messages in conversations():
            for prompt in (True, False):
                ids = fast.apply_chat_template(messages, add_generation_prompt=prompt, return_dict=False)
                cases.append({"vocabulary": name, "messages": messages, "addGenerationPrompt": prompt, "ids": ids})
    return cases


def small_tokenizers(texts):
    """Three small vocabularies in the shapes of TinyLlama's, newer SentencePiece-like and Qwen's files."""
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    ends = ["<unk>", "<s>", "</s>"]

    def trained(tokenizer, size, specials, alphabet=()):
        trainer = BpeTrainer(
            vocab_size=size, special_tokens=specials, initial_alphabet=list(alphabet), limit_alphabet=256 if alphabet else 150, show_progress=False
        )
        tokenizer.train_from_iterator(texts, trainer)
        return tokenizer

    def sentencepiece_like(normalizer, pre_tokenizer):
        # Trained on words, as SentencePiece is; the file's own steps are put in afterwards.
        tokenizer = Tokenizer(BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
        tokenizer.normalizer = normalizers.Replace(" ", "▁")
        tokenizer.pre_tokenizer = Split("▁", behavior="merged_with_next")
        trained(tokenizer, 700, ends + byte_tokens)
        data = json.loads(tokenizer.to_str())
        data["added_tokens"] = [token for token in data["added_tokens"] if token["content"] in ends]
        tokenizer = Tokenizer.from_str(json.dumps(data))
        tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre_tokenizer
        tokenizer.add_tokens([AddedToken("def ", normalized=False)])
        tokenizer.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
        return tokenizer

    def qwen_like():
        tokenizer = Tokenizer(BPE())
        tokenizer.normalizer = normalizers.NFC()
        tokenizer.pre_tokenizer = PRE_TOKENIZERS["qwen2"]()
        tokenizer.decoder = ByteLevelDecoder()
        tokenizer = trained(tokenizer, 500, [], ByteLevel.alphabet())
        tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
        return tokenizer

    both = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    metaspace = Metaspace(replacement="▁", prepend_scheme="first", split=False)
    return {
        "small-tinyllama": sentencepiece_like(both, None),
        "small-metaspace": sentencepiece_like(None, metaspace),
        "small-qwen": qwen_like(),
    }


def write(name, value):
    (HERE / name).write_text(json.dumps(value, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def main(folder, smollm):
    paths = {name: f"{folder}/ggml-vocab-{name}.gguf" for name in (*PRE_TOKENIZERS, "llama-spm", "phi-3")}
    paths["smollm"] = smollm
    rng = random.Random(20261121)
    texts = ["", " ", "\n", *(text(rng) for _ in range(COUNT - 3))]
    write("texts.json", {"made by": f"python random, make_golden.py, {COUNT} texts", "texts": texts})
    ids = {}
    program_of_tokenizers = f"Hugging Face tokenizers {tokenizers.__version__}"
    for name in PRE_TOKENIZERS:
        tokenizer, _ = build(name, paths[name])
        program = program_of_tokenizers
        hashes = [fnv(tokenizer.encode(t, add_special_tokens=False).ids) for t in texts]
        ids[name] = {"program": program, "hashes": " ".join(hashes)}
    for name in ("llama-spm", "phi-3"):
        model = llama_cpp.Llama(paths[name], vocab_only=True, verbose=False)
        program = f"llama.cpp of llama-cpp-python {llama_cpp.__version__}"
        hashes = [fnv(model.tokenize(t.encode(), add_bos=False, special=False)) for t in texts]
        ids[name] = {"program": program, "hashes": " ".join(hashes)}
    for name, tokenizer in small_tokenizers(texts).items():
        write(f"{name}.json", {"made by": program_of_tokenizers, **json.loads(tokenizer.to_str())})
        # These peers count a control or end token that text names; ours never does.
        plain = [t if not any(end in t for end in ("<unk>", "<s>", "</s>", "<|endoftext|>", "<|im_")) else "" for t in texts]
        hashes = [fnv(tokenizer.encode(t, add_special_tokens=False).ids) for t in plain]
        ids[name] = {"program": program_of_tokenizers, "hashes": " ".join(hashes)}
    write("ids.json", {"made by": "make_golden.py; FNV-1a of each text's ids", "vocabularies": ids})
    write("chat.json", {"made by": f"transformers {transformers.__version__}", "cases": chat_golden(paths)})


main(*sys.argv[1:])
