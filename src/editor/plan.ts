// What an edit starts from: the text, its language and syntax tree, the region to rewrite, and the prompt
// that asks for it, with code of the project beside it where that is wanted.

import { realpathSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import { CromwellError } from "../errors.ts";
import type { Model } from "../inference/model.ts";
import { findRepository } from "../project/repository.ts";
import { guessLanguage, type Language } from "../syntax/languages.ts";
import { loadSyntax, orTooMuch, type Syntax, type SyntaxTree } from "../syntax/syntax.ts";
import {
  adapterPrompt,
  chatPrompt,
  chatTurns,
  type EditPrompt,
  type WorkedEdit,
} from "../tokenizer/edit-prompt.ts";
import { chooseRegion, type RegionRequest } from "./choose-region.ts";
import { type Region, regionText } from "./region.ts";
import { refuseBlank, type SourceText } from "./text-file.ts";

export interface EditPlan {
  readonly source: SourceText;
  readonly instruction: string;
  /** The original's tree; undefined for a language without a grammar. */
  readonly tree: SyntaxTree | undefined;
  readonly syntax: Syntax | undefined;
  /** Undefined for the whole text. */
  readonly region: Region | undefined;
  /** The region's text as the model sees it, without a newline at its end. */
  readonly code: string;
  readonly prompt: EditPrompt;
  /** Whether an edit adapter answers it. */
  readonly hasEditAdapter: boolean;
}

export interface PlanRequest {
  readonly source: SourceText;
  readonly instruction: string;
  /** Where the text comes from; undefined for one that is in no project. */
  readonly path: string | undefined;
  readonly region?: RegionRequest | undefined;
  readonly language?: Language | undefined;
  /** Tokens of the project's other code that the model is shown. */
  readonly budget?: number | undefined;
  /** Edits of the same language that a model without an edit adapter is shown first. */
  readonly examples?: readonly WorkedEdit[] | undefined;
  /** Where indices of projects are kept. */
  readonly indexFolder: string | undefined;
  /** Whether an adapter is loaded that was trained on the adapter prompt. */
  readonly hasEditAdapter: boolean;
  readonly onNotice?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Edit adapters are trained on functions; of more than about a hundred lines they make nothing. */
const adapterTokensMax = 1024;

/** Plans an edit; `close` the plan's tree when it is done. */
export async function planEdit(model: Model, request: PlanRequest): Promise<EditPlan> {
  const { source, instruction, hasEditAdapter, examples = [] } = request;
  refuseBlank(source);
  if (hasEditAdapter && examples.length > 0) {
    throw new CromwellError("usage", "a model with an edit adapter is shown no worked examples", {
      hint: "leave the built-in one out with --no-lora, or use another model",
    });
  }
  const language = request.language ?? guessLanguage(source.name, source.text);
  const loaded = language && (await loadSyntax(language));
  const tree = loaded && orTooMuch(() => loaded.parse(source.text));
  const syntax = tree && loaded;
  try {
    const fence = language?.fence ?? "";
    const region = regionFor(model, request, tree, fence);
    const code = codeOf(source, region);
    const bare = promptFor(model, request, code, fence, "");
    const related = await relatedCode(model, request, region, bare.ids.length, code);
    const prompt = related === "" ? bare : promptFor(model, request, code, fence, related);
    return { source, instruction, tree, syntax, region, code, prompt, hasEditAdapter };
  } catch (error) {
    tree?.close();
    throw error;
  }
}

function regionFor(
  model: Model,
  request: PlanRequest,
  tree: SyntaxTree | undefined,
  fence: string,
): Region | undefined {
  const { source, instruction, hasEditAdapter } = request;
  const { tokenizer, contextLength } = model;
  const tokensOf = (text: string) => tokenizer.encode(text).length;
  return chooseRegion({
    name: source.name,
    text: source.text,
    units: tree?.units() ?? [],
    instruction,
    request: request.region,
    context: contextLength,
    prefersUnits: hasEditAdapter,
    suits: (text) => !hasEditAdapter || tokensOf(text) <= adapterTokensMax,
    fits: (text) => {
      // No token holds more than a few dozen characters; a long text need not be encoded to tell.
      if (text.length > contextLength * 64) return false;
      const { ids } = promptFor(model, request, text, fence, "");
      return ids.length + tokensOf(text) < contextLength;
    },
  });
}

/** The text to rewrite, without newlines at its end. */
export function codeOf({ text }: SourceText, region: Region | undefined): string {
  return (region === undefined ? text : regionText(text, region)).replace(/\n+$/, "");
}

function promptFor(
  { tokenizer }: Model,
  { instruction, hasEditAdapter, examples }: PlanRequest,
  code: string,
  fence: string,
  related: string,
): EditPrompt {
  if (hasEditAdapter && chatTurns(tokenizer) !== undefined) {
    return adapterPrompt(tokenizer, instruction, { code, language: fence });
  }
  return chatPrompt(tokenizer, instruction, { code, language: fence, related, examples });
}

/** Tokens that stand around related code in a prompt, at most. */
const aroundRelated = 64;

/** Code of the project that helps with the region, as much as is asked for and there is room for. */
async function relatedCode(
  { tokenizer, contextLength }: Model,
  request: PlanRequest,
  region: Region | undefined,
  promptTokens: number,
  code: string,
): Promise<string> {
  const { budget = 0, path, source, instruction, hasEditAdapter, signal, onNotice } = request;
  if (budget === 0) return "";
  if (path === undefined) {
    throw new CromwellError(
      "usage",
      "a budget for context needs a file: this text is in no project",
    );
  }
  if (hasEditAdapter) {
    throw new CromwellError("usage", "an edit adapter cannot be shown other code", {
      hint: "leave it out, the built-in one with --no-lora, or use another model",
    });
  }
  const real = realpathSync(path);
  const root = findRepository(dirname(real))?.top ?? dirname(real);
  const answerTokens = tokenizer.encode(code).length;
  const room = contextLength - promptTokens - answerTokens - aroundRelated;
  if (room < budget) {
    const left = Math.max(0, room);
    onNotice?.(`context: there is room for ${left} of the ${budget} tokens beside the text`);
  }
  if (room <= 0) return "";
  const { gatherContext } = await import("../context/context.ts");
  const { text, units } = await gatherContext({
    root,
    file: relative(root, real).split(sep).join("/"),
    text: source.text,
    region,
    instruction,
    budget: Math.min(budget, room),
    count: (shown) => tokenizer.encode(shown).length,
    indexFolder: request.indexFolder,
    onNotice,
    signal,
  });
  const without = units.filter(({ shown }) => shown !== "whole").length;
  if (without > 0)
    onNotice?.(`context: ${without} of ${units.length} related units were not shown whole`);
  return text;
}
