// The library's public face: what a program imports from "cromwell". The rest of src is not promised
// to stay as it is. The references let a program's own type check find what is imported as a file.

/// <reference path="./editor/embedded-adapter.d.ts" />
/// <reference path="./native/library-file.d.ts" />
/// <reference path="./syntax/wasm-file.d.ts" />

export {
  type Context,
  type ContextRequest,
  type ContextUnit,
  gatherContext,
} from "./context/context.ts";
export type { RegionRequest } from "./editor/choose-region.ts";
export type { Completion, CompletionPrompt } from "./editor/complete.ts";
export type { CompletionOptions, EditOptions, EditorOptions } from "./editor/editor.ts";
export { CodeEditor } from "./editor/editor.ts";
export type { EditEvent } from "./editor/events.ts";
export type { AttemptReport, EditResult } from "./editor/result.ts";
export type { Timings, Usage } from "./editor/timings.ts";
export type { Checks, EditStatus } from "./editor/verdict.ts";
export { CromwellError, type ErrorCode } from "./errors.ts";
export { evaluateFim, type Filled, type FimOptions } from "./evaluation/fim/evaluate.ts";
export {
  evaluatePerplexity,
  type PerplexityOptions,
  type PerplexityResult,
} from "./evaluation/perplexity/evaluate.ts";
export { ResultsFile } from "./evaluation/results-file.ts";
export {
  defaultLimits,
  type Limits,
  type Outcome,
  type Program,
} from "./evaluation/sandbox/runner.ts";
export { Sandbox } from "./evaluation/sandbox/sandbox.ts";
export type { FinishReason } from "./inference/answer.ts";
export { type Draft, PromptDraft, RewriteDraft } from "./inference/draft.ts";
export type { DraftUse } from "./inference/drafting.ts";
export { type Generated, type GenerateOptions, generate } from "./inference/generate.ts";
export { Model, type ModelOptions } from "./inference/model.ts";
export type { SamplingOptions } from "./inference/sampler.ts";
export type { Session } from "./inference/session.ts";
export { type ApplyOptions, type ApplyResult, applyPatch } from "./patch/apply.ts";
export type { AppliedHunk } from "./patch/apply-hunks.ts";
export { type DiffOptions, unifiedDiff } from "./patch/diff.ts";
export { type ParseOptions, parsePatch } from "./patch/parse.ts";
export type { Change, FilePatch, PatchHunk } from "./patch/patch.ts";
export type { AppliedFile } from "./patch/plan.ts";
export {
  listWrites,
  type RecordedWrite,
  type UndoneFile,
  type UndoOptions,
  type UndoResult,
  undo,
} from "./project/undo.ts";
export { type ProjectFile, type WalkOptions, walk } from "./project/walk.ts";
export { type FileChange, type WriteOptions, writeFiles } from "./project/write.ts";
export { Tokenizer } from "./tokenizer/tokenizer.ts";
export type { ConfigPart as TrainingConfigPart, TrainingConfig } from "./training/config/fields.ts";
export { type CleanOptions, type CleanResult, cleanCorpus } from "./training/corpus/clean.ts";
export type { CorpusOptions, CorpusProgress, CorpusResult } from "./training/corpus/corpus-run.ts";
export { type DedupeOptions, dedupeCorpus } from "./training/corpus/dedupe.ts";
export { type FilterOptions, filterCorpus } from "./training/corpus/filter.ts";
export {
  type CorpusInspection,
  type InspectOptions,
  inspectCorpus,
} from "./training/corpus/inspect.ts";
export { type SplitOptions, type SplitResult, splitCorpus } from "./training/corpus/split.ts";
export type { SphereReport, StepReport, TrainingEvent } from "./training/events.ts";
export {
  alpacaExample,
  alpacaPrompt,
  type InstructionExample,
} from "./training/examples/alpaca.ts";
export { conversationExample } from "./training/examples/conversation.ts";
export { editExamples } from "./training/examples/edit.ts";
export type { TrainingExample } from "./training/examples/example.ts";
export { type PaddingOptions, padBatch } from "./training/examples/padded-batch.ts";
export { type LoaderOptions, windowBatches } from "./training/examples/sliding-windows.ts";
export { type Classification, Classifier } from "./training/finetune/classifier.ts";
export {
  type FinetuneOptions,
  type FinetuneResult,
  finetune,
  resumeFinetuning,
} from "./training/finetune/finetune.ts";
export type { GivenSettings as FinetuneSettings } from "./training/finetune/settings.ts";
export {
  openTraining,
  type TrainingOptions,
  type TrainingRun,
} from "./training/run/training-run.ts";
export {
  type TokenizerProgress,
  type TrainedTokenizer,
  type TrainTokenizerOptions,
  trainTokenizer,
} from "./training/tokenizer/train-tokenizer.ts";
export { type ListedRun, listRuns } from "./training/watch/list-runs.ts";
