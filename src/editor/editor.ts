// The editor: a file and an instruction in, a checked edit out. The model rewrites a bounded text;
// the program takes the answer apart, checks it, computes the diff and alone writes to disk.

import { isAbsolute, join, resolve } from "node:path";
import { CromwellError } from "../errors.ts";
import { type Generated, generate } from "../inference/generate.ts";
import { Model, type ModelOptions } from "../inference/model.ts";
import type { AdapterSource } from "../model/adapter.ts";
import { unifiedDiff } from "../patch/diff.ts";
import { tilesFolder } from "../project/home.ts";
import { guessLanguage } from "../syntax/languages.ts";
import { loadSyntax, type Syntax } from "../syntax/syntax.ts";
import { extractAnswer } from "./answer.ts";
import { atomicWrite } from "./atomic-write.ts";
import { type Checks, judge } from "./checks.ts";
import { chooseEditAdapter } from "./edit-adapter.ts";
import { resolveModel } from "./model-store.ts";
import { adapterPrompt, chatPrompt, type EditPrompt } from "./prompt.ts";
import { chooseRegion, type Region, regionText, replaceRegion } from "./region.ts";
import { readTextFile, restore, type SourceText } from "./text-file.ts";
import { type Timings, timingsOf, type Usage, usageOf } from "./timings.ts";

export interface EditorOptions extends Omit<ModelOptions, "adapters"> {
  /** A model's path, or the name of a pulled one; default: $CROMWELL_MODEL, then the default model. */
  readonly model?: string | undefined;
  /** The folder that file names are relative to; default: the current one. */
  readonly project?: string | undefined;
  /** LoRA adapters in place of the built-in one. */
  readonly adapters?: readonly AdapterSource[] | undefined;
  /** false leaves the built-in edit adapter out, where the model is the one that it is for. */
  readonly editAdapter?: boolean | undefined;
}

export interface EditOptions {
  readonly signal?: AbortSignal | undefined;
  /** Receives the model's answer as it comes, before anything is checked. */
  readonly onText?: ((text: string) => void) | undefined;
}

/** "edited": acceptable and different; "unchanged": nothing to do; "rejected": see the reason. */
export type EditStatus = "edited" | "unchanged" | "rejected";

export interface EditResult {
  /** Whether there is an edit to apply. */
  readonly success: boolean;
  readonly status: EditStatus;
  /** Why there is none, as one sentence fragment. */
  readonly reason: string | undefined;
  readonly file: string;
  /** Unified diff that git and patch accept; "" without an edit. */
  readonly diff: string;
  /** The whole new file, with the original's BOM and line endings; undefined without an edit. */
  readonly editedContent: string | undefined;
  readonly checks: Checks;
  /** The function or class that was sent to the model, undefined for the whole file. */
  readonly region: string | undefined;
  /** Names of the adapters in use. */
  readonly adapters: readonly string[];
  readonly usage: Usage;
  readonly timings: Timings;
  /**
   * Writes the edit to the file, atomically, if the file is still what was read; to another file
   * with `path`. Throws CromwellError "rejected" without an edit and "input" if it cannot write.
   */
  apply(path?: string): Promise<void>;
}

export class CodeEditor {
  readonly #model: Model;
  readonly #project: string;
  readonly #usesEditAdapter: boolean;
  readonly #loadMs: number;

  private constructor(model: Model, project: string, usesEditAdapter: boolean, loadMs: number) {
    this.#model = model;
    this.#project = project;
    this.#usesEditAdapter = usesEditAdapter;
    this.#loadMs = loadMs;
  }

  /** Opens the model and, where it is the default one, its edit adapter. */
  static async open(options: EditorOptions = {}): Promise<CodeEditor> {
    const started = performance.now();
    const { model: name, project = ".", editAdapter = true, adapters = [], ...rest } = options;
    const path = resolveModel(name, process.env);
    const own = editAdapter && adapters.length === 0;
    const model = await Model.open(path, {
      tileFolder: tilesFolder(process.env),
      ...rest,
      adapters: own ? chooseEditAdapter : adapters,
    });
    const loadMs = performance.now() - started;
    return new CodeEditor(model, resolve(project), own && model.adapters.length > 0, loadMs);
  }

  /** The model in use. */
  get model(): Model {
    return this.#model;
  }

  /**
   * Edits the file as the instruction says and returns the result; the file is not touched until
   * `apply`. Throws CromwellError "input" where the file cannot be edited or does not fit.
   */
  async edit(file: string, instruction: string, options: EditOptions = {}): Promise<EditResult> {
    const path = isAbsolute(file) ? file : join(this.#project, file);
    return this.editText(readTextFile(path, file), instruction, options, path);
  }

  /** Edits a text that is no file, or was read already; `path` is where `apply` writes it. */
  async editText(
    source: SourceText,
    instruction: string,
    options: EditOptions = {},
    path?: string,
  ): Promise<EditResult> {
    if (instruction.trim() === "") throw new CromwellError("usage", "the instruction is empty");
    const { language, region } = this.#plan(source, instruction);
    const code = (region === undefined ? source.text : regionText(source.text, region)).replace(
      /\n+$/,
      "",
    );
    const prompt = this.#prompt(instruction, code, language?.fence ?? "");
    const generated = await this.#generate(source.name, code, prompt, options);
    const syntax = language === undefined ? undefined : await loadSyntax(language);
    const outcome = decide(source, instruction, region, syntax, code, prompt, generated);
    return this.#result(source, path, region, generated, outcome);
  }

  /** Frees the model; resolves when what is stored for the next start is written. */
  async close(): Promise<void> {
    await this.#model.close();
  }

  #plan(source: SourceText, instruction: string) {
    const language = guessLanguage(source.name, source.text);
    const region = language?.id === "python" ? chooseRegion(source.text, instruction) : undefined;
    return { language, region };
  }

  #prompt(instruction: string, code: string, fence: string): EditPrompt {
    const { tokenizer } = this.#model;
    if (this.#usesEditAdapter) return adapterPrompt(tokenizer, instruction, code);
    return chatPrompt(tokenizer, instruction, code, fence);
  }

  async #generate(
    name: string,
    code: string,
    prompt: EditPrompt,
    { signal, onText }: EditOptions,
  ): Promise<Generated> {
    const { tokenizer, contextLength } = this.#model;
    const codeTokens = tokenizer.encode(code).length;
    const needed = prompt.ids.length + codeTokens;
    if (needed >= contextLength) {
      throw new CromwellError(
        "input",
        `${name} does not fit: text, instruction and answer need about ${needed} tokens, ` +
          `the context has ${contextLength}`,
        { hint: "name one function in the instruction, or edit a smaller file" },
      );
    }
    const session = this.#model.session();
    try {
      const answer = generate(session, tokenizer, prompt.ids, {
        maxTokens: Math.min(contextLength - prompt.ids.length, 2 * codeTokens + 256),
        stop: prompt.stop,
        signal,
      });
      for (;;) {
        const next = await answer.next();
        if (next.done) return next.value;
        onText?.(next.value);
      }
    } finally {
      session.close();
    }
  }

  #result(
    source: SourceText,
    path: string | undefined,
    region: Region | undefined,
    generated: Generated,
    outcome: Outcome,
  ): EditResult {
    const { status, reason, edited, checks } = outcome;
    return {
      success: status === "edited",
      status,
      reason,
      file: source.name,
      diff: edited === undefined ? "" : unifiedDiff(source.name, source.raw, edited),
      editedContent: edited,
      checks,
      region: region?.name,
      adapters: this.#model.adapters.map((adapter) => adapter.name),
      usage: usageOf(generated),
      timings: timingsOf(this.#loadMs, generated),
      apply: async (target) => {
        if (edited === undefined) {
          throw new CromwellError("rejected", `there is no edit of ${source.name}: ${reason}`);
        }
        store(source, path, target, edited);
      },
    };
  }
}

function store(
  source: SourceText,
  path: string | undefined,
  target: string | undefined,
  edited: string,
): void {
  if (target !== undefined) atomicWrite(target, edited);
  else if (path !== undefined) {
    atomicWrite(path, edited, { expectedHash: source.hash, name: source.name });
  } else
    throw new CromwellError("usage", "this text came from no file", { hint: "name an output" });
}

interface Outcome {
  readonly status: EditStatus;
  readonly reason: string | undefined;
  readonly edited: string | undefined;
  readonly checks: Checks;
}

/** Takes the answer apart and decides whether it may be offered. */
function decide(
  source: SourceText,
  instruction: string,
  region: Region | undefined,
  syntax: Syntax | undefined,
  code: string,
  prompt: EditPrompt,
  { text, finishReason }: Generated,
): Outcome {
  const unjudged: Checks = { parses: null };
  const refuse = (reason: string, checks = unjudged): Outcome => ({
    status: "rejected",
    reason,
    edited: undefined,
    checks,
  });
  const context = { original: code, finishReason, insideFence: true, fence: prompt.fence };
  const answer = extractAnswer(text, context);
  if ("refused" in answer) return refuse(answer.refused);
  const whole =
    region === undefined ? answer.text : replaceRegion(source.text, region, answer.text);
  const edited = restore(source, whole);
  const named = (name: string) => new RegExp(`(?<!\\w)${name}(?!\\w)`).test(instruction);
  const { checks, refused } = judge(source.text, whole, syntax, named);
  if (edited === source.raw) {
    const reason = "the answer changes nothing";
    return { status: "unchanged", reason, edited: undefined, checks };
  }
  if (refused !== undefined) return refuse(refused, checks);
  return { status: "edited", reason: undefined, edited, checks };
}
