// A coder of another family goes its own way: with the vocabulary of Qwen2.5-Coder-Instruct and a template
// of its shape, an edit is asked for by that template, and a place is filled in by its own tokens.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { chooseEditAdapter } from "../../src/editor/edit-adapter.ts";
import { fillInPrompt, splitAt } from "../../src/editor/position.ts";
import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { entry, type MetadataEntry } from "../../src/formats/metadata.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import type { StringArray } from "../../src/formats/string-array.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { Model } from "../../src/inference/model.ts";
import { chatPrompt } from "../../src/tokenizer/edit-prompt.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { cromwell } from "../cli/streams.ts";
import { testData } from "../data.ts";
import { tensorValues } from "../golden/models/generate.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const vocabulary = testData("tokenizers/ggml-vocab-qwen2.gguf");
const folder = temporaryFolder();

/** What Qwen2.5 added to Qwen2's vocabulary, by id. */
const added = new Map([
  [151_657, "<tool_call>"],
  [151_658, "</tool_call>"],
  [151_659, "<|fim_prefix|>"],
  [151_660, "<|fim_middle|>"],
  [151_661, "<|fim_suffix|>"],
  [151_662, "<|fim_pad|>"],
  [151_663, "<|repo_name|>"],
  [151_664, "<|file_sep|>"],
]);
const [endOfText, turnStart, turnEnd, fileEnd] = [151_643, 151_644, 151_645, 151_664];

const system = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";

/** Branches as the published template has them: tools, a system turn of its own, tool calls. */
const template = `{%- if tools %}
    {{- '<|im_start|>system\\n# Tools\\n' }}
    {%- for tool in tools %}{{- tool | tojson }}{%- endfor %}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\n${system}<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == "user" or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
`;

const sizes = { hidden: 32, heads: 2, feedForward: 64, layers: 1 };

function metadata(): [string, MetadataEntry][] {
  const { metadata: base } = openModelFile(vocabulary!);
  const pieces = base.get("tokenizer.ggml.tokens") as StringArray;
  const tokens = Array.from({ length: pieces.length }, (_, id) => added.get(id) ?? pieces.get(id));
  const types = Int32Array.from(base.get("tokenizer.ggml.token_type") as Int32Array);
  for (const [id, piece] of added) types[id] = piece.startsWith("<|") ? 3 : 4;
  const changed: Record<string, MetadataEntry> = {
    "general.name": entry.string("Qwen2.5 Coder tiny"),
    "qwen2.block_count": entry.u32(sizes.layers),
    "qwen2.context_length": entry.u32(512),
    "qwen2.embedding_length": entry.u32(sizes.hidden),
    "qwen2.feed_forward_length": entry.u32(sizes.feedForward),
    "qwen2.attention.head_count": entry.u32(sizes.heads),
    "qwen2.attention.head_count_kv": entry.u32(sizes.heads),
    "tokenizer.ggml.tokens": entry.strings(tokens),
    "tokenizer.ggml.token_type": entry.array(types),
    "tokenizer.ggml.eos_token_id": entry.u32(turnEnd),
    "tokenizer.ggml.add_bos_token": { type: "bool", value: false },
    "tokenizer.chat_template": entry.string(template),
  };
  return [...new Map([...base.entries(), ...Object.entries(changed)])];
}

/** A model of two heads and random weights, whose vocabulary is the real one. */
async function writeModel(): Promise<string> {
  const { hidden, feedForward } = sizes;
  const rows: Record<string, number[]> = {
    token_embd: [151_936, hidden],
    "blk.0.attn_norm": [hidden],
    "blk.0.attn_q": [hidden, hidden],
    "blk.0.attn_k": [hidden, hidden],
    "blk.0.attn_v": [hidden, hidden],
    "blk.0.attn_output": [hidden, hidden],
    "blk.0.ffn_norm": [hidden],
    "blk.0.ffn_gate": [feedForward, hidden],
    "blk.0.ffn_up": [feedForward, hidden],
    "blk.0.ffn_down": [hidden, feedForward],
    output_norm: [hidden],
  };
  const biases = ["q", "k", "v"].map((part) => ({
    name: `blk.0.attn_${part}.bias`,
    shape: [hidden],
  }));
  const weights = Object.entries(rows).map(([name, shape]) => ({ name: `${name}.weight`, shape }));
  await writeGguf(folder.file("qwen.gguf"), {
    metadata: metadata(),
    tensors: [...weights, ...biases].map((one) => ({ ...one, type: tensorTypes.F32 })),
    data: ({ name, shape }) => {
      const offset = name.endsWith("norm.weight") ? 1 : 0;
      const values = tensorValues("qwen", { name, shape, scale: 0.2, offset });
      return [new Uint8Array(values.buffer)];
    },
  });
  return folder.file("qwen.gguf");
}

describe.skipIf(vocabulary === undefined)("Qwen2.5-Coder-Instruct", () => {
  const code = "def area(w, h):\n    return w * h";

  test("has its edits asked for by its own template, with no adapter of another model", async () => {
    const model = await Model.open(await writeModel());
    const { tokenizer } = model;
    expect(chooseEditAdapter(model)).toEqual([]);
    const contents = { code, language: "python", related: "" };
    const { ids, stop } = chatPrompt(tokenizer, "Add a docstring", contents);
    const written = tokenizer.decode(ids, { special: true });
    expect(written).toStartWith(
      `<|im_start|>system\n${system}<|im_end|>\n<|im_start|>user\nRewrite `,
    );
    expect(written).toEndWith(
      `Instruction: Add a docstring\n\n\`\`\`python\n${code}\n\`\`\`<|im_end|>\n<|im_start|>assistant\n\`\`\`python\n`,
    );
    const specials = ids.filter((id) => tokenizer.isSpecial(id));
    expect(specials).toEqual([turnStart, turnEnd, turnStart, turnEnd, turnStart]);
    expect([stop, [...tokenizer.stopIds].sort()]).toEqual([
      ["\n```"],
      [endOfText, turnEnd, fileEnd],
    ]);
    await model.close();
  });

  test("fills in between prefix and suffix, whose own special tokens are text", async () => {
    const tokenizer = Tokenizer.of(openModelFile(folder.file("qwen.gguf")));
    const text = "def area(w, h):\n    return \n<|fim_middle|>";
    const { prefix, suffix } = splitAt(text, { line: 2, column: undefined });
    const ids = fillInPrompt(tokenizer, prefix, suffix);
    expect(ids.filter((id) => tokenizer.isSpecial(id))).toEqual([151_659, 151_661, 151_660]);
    expect(tokenizer.decode(ids, { special: true })).toBe(
      `<|fim_prefix|>${prefix}<|fim_suffix|>${suffix}<|fim_middle|>`,
    );
  });

  test("runs: edit refuses what random weights say, complete fills in", async () => {
    const path = folder.write("area.py", `${code}\n`);
    const setting = { cwd: folder.path, env: { CROMWELL_MODEL: folder.file("qwen.gguf") } };
    const argv = ["edit", "area.py", "--instruction", "Add a docstring", "--json"];
    const edited = await cromwell(argv, setting);
    expect(edited.code).toBe(3);
    const { adapters, status } = JSON.parse(edited.stdout);
    expect([adapters, status]).toEqual([[], "rejected"]);
    expect(readFileSync(path, "utf8")).toBe(`${code}\n`);
    const place = ["complete", "area.py", "--at", "2:12", "--max-tokens", "5", "--json"];
    const completed = await cromwell(place, setting);
    expect([completed.code, completed.stderr]).toEqual([0, ""]);
    expect(JSON.parse(completed.stdout).tokens).toHaveLength(5);
  });
});
