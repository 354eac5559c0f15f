// The editor: a file and an instruction in, a checked edit out. The model rewrites a bounded text;
// the program takes the answer apart, checks it, computes the diff and alone writes to disk.

import { isAbsolute, join, resolve } from "node:path";
import { CromwellError } from "../errors.ts";
import { Model, type ModelOptions } from "../inference/model.ts";
import type { SamplingOptions } from "../inference/sampler.ts";
import type { AdapterSource } from "../model/adapter.ts";
import { unifiedDiff } from "../patch/diff.ts";
import { nameFromHere } from "../patch/diff-name.ts";
import { type Environment, indexFolder, journalFolder, tilesFolder } from "../project/home.ts";
import { resolveTarget } from "../project/replace-file.ts";
import { type WriteOptions, writeFiles } from "../project/write.ts";
import type { Language } from "../syntax/languages.ts";
import type { WorkedEdit } from "../tokenizer/edit-prompt.ts";
import { type Answers, answerEdit } from "./candidates.ts";
import { ProjectCheck } from "./check-command.ts";
import type { RegionRequest } from "./choose-region.ts";
import {
  type CompleteOptions,
  type Completion,
  type CompletionPrompt,
  drain,
  streamCompletion,
} from "./complete.ts";
import { chooseEditAdapter, isEditAdapter } from "./edit-adapter.ts";
import type { EditEvent } from "./events.ts";
import { resolveModel } from "./model-store.ts";
import { type EditPlan, planEdit } from "./plan.ts";
import { parsePosition, splitAt } from "./position.ts";
import type { EditResult } from "./result.ts";
import { readTextFile, type SourceText } from "./text-file.ts";
import { timingsOf } from "./timings.ts";

export interface EditorOptions extends Omit<ModelOptions, "adapters"> {
  /** A model's path, or the name of a pulled one; default: $CROMWELL_MODEL, then the default model. */
  readonly model?: string | undefined;
  /** The folder that file names are relative to; default: the current one. */
  readonly project?: string | undefined;
  /** Names the default model and the folder of journal, indices and stored weights; default: the process's. */
  readonly environment?: Environment | undefined;
  /** LoRA adapters in place of the built-in one. */
  readonly adapters?: readonly AdapterSource[] | undefined;
  /** false leaves the built-in edit adapter out, where the model is the one that it is for. */
  readonly editAdapter?: boolean | undefined;
}

export interface EditOptions {
  /** What to rewrite; default: what the instruction needs. */
  readonly region?: RegionRequest | undefined;
  /** Default: by the file's name, else by what the text shows. */
  readonly language?: Language | undefined;
  /** How many answers the best is chosen from; default: 1, with an edit adapter up to 3 until one is an edit. */
  readonly attempts?: number | undefined;
  /** A shell command that an answer must pass, run in a copy of the project. */
  readonly check?: string | undefined;
  /** How the first answer is sampled, and at least how the others are; default: greedy. */
  readonly sampling?: Partial<SamplingOptions> | undefined;
  /** Tokens of related code of the project that the model is shown; default: 0. */
  readonly budget?: number | undefined;
  /** Edits of the same language that a model without an edit adapter is shown first; default: none. */
  readonly examples?: readonly WorkedEdit[] | undefined;
  /** false goes without the original as a draft: the same bytes, more slowly. */
  readonly draft?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: EditEvent) => void) | undefined;
}

export interface CompletionOptions extends CompleteOptions {
  /** Receives text as soon as it is certain; what was given is never taken back. */
  readonly onText?: ((text: string) => void) | undefined;
}

export class CodeEditor {
  readonly #model: Model;
  readonly #project: string;
  /** Whether the built-in edit adapter is in use. */
  readonly #usesOwnAdapter: boolean;
  readonly #loadMs: number;
  readonly #environment: Environment;
  readonly #writing: Pick<WriteOptions, "journal" | "folder" | "onNotice">;

  private constructor(
    model: Model,
    usesOwnAdapter: boolean,
    loadMs: number,
    { project = ".", environment = process.env, onNotice }: EditorOptions,
  ) {
    this.#model = model;
    this.#project = resolve(project);
    this.#usesOwnAdapter = usesOwnAdapter;
    this.#loadMs = loadMs;
    this.#environment = environment;
    const journal = journalFolder(environment);
    this.#writing = { journal, folder: this.#project, onNotice };
  }

  /** Opens the model and, where it is the default one, its edit adapter. */
  static async open(options: EditorOptions = {}): Promise<CodeEditor> {
    const started = performance.now();
    const { model: name, editAdapter = true, adapters = [], ...rest } = options;
    const { environment = process.env } = options;
    const path = resolveModel(name, environment);
    const own = editAdapter && adapters.length === 0;
    const model = await Model.open(path, {
      tileFolder: tilesFolder(environment),
      ...rest,
      adapters: own ? chooseEditAdapter : adapters,
    });
    const loadMs = performance.now() - started;
    const usesOwnAdapter = own && model.adapters.length > 0;
    return new CodeEditor(model, usesOwnAdapter, loadMs, options);
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
    checkOptions(instruction, options, path);
    const plan = await planEdit(this.#model, {
      ...options,
      source,
      instruction,
      path,
      indexFolder: indexFolder(this.#environment),
      hasEditAdapter: this.#model.adapters.some(isEditAdapter),
      onNotice: this.#writing.onNotice,
    });
    try {
      const check = await this.#check(options, path);
      const answers = await answerEdit(this.#model, plan, { ...options, check });
      return this.#result(plan, path, answers);
    } finally {
      plan.tree?.close();
    }
  }

  /**
   * Fills in at a place of the file, given as "LINE" or "LINE:COL" from 1, before the column. The
   * edit adapter takes no part. Throws CromwellError "input" for a place that the file has not.
   */
  async complete(file: string, at: string, options: CompletionOptions = {}): Promise<Completion> {
    const path = isAbsolute(file) ? file : join(this.#project, file);
    const { raw } = readTextFile(path, file);
    return this.completeText({ file, ...splitAt(raw, parsePosition(at)) }, options);
  }

  /** Continues a text, or fills in between two. */
  async completeText(
    prompt: CompletionPrompt,
    { onText, ...options }: CompletionOptions = {},
  ): Promise<Completion> {
    const adapters = this.#usesOwnAdapter ? [] : this.#model.adapters;
    const answer = streamCompletion(this.#model, prompt, { adapters, ...options });
    return await drain(answer, (piece) => onText?.(piece));
  }

  /** Frees the model; resolves when what is stored for the next start is written. */
  async close(): Promise<void> {
    await this.#model.close();
  }

  /** Before the model is asked: what cannot be checked need not be answered. */
  async #check({ check, signal }: EditOptions, path: string | undefined) {
    if (check === undefined || path === undefined) return undefined;
    const { onNotice } = this.#writing;
    const folder = this.#project;
    const request = { command: check, file: path, folder, onNotice, signal };
    const project = await ProjectCheck.open(request);
    return (contents: string) => project.run(contents);
  }

  #result(plan: EditPlan, path: string | undefined, answers: Answers): EditResult {
    const { source, region } = plan;
    const units = plan.tree?.units();
    const { status, reason, edited, checks } = answers.best;
    const name = path === undefined ? source.name : nameFromHere(path, this.#project);
    return {
      success: status === "edited",
      status,
      reason,
      file: source.name,
      diff: edited === undefined ? "" : unifiedDiff(name, source.raw, edited, { units }),
      editedContent: edited,
      checks,
      region: region?.name,
      attempts: answers.reports,
      draft: answers.draft,
      adapters: this.#model.adapters.map((adapter) => adapter.name),
      usage: answers.usage,
      timings: timingsOf(this.#loadMs, answers.timings, answers.usage),
      apply: async (target) => {
        if (edited === undefined) {
          throw new CromwellError("rejected", `there is no edit of ${source.name}: ${reason}`);
        }
        await this.#write(source, path, target, edited);
      },
    };
  }

  async #write(
    { name, hash }: SourceText,
    path: string | undefined,
    target: string | undefined,
    contents: string,
  ): Promise<void> {
    if (path === undefined && target === undefined) {
      const hint = "name an output";
      throw new CromwellError("usage", "this text came from no file", { hint });
    }
    const output = target === undefined ? path! : resolve(this.#project, target);
    const isSource = path !== undefined && resolveTarget(output) === resolveTarget(path);
    const change = isSource
      ? { path: output, contents, expectedHash: hash, name }
      : { path: output, contents, name: target };
    await writeFiles([change], { ...this.#writing, label: "edit" });
  }
}

function checkOptions(
  instruction: string,
  { attempts = 1, check }: EditOptions,
  path: string | undefined,
): void {
  if (instruction.trim() === "") throw new CromwellError("usage", "the instruction is empty");
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 64) {
    throw new CromwellError(
      "usage",
      `attempts must be a whole number from 1 to 64, not ${attempts}`,
    );
  }
  if (check !== undefined && path === undefined) {
    throw new CromwellError("usage", "a check needs a file: this text came from none");
  }
}
