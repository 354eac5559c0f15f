// Which tokens an example has and which of them are its answers: the Alpaca prompt, conversations in the
// model's own template.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { ChatMessage } from "../../../src/tokenizer/chat-template.ts";
import type { Tokenizer } from "../../../src/tokenizer/tokenizer.ts";
import {
  alpacaExample,
  alpacaPromptIds,
  type InstructionExample,
} from "../../../src/training/examples/alpaca.ts";
import { conversationExample } from "../../../src/training/examples/conversation.ts";
import { answerStart, type TrainingExample } from "../../../src/training/examples/example.ts";
import { tinyBytePair, tinySentencePiece } from "../../tokenizer/tiny.ts";
import { vocabulary } from "../../tokenizer/vocabularies.ts";

const shown = (tokenizer: Tokenizer, ids: Iterable<number>) =>
  tokenizer.decode(ids, { special: true });

/** The example's answers, each as text with its special tokens. */
function answers(tokenizer: Tokenizer, { ids, answer }: TrainingExample): string[] {
  const found: number[][] = [];
  for (const [at, id] of ids.entries()) {
    if (answer[at] === 0) continue;
    if (answer[at - 1] !== 1) found.push([]);
    found.at(-1)!.push(id);
  }
  return found.map((run) => tokenizer.decode(run, { special: true, continued: true }));
}

describe("the Alpaca prompt", () => {
  const path = join(import.meta.dir, "../../golden/examples/examples.json");
  const { instructions } = JSON.parse(readFileSync(path, "utf8")) as {
    instructions: { example: InstructionExample; text: string }[];
  };

  test.each(instructions)("as the golden one: %#", ({ example, text }) => {
    for (const tokenizer of [tinyBytePair(), tinySentencePiece()]) {
      const made = alpacaExample(tokenizer, example);
      expect(tokenizer.decode(made.ids)).toBe(text);
      const prompt = alpacaPromptIds(tokenizer, example);
      expect(answerStart(made)).toBe(prompt.length);
      expect(Array.from(made.ids.subarray(0, prompt.length))).toEqual(prompt);
      const end = tokenizer.piece(tokenizer.eos!);
      expect(answers(tokenizer, made)).toEqual([`${example.output}${end}`]);
    }
  });

  test("a vocabulary without an end of text is refused", () => {
    const tokenizer = tinyBytePair({ "tokenizer.ggml.eos_token_id": undefined });
    const example = { instruction: "a", output: "b" };
    expect(() => alpacaExample(tokenizer, example)).toThrow("no token that ends a text");
  });
});

const chatMl =
  "{% for m in messages %}<|s|>{{ m.role }}\n{{ m.content }}<|e|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|s|>assistant\n{% endif %}";
/** Opens no turn of its own: the answer follows the user's words. */
const brackets =
  "{% for m in messages %}{% if m.role == 'user' %}[I] {{ m.content }} [/I]" +
  "{% else %} {{ m.content }}</s>{% endif %}{% endfor %}";
const message = fc.constantFrom(" a", "\n\nb ", "<|e|>", "</s> c", "é😀", "aa aa", "");

describe("a conversation", () => {
  const tokenizer = tinyBytePair({ "tokenizer.chat_template": chatMl });
  const say = (role: string, content: string): ChatMessage => ({ role, content });

  test("has each turn of the assistant's as an answer, its end included", () => {
    const messages = [
      say("system", "s"),
      say("user", "a"),
      say("assistant", "one"),
      say("user", "b"),
      say("assistant", " two\n"),
    ];
    const made = conversationExample(tokenizer, messages);
    expect(answers(tokenizer, made)).toEqual(["one<|e|>", " two\n<|e|>"]);
    expect(shown(tokenizer, made.ids)).toBe(
      shown(tokenizer, tokenizer.chat(messages, { addGenerationPrompt: false })),
    );
  });

  test("begins with the very tokens that the model is asked with, in any template", () => {
    const kinds = [
      tokenizer,
      tinySentencePiece({ "tokenizer.chat_template": brackets }),
      ...[vocabulary("smollm"), vocabulary("qwen2")].filter((one) => one !== undefined),
    ].filter((one) => one.chatTemplate !== undefined);
    const turns = fc.array(fc.tuple(message, message), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(turns, fc.nat(kinds.length - 1), (pairs, kind) => {
        const messages = pairs.flatMap(([asked, said]) => [
          say("user", asked),
          say("assistant", said),
        ]);
        const made = conversationExample(kinds[kind]!, messages);
        const prompt = kinds[kind]!.chat(messages.slice(0, 1));
        expect(Array.from(made.ids.subarray(0, prompt.length))).toEqual(prompt);
        expect(answerStart(made)).toBe(prompt.length);
        expect(answers(kinds[kind]!, made).length).toBe(pairs.length);
        expect(shown(kinds[kind]!, made.ids)).toBe(
          shown(kinds[kind]!, kinds[kind]!.chat(messages, { addGenerationPrompt: false })),
        );
      }),
    );
  });

  test("without a message of the assistant's teaches nothing", () => {
    expect(() => conversationExample(tokenizer, [say("user", "a")])).toThrow(
      "no message of the assistant's",
    );
  });

  test("a template that opens the turn otherwise than it writes it is refused", () => {
    const template = chatMl.replace("<|s|>assistant\n{% endif", "<|s|>assistant\n<think>{% endif");
    const thinking = tinyBytePair({ "tokenizer.chat_template": template });
    expect(() => conversationExample(thinking, [say("assistant", "a")])).toThrow(
      "opens the assistant's turn otherwise",
    );
  });
});
