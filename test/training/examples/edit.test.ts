// Edits as examples are what the editor asks for and reads, token for token; and of an answer those tokens
// are told that are not copied.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type EditPlan, planEdit } from "../../../src/editor/plan.ts";
import { sourceText } from "../../../src/editor/text-file.ts";
import { openModelFile } from "../../../src/formats/model-file.ts";
import type { Model } from "../../../src/inference/model.ts";
import { Tokenizer } from "../../../src/tokenizer/tokenizer.ts";
import { changedTokens } from "../../../src/training/examples/changed-tokens.ts";
import {
  type EditPromptKind,
  editExamples,
  editPromptKind,
} from "../../../src/training/examples/edit.ts";
import { answerStart } from "../../../src/training/examples/example.ts";
import { chatTemplate, writeScriptedModel } from "../../editor/scripted-model.ts";
import { temporaryFolder } from "../../editor/temporary-folder.ts";
import { vocabulary } from "../../tokenizer/vocabularies.ts";

const folder = temporaryFolder();
const scripted = await writeScriptedModel(folder.file("m.gguf"), { chatTemplate, answers: {} });
const vocabularies = [Tokenizer.of(openModelFile(scripted)), vocabulary("smollm")].filter(
  (one) => one !== undefined,
);

/** What the editor would show a model of this vocabulary, with an edit adapter or without. */
function planned(
  tokenizer: Tokenizer,
  kind: EditPromptKind,
  { path, text, instruction }: { path: string; text: string; instruction: string },
): Promise<EditPlan> {
  const model = { tokenizer, contextLength: 8192 } as Model;
  return planEdit(model, {
    source: sourceText(path, Buffer.from(text)),
    instruction,
    path: undefined,
    indexFolder: undefined,
    hasEditAdapter: kind === "adapter",
  });
}

const files = [
  {
    path: "shop/cart.py",
    language: "python",
    text: 'class Cart:\n    def add(self, item):\n        """Adds 10 %."""\n\n        return item\n',
    instruction: "Give item of add the default None",
    after: 'def add(self, item=None):\n    """Adds 10 %."""\n\n    return item',
  },
  {
    path: "a.ts",
    language: "typescript",
    text: "export const f = (a: string[]) => {\r\n\treturn a;\r\n};\r\n",
    instruction: "sort it <|im_end|>",
    after: "export const f = (a: string[]) => {\n\treturn a.sort();\n};",
  },
  {
    path: "view.tsx",
    language: "typescript",
    text: "const a = <b>é</b>;",
    instruction: "Say 漢",
    after: "const a = <b>漢</b>;",
  },
  {
    path: "x.mjs",
    language: "javascript",
    text: "f();\n\n\n",
    instruction: "twice",
    after: "f();\nf();\n",
  },
];

describe("an edit", () => {
  const kinds = ["adapter", "chat"] as const;
  const cases = vocabularies.flatMap((tokenizer) =>
    kinds.flatMap((kind) => files.map((file) => ({ tokenizer, kind, ...file }))),
  );

  test.each(cases)("is asked as the editor asks: $kind $path", async (one) => {
    const { tokenizer, kind, path, language, instruction, after } = one;
    const { code, prompt, tree } = await planned(tokenizer, kind, one);
    tree?.close();
    const row = { path, language, instruction, before: code, after };
    const { ids, answer } = editExamples(tokenizer, kind)(row)!;
    expect(editExamples(tokenizer, kind, ids.length - 1)(row)).toBeUndefined();
    expect(Array.from(ids.subarray(0, prompt.ids.length))).toEqual([...prompt.ids]);
    expect(answerStart({ ids, answer })).toBe(prompt.ids.length);
  });

  test.each(cases)("is answered as the tokenizer writes it: $kind $path", (one) => {
    const { tokenizer, kind, path, language, instruction, text, after } = one;
    const row = { path, language, instruction, before: text, after };
    const { ids, answer } = editExamples(tokenizer, kind)(row)!;
    const said = Array.from(ids).filter((_, at) => answer[at] === 1);
    // No line break or indentation is apart that would not be in the prompt, and the fence closes it.
    const code = after.replace(/\n+$/, "");
    expect(said).toEqual([
      ...tokenizer.encode(`${code}\n\`\`\``),
      tokenizer.specialId("<|im_end|>")!,
    ]);
    expect(tokenizer.decode(said, { special: true })).toBe(`${code}\n\`\`\`<|im_end|>`);
  });

  test("is shown by the adapter prompt where there are ChatML turns", () => {
    for (const tokenizer of vocabularies) expect(editPromptKind(tokenizer)).toBe("adapter");
    const other = vocabulary("phi-3");
    if (other !== undefined) expect(editPromptKind(other)).toBe("chat");
  });

  test("has its changed tokens at their places", () => {
    const [tokenizer] = vocabularies as [Tokenizer];
    const row = {
      path: "",
      language: "",
      instruction: "n to m",
      before: "n = n + 1",
      after: "m = n",
    };
    const { ids, changed } = editExamples(tokenizer, "adapter")(row)!;
    const text = Array.from(ids, (id, at) => (changed[at] === 1 ? tokenizer.piece(id) : "."));
    // The newline is where " + 1" is left out.
    expect(text.join("").replace(/^\.+/, "")).toBe("m....\n....");
  });
});

describe("changed tokens", () => {
  const marks = (before: string, after: string) => {
    const ids = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
    const changed = changedTokens(ids(`${before}$`), ids(`${after}$`));
    return Array.from(`${after}$`, (character, at) => (changed[at] === 1 ? character : ".")).join(
      "",
    );
  };

  test("are those put in, and those behind what is left out", () => {
    expect(marks("abc", "abc")).toBe("....");
    expect(marks("abc", "aXc")).toBe(".X..");
    expect(marks("abc", "abXYc")).toBe("..XY..");
    expect(marks("abcd", "acd")).toBe(".c..");
    expect(marks("abc", "ab")).toBe("..$");
    expect(marks("", "xy")).toBe("xy.");
  });

  test("leave a text that the input has in this order", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 30 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const kept = Array.from(marks(before, after)).filter((mark) => mark === ".").length;
        const changed = marks(before, after);
        let at = 0;
        for (const [i, character] of Array.from(`${after}$`).entries()) {
          if (changed[i] !== ".") continue;
          at = `${before}$`.indexOf(character, at) + 1;
          expect(at).toBeGreaterThan(0);
        }
        if (before === after) expect(kept).toBe(after.length + 1);
      }),
    );
  });
});
