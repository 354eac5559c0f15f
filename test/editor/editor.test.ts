// The whole edit, from file to file, with a real model whose answer is known (scripted-model.ts), and
// with the default model and its adapter where they are on this machine.

import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { drain, streamCompletion } from "../../src/editor/complete.ts";
import { CodeEditor, type EditorOptions } from "../../src/editor/editor.ts";
import type { EditEvent } from "../../src/editor/events.ts";
import { CromwellError } from "../../src/errors.ts";
import { writeGgufAdapter, writePeftAdapter } from "../../src/formats/adapter-writer.ts";
import { Model } from "../../src/inference/model.ts";
import {
  adapterPrompt,
  adapterPromptVersion,
  chatPrompt,
} from "../../src/tokenizer/edit-prompt.ts";
import { cromwell } from "../cli/streams.ts";
import { defaultModel } from "../data.ts";
import { chatTemplate, type Script, writeScriptedModel } from "./scripted-model.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const open: CodeEditor[] = [];
afterAll(() => {
  for (const editor of open) editor.close();
});

/** An editor whose model answers any edit with these tokens. */
async function answering(
  answer: readonly string[],
  script: Partial<Script> = {},
  options: EditorOptions = {},
): Promise<CodeEditor> {
  const model = folder.file(`model-${open.length}.gguf`);
  await writeScriptedModel(model, { chatTemplate, answers: { "\n": answer }, ...script });
  const editor = await CodeEditor.open({
    model,
    project: folder.path,
    environment: { CROMWELL_HOME: folder.file("home") },
    ...options,
  });
  open.push(editor);
  return editor;
}

const before = "def area(w, h):\r\n    return w * h";
const edited = 'def area(w, h):\n    """Area."""\n    return w * h';

function file(contents = before): string {
  return folder.write("main.py", contents);
}

test("an empty text or one of blank lines is nothing to edit, but a place to complete at", async () => {
  const editor = await answering(["x"]);
  for (const [contents, why] of [
    ["", "is empty"],
    ["\n \n", "holds only blank lines"],
  ] as const) {
    file(contents);
    const edit = editor.edit("main.py", "Add a docstring");
    await expect(edit).rejects.toThrow(`main.py ${why}: nothing to edit`);
  }
  const { promptTokens } = await editor.complete("main.py", "2", { maxTokens: 1 });
  expect(promptTokens).toBeGreaterThan(0);
});

describe("an answer that is accepted", () => {
  test("gives a diff and the whole content, and touches nothing until apply", async () => {
    const path = file();
    const editor = await answering([edited, "\n```", " never said"]);
    const events: EditEvent[] = [];
    const result = await editor.edit("main.py", "Add a docstring", {
      onEvent: (event) => events.push(event),
    });
    expect(result.success).toBe(true);
    expect(result.status).toBe("edited");
    expect(result.editedContent).toBe('def area(w, h):\r\n    """Area."""\r\n    return w * h');
    expect(result.diff).toStartWith("--- a/main.py\n+++ b/main.py\n@@ -1,2 +1,3 @@\n def area");
    expect(result.checks).toMatchObject({ parses: true, newFaults: 0, lost: [], changedLines: 1 });
    expect(result.adapters).toEqual([]);
    expect(result.region).toBeUndefined();
    expect(result.usage.completion_tokens).toBe(2);
    expect(result.timings.load_ms).toBeGreaterThan(0);
    const said = events.flatMap((event) => (event.type === "text" ? event.text : []));
    expect(said.join("")).toBe(edited);
    expect(events[0]).toMatchObject({ type: "start", region: null, lines: [1, 2] });
    expect(events.at(-1)).toMatchObject({ type: "attempt", attempt: 1, status: "edited" });
    expect(readFileSync(path, "utf8")).toBe(before);
    await result.apply();
    expect(readFileSync(path, "utf8")).toBe(result.editedContent!);
  });

  test("is written elsewhere on request, the file untouched", async () => {
    const path = file();
    const editor = await answering([edited]);
    const result = await editor.edit(path, "Add a docstring");
    await result.apply(folder.file("out.py"));
    expect(readFileSync(folder.file("out.py"), "utf8")).toBe(result.editedContent!);
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  test("is not applied to a file that changed meanwhile, by its own name either", async () => {
    const path = file();
    const editor = await answering([edited]);
    const result = await editor.edit("main.py", "Add a docstring");
    writeFileSync(path, "mine\n");
    await expect(result.apply("./main.py")).rejects.toThrow("changed on disk");
    expect(readFileSync(path, "utf8")).toBe("mine\n");
    await result.apply("other.py");
    expect(readFileSync(folder.file("other.py"), "utf8")).toBe(result.editedContent!);
  });

  test("is not applied to a file that changed meanwhile", async () => {
    const path = file();
    const editor = await answering([edited]);
    const result = await editor.edit("main.py", "Add a docstring");
    writeFileSync(path, "mine\n");
    await expect(result.apply()).rejects.toThrow("main.py changed on disk");
    expect(readFileSync(path, "utf8")).toBe("mine\n");
  });

  test("of a function in a long file replaces that function only", async () => {
    const rest = Array.from({ length: 30 }, (_, i) => `x${i} = ${i}\n`).join("");
    const editor = await answering(["def g():\n    return 3"]);
    file(`${rest}\ndef f():\n    return 1\n\ndef g():\n    return 2\n\ny = 1\n`);
    const result = await editor.edit("main.py", "Let g return 3");
    expect(result.region).toBe("g");
    expect(result.editedContent).toBe(
      `${rest}\ndef f():\n    return 1\n\ndef g():\n    return 3\n\ny = 1\n`,
    );
  });
});

describe("an answer that is not accepted", () => {
  const cases: [string, string[], Partial<Script>, string, RegExp][] = [
    ["empty", ["\n```"], {}, "rejected", /empty/],
    ["unchanged", ["def area(w, h):\n    return w * h", "\n```"], {}, "unchanged", /nothing/],
    ["without end", ["def area(w, h):\n"], { endless: true }, "rejected", /over and over|syntax/],
    ["cut off", ["def area(w, h):", " x"], { endless: true }, "rejected", /cut off/],
    ["not well formed", ["def area(w, h:\n    return w * h"], {}, "rejected", /syntax error/],
    ["a function lost", ["def other():\n    pass"], {}, "rejected", /loses function area/],
  ];
  test.each(cases)("%s", async (_, answer, script, status, reason) => {
    const path = file();
    const editor = await answering(answer, script);
    const result = await editor.edit("main.py", "Add a docstring");
    expect(result.success).toBe(false);
    expect(result.status as string).toBe(status);
    expect(result.reason).toMatch(reason);
    expect([result.diff, result.editedContent]).toEqual(["", undefined]);
    await expect(result.apply()).rejects.toThrow(CromwellError);
    expect(readFileSync(path, "utf8")).toBe(before);
  });
});

describe("what cannot be asked", () => {
  test("an empty instruction", async () => {
    file();
    const editor = await answering(["x"]);
    await expect(editor.edit("main.py", " ")).rejects.toThrow("instruction is empty");
  });

  test("a text that does not fit the context, before anything is generated", async () => {
    file("x = 1\n".repeat(100));
    const editor = await answering(["x"]);
    await expect(editor.edit("main.py", "Fix it")).rejects.toThrow(
      /main.py does not fit.*1024 tokens/,
    );
  });

  test("a model without a chat template", async () => {
    file();
    const editor = await answering(["x"], { chatTemplate: undefined });
    await expect(editor.edit("main.py", "Fix it")).rejects.toThrow("no chat template");
  });

  test("an aborted edit", async () => {
    file();
    const editor = await answering(["x"]);
    const signal = AbortSignal.abort();
    await expect(editor.edit("main.py", "Fix it", { signal })).rejects.toThrow("interrupted");
  });
});

test("backticks in the text get a longer fence, and the answer may hold them", async () => {
  folder.write("notes.md", "```sh\nls\n```\n");
  const editor = await answering(["```sh\nls -l\n```", "\n````"]);
  const result = await editor.edit("notes.md", "List sizes");
  expect(result.editedContent).toBe("```sh\nls -l\n```\n");
  expect(result.checks).toMatchObject({ parses: null, newFaults: null, changedLines: 2 });
});

describe("an adapter that was trained on the edit prompt", () => {
  const answer = [edited, "\n```"];
  type Way = [name: string, write: typeof writeGgufAdapter];
  const ways: Way[] = [
    ["adapter.gguf", writeGgufAdapter],
    ["adapter", writePeftAdapter],
  ];

  /** Prompt tokens of an edit with an adapter that changes nothing and says this. */
  async function promptTokens([name, write]: Way, editPrompt?: number): Promise<number> {
    const path = folder.file(`${name}-${open.length}`);
    const pair = { target: "blk.0.attn_q", a: new Float32Array(320), b: new Float32Array(64) };
    const shape = {
      architecture: "llama",
      layers: 1,
      headDimension: 64,
      rank: 1,
      alpha: 1,
    } as const;
    await write(path, { ...shape, rowOrder: "gguf", pairs: [pair], editPrompt });
    const editor = await answering(answer, {}, { adapters: [{ path, scale: 1 }] });
    file();
    const { usage, status } = await editor.edit("main.py", "Add a docstring");
    expect(status).toBe("edited");
    return usage.prompt_tokens;
  }

  test.each(ways)("is asked with it, in %s, and another one is not", async (name, write) => {
    const { tokenizer } = open[0]!.model;
    const code = before.replaceAll("\r", "");
    const contents = { code, language: "python", related: "" };
    const short = adapterPrompt(tokenizer, "Add a docstring", contents).ids.length;
    expect(await promptTokens([name, write], adapterPromptVersion)).toBe(short);
    const long = chatPrompt(tokenizer, "Add a docstring", contents).ids.length;
    expect(await promptTokens([name, write])).toBe(long);
  });

  test("is refused where that prompt is another version's", async () => {
    const next = adapterPromptVersion + 1;
    await expect(promptTokens(ways[0]!, next)).rejects.toThrow(
      `trained on version ${next} of the edit prompt, not on ${adapterPromptVersion}`,
    );
  });
});

const model = defaultModel();

describe.skipIf(model === undefined)("the default model with its adapter", () => {
  const source =
    "def join(parts, sep):\n    print('joining', parts)\n    return sep.join(str(part) for part in parts)\n";

  test("makes a real edit, which names the adapter", async () => {
    const editor = await CodeEditor.open({ model: model!, project: folder.path });
    open.push(editor);
    file(source);
    const result = await editor.edit("main.py", "Remove the debug print.");
    expect(result.adapters).toEqual(["edit-adapter (SmolLM2-135M-Instruct)"]);
    expect(result.status).toBe("edited");
    expect(result.editedContent).toBe(source.replace("    print('joining', parts)\n", ""));
  }, 60_000);

  test("completes without it: the bytes of the base model alone", async () => {
    const prompt = "Write a function that adds two numbers.\n";
    const options = { maxTokens: 16 };
    const base = await Model.open(model!);
    const { text } = await drain(streamCompletion(base, prompt, options), () => {});
    await base.close();
    const editor = await CodeEditor.open({ model: model! });
    open.push(editor);
    expect(editor.model.adapters).toHaveLength(1);
    expect((await editor.completeText(prompt, options)).text).toBe(text);
    const argv = ["complete", "--model", model!, "--prompt", prompt, "--max-tokens", "16"];
    expect((await cromwell(argv)).stdout).toBe(text);
  }, 60_000);

  test("goes without it on request", async () => {
    const editor = await CodeEditor.open({ model: model!, editAdapter: false });
    open.push(editor);
    expect(editor.model.adapters).toEqual([]);
  });
});
