// `cromwell inspect`: what a model file says of itself, from its header alone. It also shows files
// that cromwell cannot run, with the reason.

import { CromwellError } from "../errors.ts";
import type { Metadata, MetadataValue } from "../formats/metadata.ts";
import { type ModelFile, openModelFile } from "../formats/model-file.ts";
import { sizeOfModel } from "../formats/model-view.ts";
import { StringArray } from "../formats/string-array.ts";
import { readConfig } from "../model/config.ts";
import { Tokenizer } from "../tokenizer/tokenizer.ts";
import { jsonFlag, modelPath } from "./model-flags.ts";
import { grouped, readableBytes, table, visible } from "./terminal.ts";
import { type Call, defineVerb } from "./verb.ts";

export const inspect = defineVerb({
  name: "inspect",
  args: {
    model: { type: "positional", description: "Model file, folder or pulled name" },
    tensors: { type: "boolean", description: "List every tensor" },
    ...jsonFlag,
  },
  examples: ["inspect model.gguf", "inspect model.gguf --tensors", "inspect model.gguf --json"],
  run,
});

async function run(call: Call): Promise<number> {
  const { io, args } = call;
  const file = openModelFile(modelPath(call));
  const facts = describe(file);
  const tensors = args.tensors === true ? tensorRows(file) : undefined;
  if (args.json === true) {
    const listed = tensors === undefined ? {} : { tensors };
    await io.stdout.write(`${JSON.stringify({ ...facts, ...listed })}\n`);
    return 0;
  }
  await io.stdout.write(asText(facts));
  for (const { name, type, shape, bytes } of tensors ?? []) {
    const row = `${visible(name)}  ${type}  [${shape.join(", ")}]  ${readableBytes(bytes)}\n`;
    await io.stdout.write(row);
  }
  return 0;
}

function describe(file: ModelFile) {
  const { metadata } = file;
  const architecture = metadata.string("general.architecture", "unknown");
  const tensors = [...file.tensors.values()];
  const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  const size = (key: string) => metadata.get(`${architecture}.${key}`);
  return {
    path: file.path,
    format: `${file.format} ${file.version}`,
    architecture,
    name: metadata.string("general.name", ""),
    parameters: tensors.reduce((sum, { shape }) => sum + count(shape), 0),
    bytes: sizeOfModel(file),
    context: size("context_length") ?? null,
    layers: size("block_count") ?? null,
    hidden: size("embedding_length") ?? null,
    feed_forward: size("feed_forward_length") ?? null,
    heads: size("attention.head_count") ?? null,
    kv_heads: size("attention.head_count_kv") ?? size("attention.head_count") ?? null,
    types: countTypes(tensors.map(({ type }) => type.name)),
    tokenizer: describeTokenizer(file),
    runs: runs(file),
    metadata: Object.fromEntries(entries(metadata)),
  };
}

type Facts = ReturnType<typeof describe>;

function countTypes(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function describeTokenizer(file: ModelFile) {
  const kind = tokenizerKind(file);
  const tokenizer = orReason(() => Tokenizer.of(file));
  if (typeof tokenizer === "string") return { kind, reads: tokenizer };
  return {
    kind,
    reads: true as const,
    tokens: tokenizer.size,
    bos: tokenizer.bos ?? null,
    eos: tokenizer.eos ?? null,
    stop: [...tokenizer.stopIds],
    fills_in: tokenizer.fillInTheMiddle !== undefined,
    chat_template: tokenizer.chatTemplate !== undefined,
  };
}

/** What the file calls its kind of tokenizer: "gpt2" (GGUF), "BPE" (tokenizer.json); "" for none. */
function tokenizerKind({ metadata, tokenizerJson }: ModelFile): string {
  if (tokenizerJson === undefined) return metadata.string("tokenizer.ggml.model", "");
  const { model } = Object(tokenizerJson) as { model?: unknown };
  const { type } = Object(model) as { type?: unknown };
  return typeof type === "string" ? type : "tokenizer.json";
}

/** true, or why not. */
function runs(file: ModelFile): true | string {
  const config = orReason(() => readConfig(file));
  return typeof config === "string" ? config : true;
}

/** What `attempt` gives, or why it gives nothing. */
function orReason<T>(attempt: () => T): T | string {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof CromwellError) return error.message;
    throw error;
  }
}

/** Metadata as JSON can hold it; a long list by its length. */
function* entries(metadata: Metadata): Generator<[string, string | number | boolean]> {
  for (const [key, { value }] of metadata.entries()) yield [key, plain(value)];
}

function plain(value: MetadataValue): string | number | boolean {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object") return value;
  return `${value instanceof StringArray ? "strings" : "values"} × ${value.length}`;
}

function tensorRows(file: ModelFile) {
  return Array.from(file.tensors.values(), ({ name, type, shape, byteLength }) => ({
    name,
    type: type.name,
    shape,
    bytes: byteLength,
  }));
}

function asText(facts: Facts): string {
  const { tokenizer } = facts;
  const types = Object.entries(facts.types).map(([name, count]) => `${name} × ${count}`);
  const shape = [
    `${facts.layers} layers of ${facts.hidden}`,
    `${facts.heads} heads over ${facts.kv_heads}`,
    `feed-forward ${facts.feed_forward}`,
  ].join(", ");
  const words =
    tokenizer.reads === true
      ? `${tokenizer.kind}, ${grouped(tokenizer.tokens)} tokens, ends at ${tokenizer.stop}`
      : `${tokenizer.kind || "none"} (${tokenizer.reads})`;
  const abilities = [
    tokenizer.chat_template === true ? "chat template" : "no chat template",
    tokenizer.fills_in === true ? "fills in the middle" : "does not fill in the middle",
  ];
  const rows: [string, string][] = [
    ["file", `${facts.path}, ${facts.format}, ${readableBytes(facts.bytes)}`],
    ["architecture", facts.architecture],
    ["name", facts.name || "(none)"],
    ["parameters", grouped(facts.parameters)],
    ["shape", facts.layers === null ? "(none)" : shape],
    ["context", facts.context === null ? "(none)" : `${facts.context} tokens`],
    ["types", types.join(", ") || "no tensors"],
    ["tokenizer", words],
    ["prompting", abilities.join(", ")],
    ["runs", facts.runs === true ? "yes" : `no: ${facts.runs}`],
    ...Object.entries(facts.metadata).map(([key, value]): [string, string] => [
      `  ${visible(key, 60)}`,
      String(value),
    ]),
  ];
  return table(rows.map(([name, value]) => [name, visible(value, 100)]));
}
