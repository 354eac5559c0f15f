// Programming tasks with tests, a JSON line each, in the shapes that people publish them in: HumanEval's,
// MBPP's, and EvalPlus's additions to both.

import { CromwellError } from "../../errors.ts";
import { linesOf } from "../../training/data/json-lines.ts";
import { parsePythonJson } from "../../training/data/python-json.ts";

export interface Task {
  readonly id: string;
  /** A text to be continued: code up to a body, or a docstring that says what to write. */
  readonly prompt: string;
  /** Whether the prompt is code that the answer continues. */
  readonly continues: boolean;
  /** The function that is tested; undefined where the tests name it themselves. */
  readonly entryPoint: string | undefined;
  /** Whether there are further tests than the published ones. */
  readonly hasPlus: boolean;
  /** The line as it stands: its numbers may be larger than JavaScript's. */
  readonly json: string;
}

const tasksMax = 100_000;
const promptMax = 100_000;

/** Throws CromwellError "input" naming the line that is no task. */
export async function readTasks(
  path: string,
  bytes: Uint8Array,
  limit = Number.POSITIVE_INFINITY,
): Promise<Task[]> {
  const tasks = new Map<string, Task>();
  let number = 0;
  for await (const line of linesOf(path, piecesOf(bytes))) {
    const json = Buffer.from(line).toString("utf8");
    const place = `${path}: line ${++number}`;
    if (json.trim() === "") continue;
    const task = readTask(place, json);
    if (tasks.has(task.id)) throw wrong(place, `there is a second ${JSON.stringify(task.id)}`);
    tasks.set(task.id, task);
    if (tasks.size > tasksMax) throw wrong(path, `more than ${tasksMax} tasks`);
    if (tasks.size === limit) break;
  }
  if (tasks.size === 0) throw wrong(path, "there are no tasks in it");
  return [...tasks.values()];
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function readTask(place: string, json: string): Task {
  const value = objectIn(place, json);
  const text = (name: string) => {
    const field = value[name];
    return typeof field === "string" && field.trim() !== "" ? field : undefined;
  };
  const given = value.task_id;
  const id = typeof given === "number" ? String(given) : text("task_id");
  if (id === undefined || id.length > 200) throw wrong(place, '"task_id" is missing or no name');
  const entryPoint = text("entry_point");
  if (entryPoint !== undefined && !/^[A-Za-z_]\w{0,199}$/.test(entryPoint)) {
    throw wrong(place, '"entry_point" is no name of a function');
  }
  const prompt = promptOf(text, value.test_list);
  if (prompt === undefined) throw wrong(place, 'neither "prompt" nor "text" is a text');
  if (prompt.length > promptMax)
    throw wrong(place, `a prompt of more than ${promptMax} characters`);
  const compares = Array.isArray(value.base_input) && text("canonical_solution") !== undefined;
  const isChecked = text("test") !== undefined || text("assertion") !== undefined || compares;
  if (!(isChecked && entryPoint !== undefined) && !isTexts(value.test_list)) {
    const shapes =
      '"test", "assertion" or "base_input" with "canonical_solution", and "entry_point"; "test_list"';
    throw wrong(place, `no tests: neither ${shapes}`);
  }
  const continues =
    entryPoint !== undefined && new RegExp(`^\\s*def ${entryPoint}\\b`, "m").test(prompt);
  const hasPlus = compares && Array.isArray(value.plus_input);
  return { id, prompt, continues, entryPoint, hasPlus, json };
}

/** HumanEval and EvalPlus have a prompt to continue; MBPP has a sentence, and its first test shows the name. */
function promptOf(text: (name: string) => string | undefined, tests: unknown): string | undefined {
  if (!isTexts(tests)) return text("prompt");
  const sentence = text("text") ?? text("prompt");
  return sentence === undefined ? undefined : `"""\n${sentence.trim()}\n${tests[0]}\n"""\n`;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string");
}

function objectIn(place: string, json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parsePythonJson(json);
  } catch (cause) {
    throw wrong(place, `not valid JSON (${(cause as Error).message})`);
  }
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw wrong(place, "no object");
}

function wrong(place: string, what: string): CromwellError {
  return new CromwellError("input", `${place}: ${what}`);
}
