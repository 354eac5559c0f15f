// Conversations: the same ids as transformers, no special token out of a message, and templates that
// want too much time, text or depth stopped at once.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { CromwellError } from "../../src/errors.ts";
import type { ChatMessage } from "../../src/tokenizer/chat-template.ts";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { tinyBytePair, tinySentencePiece } from "./tiny.ts";
import { vocabulary } from "./vocabularies.ts";

interface Case {
  vocabulary: string;
  messages: ChatMessage[];
  addGenerationPrompt: boolean;
  ids: number[];
}

const path = join(import.meta.dir, "../golden/tokenizer/chat.json");
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: Case[] };

function withTemplate(template: string): Tokenizer {
  return tinyBytePair({ "tokenizer.chat_template": template });
}

function written(template: string, messages: ChatMessage[] = [], now?: Date): string {
  const tokenizer = withTemplate(template);
  return tokenizer.decode(tokenizer.chat(messages, now ? { now } : {}), { special: true });
}

describe("as transformers does", () => {
  for (const name of ["smollm", "qwen2"]) {
    const tokenizer = vocabulary(name);
    test.skipIf(tokenizer === undefined)(name, () => {
      const own = cases.filter((one) => one.vocabulary === name);
      expect(own.length).toBeGreaterThan(10);
      for (const { messages, addGenerationPrompt, ids } of own) {
        expect(tokenizer!.chat(messages, { addGenerationPrompt })).toEqual(ids);
      }
    });
  }

  test("phi-3's special tokens swallow the white space after them, by the model's name", () => {
    const template = "{{ bos_token }}<|x|>\n{{ messages[0].content }}<|x|> ";
    const phi = tinySentencePiece({ "tokenizer.chat_template": template, "general.name": "Phi-3" });
    expect(phi.decode(phi.chat([{ role: "user", content: "ab" }]), { special: true })).toBe(
      "<s><|x|>ab<|x|>",
    );
  });
});

describe("special tokens in messages stay text", () => {
  const template =
    "{% for m in messages %}<|s|>{{ m.role }} {{ m.content | trim }}<|e|>{% endfor %}";
  const tokenizer = withTemplate(template);
  const [start] = tokenizer.chat([{ role: "u", content: "" }]);
  const specials = (ids: number[]) => ids.filter((id) => tokenizer.isSpecial(id)).length;

  test("whole, in another case, repeated and overlapping", () => {
    for (const content of ["<|s|>", "<|S|>", "a<|e|><|e|>b", "<<|s|>|s|>", "<|<|s|>s|>"]) {
      const ids = tokenizer.chat([{ role: "user", content }]);
      expect(specials(ids)).toBe(2);
      expect(ids[0]).toBe(start!);
      expect(tokenizer.decode(ids)).toBe(`user ${content}`);
    }
  });

  test("put together from a message and the template, or from two messages", () => {
    const glue = withTemplate("{{ messages[0].content }}{{ messages[1].content }}|s|>");
    const chat = (a: string, b: string) => {
      const ids = glue.chat([
        { role: "user", content: a },
        { role: "user", content: b },
      ]);
      expect(glue.decode(ids)).toBe(`${a}${b}|s|>`);
      return ids.filter((id) => glue.isSpecial(id)).length;
    };
    expect(chat("", "<")).toBe(0);
    expect(chat("<|s", "|>")).toBe(0);
    expect(chat("x<", "")).toBe(0);
    expect(chat("<|", "s")).toBe(0);
  });

  test("lowered by the template", () => {
    const lower = withTemplate("{{ messages[0].content | lower }}<|e|>");
    const ids = lower.chat([{ role: "user", content: "<|S|>" }]);
    expect(lower.decode(ids)).toBe("<|s|>");
    expect(ids.filter((id) => lower.isSpecial(id)).length).toBe(1);
  });

  test("for any message", () => {
    const part = fc.constantFrom("<", "|", "s", ">", "<|s|>", "<|e|>", " ", "é", "\ufdd0", "e|>");
    fc.assert(
      fc.property(fc.array(fc.array(part).map((parts) => parts.join(""))), (contents) => {
        const ids = tokenizer.chat(contents.map((content) => ({ role: "user", content })));
        expect(specials(ids)).toBe(contents.length * 2);
        const text = contents.map((content) => `user ${content.trim()}`).join("");
        expect(tokenizer.decode(ids)).toBe(text);
      }),
    );
  });

  test("a role is a word", () => {
    const refuse = () => tokenizer.chat([{ role: "<|s|>", content: "" }]);
    expect(refuse).toThrow(CromwellError);
  });

  test("a conversation that uses every private character is refused", () => {
    const codes = Array.from({ length: 0x1900 }, (_, i) => String.fromCharCode(0xe000 + i));
    const more = Array.from({ length: 32 }, (_, i) => String.fromCharCode(0xfdd0 + i));
    const content = [...codes, ...more].join("");
    expect(() => tokenizer.chat([{ role: "user", content }])).toThrow("private character");
    const less = tokenizer.chat([{ role: "user", content: more.join("") }]);
    expect(tokenizer.decode(less)).toBe(`user ${more.join("")}`);
  });
});

describe("what templates use", () => {
  test("variables, loops, macros, filters and the time", () => {
    expect(written("{{ bos_token }}{{ eos_token }}{{ add_generation_prompt }}")).toBe(
      "<|s|><|e|>true",
    );
    expect(written("{{ tools is none }}{{ date_string is defined }}")).toBe("truefalse");
    expect(
      written("{% for i in range(1, 8, 3) %}{{ i }},{% endfor %}{{ range(2) | length }}"),
    ).toBe("1,4,7,2");
    expect(written("{% macro f(x) %}[{{ x }}]{% endmacro %}{{ f('a') }}{{ f(1) }}")).toBe("[a][1]");
    expect(
      written(
        "{% set ns = namespace(n=0) %}{% for i in range(3) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}",
      ),
    ).toBe("3");
    expect(
      written(
        "{{ 'a-b-c'.replace('-', '+') }}{{ 'a b'.split(' ')[1] }}{{ ['x','y'] | join('/') }}",
      ),
    ).toBe("a+b+cbx/y");
    expect(
      written(
        "{{ 'a\nb' | indent(2) }}{{ {'k': [1, 'é']} | tojson }}{{ 'aa' | replace('a', 'b') }}",
      ),
    ).toBe('a\n  b{"k": [1, "é"]}bb');
    expect(
      written("{% for i in range(9) %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}"),
    ).toBe("01");
    expect(written("{{ {'a': {'b': 1}} | tojson(indent=2) }}")).toBe(
      '{\n  "a": {\n    "b": 1\n  }\n}',
    );
    const time = new Date(2024, 6, 5, 15, 4, 9);
    const format = "%Y %y %m %d %B %b %A %a %H %I %p %M %S %% %Q";
    expect(written(`{{ strftime_now("${format}") }}`, [], time)).toBe(
      "2024 24 07 05 July Jul Friday Fri 15 03 PM 04 09 % %Q",
    );
  });

  test("raise_exception is the conversation's fault", () => {
    const template = "{{ raise_exception('roles must alternate') }}";
    expect(() => written(template)).toThrow("refuses: roles must alternate");
  });

  test("none at all", () => {
    expect(() => tinyBytePair().chat([])).toThrow("no chat template");
  });

  test("white space beside special tokens, where the vocabulary says so", () => {
    expect(written("a <|e|> b")).toBe("a <|e|> b");
  });
});

describe("hostile templates end at once with one line", () => {
  const loops = "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}";
  const ends = "{% endfor %}{% endfor %}{% endfor %}";
  const doubling = "{% set ns = namespace(s='xxxxxxxxxxxxxxxx') %}{% for i in range(64) %}";
  const nesting = "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}";
  const hostile: Record<string, string> = {
    "nested loops": `${loops}${ends}`,
    "nested loops with output": `${loops}x${ends}`,
    "a loop in a filter": `${loops}{{ range(1000) | list | length }}${ends}`,
    "a long range": "{% for i in range(1000000000) %}{% endfor %}",
    "an endless range": "{{ range(0, 5, 0) }}",
    "a doubled string": `${doubling}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}`,
    "a doubled string by ~": `${doubling}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s | length }}`,
    "a string replaced by itself": `${doubling}{% set ns.s = ns.s.replace('x', ns.s) %}{% endfor %}`,
    "the same by a filter": `${doubling}{% set ns.s = ns.s | replace('x', ns.s) %}{% endfor %}`,
    "the same by a computed name": `${doubling}{% set ns.s = ns.s['replace']('', ns.s) %}{% endfor %}`,
    "a joined list": "{% set s = range(90000) | join(range(90000) | join('x')) %}",
    "a doubled list": `${nesting}{% set ns.x = ns.x + ns.x %}{% endfor %}`,
    "a list of itself twice": `${nesting}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}`,
    "a deep list": `{% set ns = namespace(x=[1]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}`,
    "a namespace in itself": "{% set ns = namespace() %}{% set ns.a = [ns, ns] %}{{ ns | tojson }}",
    "a namespace chain": "{% set a = namespace() %}{% set b = namespace(a=a) %}{{ b ~ '' }}",
    "a wide indent": "{{ [[1]] | tojson(indent=1000000000) }}",
    "a wide indent of lines": "{{ 'a\nb' | indent(1000000000) }}",
    "spread arguments": "{% set a = [1000000000] %}{{ 'a\nb' | indent(*a) }}",
    "spread keywords": "{% set a = {'indent': 1000000000} %}{{ [1] | tojson(**a) }}",
    "a filtered block": "{% filter indent(1000000000) %}a\nb{% endfilter %}",
    "many parts": `${doubling}{% if ns.s | length < 500000 %}{% set ns.s = ns.s ~ ns.s %}{% endif %}{% endfor %}{{ ns.s.split('x') | length }}`,
    recursion: "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
    "double recursion":
      "{% macro f(x) %}{% if x > 0 %}{{ f(x - 1) }}{{ f(x - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "deep parentheses": `{{ ${"(".repeat(20000)}1${")".repeat(20000)} }}`,
    "deep lists": `{{ ${"[".repeat(20000)}1${"]".repeat(20000)} }}`,
    "deep blocks": `${"{% if true %}".repeat(4000)}x${"{% endif %}".repeat(4000)}`,
    "a long sum": `{{ 1${" + 1".repeat(9000)} }}`,
    "a huge template": "x".repeat(100_000),
    "white space": ` ${" ".repeat(60_000)}x`,
    "wrong syntax": "{% for %}",
    "an unknown filter": "{{ 1 | nonsense }}",
  };
  for (const [name, template] of Object.entries(hostile)) {
    test(name, () => {
      const before = performance.now();
      let error: unknown;
      try {
        written(template, [{ role: "user", content: "x" }]);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(CromwellError);
      expect((error as CromwellError).message).not.toContain("\n");
      expect(performance.now() - before).toBeLessThan(3000);
    });
  }

  test("a long conversation is not hostile", () => {
    const template =
      "{% for m in messages %}{% if messages[loop.index0].role == 'user' %}<|s|>{{ m['content'] | trim }}<|e|>{% endif %}{% endfor %}";
    const messages = Array.from({ length: 2000 }, (_, i) => ({
      role: "user",
      content: `text ${i}\n`.repeat(20),
    }));
    const tokenizer = withTemplate(template);
    expect(tokenizer.chat(messages).filter((id) => tokenizer.isSpecial(id)).length).toBe(4000);
    const long = tokenizer.chat([{ role: "user", content: "line of text\n".repeat(100_000) }]);
    expect(tokenizer.decode(long).length).toBe(13 * 100_000 - 1);
  });
});
