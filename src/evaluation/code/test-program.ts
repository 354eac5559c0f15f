// The Python program that judges an answer: it runs the reference, then the answer, then the tests, and
// says how far it came by a word of its own, that no answer prints by chance. One made to cheat finds it:
// it runs in the same process.

import type { Task } from "./tasks.ts";

/** The tests that a task has: the published ones, and EvalPlus's many more. */
export type Stage = "base" | "plus";

/** What the program writes on standard output, on a line of its own, behind a stage that was passed. */
export function passMark(word: string, stage: Stage): string {
  return `\n${word} ${stage}\n`;
}

/**
 * A task's tests of `code`. What the reference itself cannot do is not asked: JSON has no tuples, sets or
 * complex numbers. Lists count as tuples, floats are close at 1e-7 or the task's tolerance.
 */
export function testProgram({ json, prompt }: Task, code: string, word: string): string {
  const texts = { task: json, prompt, code, word };
  const lines = Object.entries(texts).map(([name, text]) => `${name} = ${pythonString(text)}`);
  return `${lines.join("\n")}\n${judge}`;
}

/** JSON's strings are Python's too, but for what stands between lines in neither. */
function pythonString(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

const judge = `
import copy, json, math, os, re, signal, time

task = json.loads(task)
entry = task.get("entry_point")
write = os.write

def load(text, name):
    scope = {"__name__": name}
    exec(compile(text, name, "exec"), scope)
    return scope

class TooSlow(BaseException):
    pass

def too_slow(*_):
    raise TooSlow

# Processor time that the reference may take: what it cannot do in it is not asked.
reference_seconds = 1.0

def expected(inputs):
    found = []
    if not isinstance(inputs, list) or not inputs:
        return found
    signal.signal(signal.SIGVTALRM, too_slow)
    ends = time.process_time() + reference_seconds
    for arguments in inputs:
        left = ends - time.process_time()
        if left <= 0:
            break
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, left)
            found.append((arguments, copy.deepcopy(reference(*copy.deepcopy(arguments)))))
        except (Exception, TooSlow):
            pass
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return found

def near(a, b, tolerance):
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(near(x, y, tolerance) for x, y in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(near(a[key], b[key], tolerance) for key in b)
    if isinstance(a, float) or isinstance(b, float):
        if isinstance(a, (int, float)) and isinstance(b, (int, float)):
            if math.isnan(a) or math.isnan(b):
                return math.isnan(a) and math.isnan(b)
            return a == b or math.isclose(a, b, rel_tol=1e-7, abs_tol=tolerance)
    return a == b

def hashable(value):
    return tuple(map(hashable, value)) if isinstance(value, (list, tuple)) else value

def same(a, b):
    # Where the published test compares sets, order is free.
    if in_any_order and isinstance(a, (list, tuple, set)) and isinstance(b, (list, tuple, set)):
        return set(map(hashable, a)) == set(map(hashable, b))
    # What only is or is not there, as a match of a pattern.
    if isinstance(b, re.Match):
        return bool(a)
    return near(a, b, task.get("atol") or 1e-6)

in_any_order = "set(%s(" % entry in prompt + str(task.get("assertion", ""))
has_assertion = bool(str(task.get("assertion") or "").strip())
if task.get("canonical_solution") and entry is not None:
    text = task["canonical_solution"]
    if not re.search(r"^\\s*def %s\\b" % entry, text, re.M):
        text = prompt + text
    reference = load(text, "reference")[entry]
base = [] if has_assertion else expected(task.get("base_input"))

scope = load(code, "answer")
if entry is not None:
    function = scope[entry]
for arguments, wanted in base:
    assert same(function(*copy.deepcopy(arguments)), wanted)
# Published tests take some modules for granted; the answer does not get them.
tests = {**scope, "math": math, "re": re}
if has_assertion:
    exec(task["assertion"], tests)
if isinstance(task.get("test"), str) and entry is not None:
    exec(task["test"], tests)
    tests["check"](function)
for text in task.get("test_imports") or []:
    exec(text, tests)
if task.get("test_setup_code"):
    exec(task["test_setup_code"], tests)
for text in task.get("test_list") or []:
    exec(text, tests)
write(1, ("\\n%s base\\n" % word).encode())
for arguments, wanted in expected(task.get("plus_input")):
    assert same(function(*copy.deepcopy(arguments)), wanted)
write(1, ("\\n%s plus\\n" % word).encode())
`;
