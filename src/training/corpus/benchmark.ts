// The tasks of a benchmark, to keep them out of a corpus: a document that shares a long run of words with
// one gives away its text or its answer, and would make the score worthless.

import { CromwellError } from "../../errors.ts";
import { readChunks } from "../data/corpus-file.ts";
import { parsePythonJson } from "../data/python-json.ts";
import { byteLines } from "./byte-lines.ts";
import { tokenHashes, tokenKind } from "./tokens.ts";

/** Words and numbers in a row, signs between them left out, that no two texts share by chance. */
const runWords = 13;

/** Of a run so many must be words: counting to ten and the alphabet are nobody's. */
const namedWordsMin = 4;

/** A task's text of fewer words, such as a short question, counts as a whole. */
const wholeWordsMin = 8;

const lineBytesMax = 16 * 1024 * 1024;
const depthMax = 8;

/** Fields that name a task. */
const idFields = ["task_id", "id", "name"];

export class BenchmarkTasks {
  /** Runs of each length that there is, to the task that has them. */
  readonly #runs = new Map<number, Map<number, string>>();

  /**
   * Of a JSON lines file: every text in an object is its task's, as MBPP's and HumanEval's prompt, code and
   * tests. Throws CromwellError "input" where there is none.
   */
  static async read(path: string, signal?: AbortSignal | undefined): Promise<BenchmarkTasks> {
    const tasks = new BenchmarkTasks();
    for await (const { number, bytes } of byteLines(readChunks(path, signal), lineBytesMax)) {
      const line = bytes === undefined ? "" : Buffer.from(bytes).toString("utf8");
      if (bytes !== undefined && line.trim() === "") continue;
      let task: unknown;
      try {
        task = parsePythonJson(line);
      } catch (cause) {
        const message = `${path}: line ${number} is not valid JSON`;
        throw new CromwellError("input", message, { cause });
      }
      tasks.#add(nameOf(task, number), task, 0);
    }
    if (tasks.#runs.size > 0) return tasks;
    throw new CromwellError("input", `${path} has no task with ${wholeWordsMin} words`);
  }

  /** The task that a text shares a run of words with, for a person; undefined where there is none. */
  find(text: string): string | undefined {
    const words = wordsOf(text);
    for (const [length, runs] of this.#runs) {
      for (let end = length; end <= words.length; end++) {
        const task = runs.get(runKey(words.hashes, end - length, end));
        if (task !== undefined) return `${length} words of ${task}`;
      }
    }
    return undefined;
  }

  #add(task: string, value: unknown, depth: number): void {
    if (typeof value === "string") this.#addText(task, value);
    else if (typeof value === "object" && value !== null && depth < depthMax) {
      for (const inner of Object.values(value)) this.#add(task, inner, depth + 1);
    }
  }

  #addText(task: string, text: string): void {
    const words = wordsOf(text);
    if (words.length < wholeWordsMin) return;
    const length = Math.min(words.length, runWords);
    let runs = this.#runs.get(length);
    if (runs === undefined) {
      runs = new Map();
      this.#runs.set(length, runs);
    }
    for (let end = length; end <= words.length; end++) {
      const named = words.isNamed.subarray(end - length, end).reduce((sum, one) => sum + one, 0);
      const key = runKey(words.hashes, end - length, end);
      if (named >= namedWordsMin && !runs.has(key)) runs.set(key, task);
    }
  }
}

function nameOf(task: unknown, number: number): string {
  const fields = typeof task === "object" && task !== null ? Object.entries(task) : [];
  const id = fields.find(([field]) => idFields.includes(field))?.[1];
  return typeof id === "string" || typeof id === "number" ? `task ${id}` : `task ${number}`;
}

interface Words {
  readonly hashes: Uint32Array;
  /** 1 for a word, 0 for a number or a single letter. */
  readonly isNamed: Uint8Array;
  readonly length: number;
}

/** The words of a text, in the order that they have; valid until the next call. */
function wordsOf(text: string): Words {
  const { hashes, kinds, length } = tokenHashes(text);
  let words = 0;
  for (let at = 0; at < length; at++) {
    if (kinds[at] === tokenKind.sign) continue;
    hashes[words] = hashes[at]!;
    kinds[words++] = kinds[at] === tokenKind.word ? 1 : 0;
  }
  return { hashes, isNamed: kinds, length: words };
}

/** 53 bits of a run, so that a large corpus meets none of them by chance. */
function runKey(words: Uint32Array, start: number, end: number): number {
  let low = 0;
  let high = 0;
  for (let at = start; at < end; at++) {
    low = (Math.imul(low, 0x9e3779b1) + words[at]!) | 0;
    high = (Math.imul(high, 0x85ebca6b) ^ words[at]!) | 0;
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
