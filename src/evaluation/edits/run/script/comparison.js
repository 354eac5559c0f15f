// Whether two versions of a function do the same, seen by running them.
//
// The question has the expressions "before", "target", "answer" and "mutants" (small changes of the target), the
// function's "name", and its "parameters" with what is said of their types. Each version runs on the same inputs:
// plain values, and probes that stand for everything that the function's file would have. Versions do the same
// where results, exceptions and records of what was done to probes are the same in every trial. Whether the trials
// would tell is measured: nearly all mutants must be noticed, the original too.

const trialsMost = 240;
const noticedPart = 0.8;
// Fewer other results may be of values that nobody would call it with, the more so where any may be one.
const wrongPart = 0.1;
const wrongPartOfAny = 0.5;
const wrongLeast = 3;
// Of one run.
const milliseconds = 250;
// Nothing outside answers: what is not settled soon never is.
const settlingMilliseconds = 5;
// Runs without an end, besides as many as have one.
const endlessMost = 8;

const values = [
  ...[0, 1, 2, 3, -1, 7, 10, 255, 1.5, true, false, null, undefined],
  ...["", "a", "abc", "a.b", "A-b_c 1", "1", " x\n", "#fff", "/a/b"],
  ...[[], [1, 2, 3], ["b", "a"], [[1, 2], [3]]],
  ...[{}, { a: 1 }, { b: "x", a: [] }],
];

/** The types of which inputs are, and lists of the first three. */
const ofType = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  undefined: (value) => value === undefined,
};
const listed = /^(string|number|boolean)\[\]$/;
const listMost = 3;

/** The parts of "string | null"; undefined for a type that inputs are not made of. */
function partsOf(type) {
  const parts = type
    .replace(/\breadonly\s+/g, "")
    .replace(/\b(?:Readonly)?Array<\s*(\w+)\s*>/g, "$1[]")
    .split("|")
    .map((part) => part.trim());
  return parts.every((part) => Object.hasOwn(ofType, part) || listed.test(part))
    ? parts
    : undefined;
}

// What has no effect outside, and is the same each time.
const real = new Set(
  (
    "Object Array JSON String Number Boolean RegExp Map Set WeakMap WeakSet Symbol Promise BigInt Reflect Proxy " +
    "parseInt parseFloat isNaN isFinite NaN Infinity undefined encodeURIComponent decodeURIComponent encodeURI " +
    "decodeURI structuredClone ArrayBuffer DataView Uint8Array Uint8ClampedArray Uint16Array Uint32Array Int8Array " +
    "Int16Array Int32Array Float32Array Float64Array TextEncoder TextDecoder URL URLSearchParams"
  ).split(" "),
);
const mathematics = Object.create(Math, { random: { value: () => 0.25 } });
const errors = new Map();
/** Classes that a version makes, extends or asks for, and that are errors by their names. */
const errorNames = new Set(
  [question.target, question.answer].flatMap((text) =>
    Array.from(
      text.matchAll(/\b(?:new|extends|instanceof)\s+([A-Z]\w*(?:Error|Exception))\b/g),
      ([, name]) => name,
    ),
  ),
);

function known(name) {
  if (real.has(name)) return globalThis[name];
  if (name === "Math") return mathematics;
  if (globalThis[name]?.prototype instanceof Error || name === "Error") return globalThis[name];
  if (!errorNames.has(name)) return undefined;
  if (!errors.has(name)) {
    const made = { [name]: class extends Error {} }[name];
    Object.defineProperty(made.prototype, "name", { value: name });
    errors.set(name, made);
  }
  return errors.get(name);
}

/** What the function's file would have, and the machine. */
function scopeOf(trial) {
  const own = new Map();
  const scope = {
    has: (_, name) => typeof name === "string" && name !== "$scope",
    get(_, name) {
      if (typeof name !== "string") return undefined;
      if (own.has(name)) return own.get(name);
      const value = name === "undefined" ? undefined : (known(name) ?? probe(trial, name));
      own.set(name, value);
      return value;
    },
    set(_, name, value) {
      trial.did(`${name} = ${shown(value)}`);
      own.set(name, value);
      return true;
    },
  };
  return new Proxy(Object.create(null), scope);
}

/** Makes the function anew in a scope; throws SyntaxError for what does not stand alone. */
function versionOf(expression) {
  const strict = `(function () { "use strict"; return ${expression}; }).call(this)`;
  return new Function("$scope", `with ($scope) { return ${strict}; }`);
}

/** What a run gives and does, as text; undefined where it takes too long. */
async function outcome(version, trial, inputs) {
  running = trial;
  let given;
  try {
    const self = thisOf(trial);
    let result = within(milliseconds, () => version.call(self, scopeOf(trial)).apply(self, inputs));
    if (result instanceof Promise) result = await settled(settlingMilliseconds, result);
    if (isAsyncIterator(result)) result = await settled(settlingMilliseconds, collected(result));
    given = within(milliseconds, () => [shown(result), ...inputs.map((value) => shown(value))]);
  } catch (error) {
    if (error instanceof TooSlow) return undefined;
    given = within(milliseconds, () => [`throws ${thrown(error)}`]);
  }
  // What it has begun and waits for nothing but itself comes to its end.
  await new Promise((resolve) => setImmediate(resolve));
  return trial.isExhausted ? undefined : [...given, ...trial.record].join("\n");
}

/** A probe that does not count as one as long as nobody asks it anything. */
function thisOf(trial) {
  const { isPlain } = trial;
  const made = probe(trial, "this");
  trial.isPlain = isPlain;
  return made;
}

function isAsyncIterator(value) {
  return (
    typeof value === "object" && value !== null && typeof value[Symbol.asyncIterator] === "function"
  );
}

async function collected(results) {
  const found = [];
  for await (const one of results) {
    found.push(one);
    if (found.length === elementsMost) break;
  }
  return found;
}

/** A plain value of its type for each parameter whose type is known, else a probe, or any where none is said. */
function inputsOf({ parameters }, constants, trial) {
  const named = parameters.filter(({ isRest }) => !isRest);
  const inputs = named.map(({ name, type, isOptional }, at) => {
    const draw = (what, below) => trial.draw(`${what} ${at}`, below);
    const types = partsOf(type);
    if (isOptional && draw("left out", 3) === 0) return undefined;
    const isAny = type === "" && draw("plain", 12) < 5;
    if (types === undefined && !isAny) return probe(trial, name ?? `parameter${at}`);
    const drawn = types?.[draw("type", types.length)];
    const [, ofList] = listed.exec(drawn) ?? [];
    const one = (what, sort) => {
      const fitting = sort === undefined ? constants : constants.filter(ofType[sort]);
      return structuredClone(fitting[draw(what, fitting.length)]);
    };
    if (ofList === undefined) return one("value", drawn);
    const length = draw("length", listMost + 1);
    return Array.from({ length }, (_, index) => one(`element ${index}`, ofList));
  });
  const hasRest = named.length < parameters.length;
  const more = hasRest ? trial.draw("more", 3) : 0;
  for (let at = 0; at < more; at++) inputs.push(probe(trial, `more${at}`));
  return inputs;
}

function literalsOf(text) {
  const strings = [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].flatMap(([literal]) => {
    try {
      return [JSON.parse(literal)];
    } catch {
      // An escape that only scripts have.
      return [];
    }
  });
  return [...strings, ...[...text.matchAll(/\b\d+\b/g)].map(Number)];
}

async function compare() {
  const target = versionOf(question.target);
  const constants = [...values, ...literalsOf(question.target)];
  const mayThrow = /\bcatch\b/.test(question.target);
  const run = (version, trial) => outcome(version, trial, inputsOf(question, constants, trial));

  const expected = new Map();
  const plain = new Set();
  for (let number = 0; number < trialsMost; number++) {
    const trial = new Trial(number, mayThrow);
    const text = await run(target, trial);
    if (text !== undefined) expected.set(number, text);
    if (text !== undefined && trial.isPlain) plain.add(number);
    if (number + 1 - expected.size > expected.size + endlessMost) return { finding: "untold" };
  }
  // What is left behind by a run, or comes by chance, would be taken for a difference.
  for (const [number, text] of expected) {
    if ((await run(target, new Trial(number, mayThrow))) !== text) return { finding: "untold" };
  }

  const given = versionOf(question.answer);
  let differs = false;
  // Calls of plain values in which neither asks anything of probes, and the target returns.
  let calls = 0;
  const otherCalls = [];
  for (const [number, text] of expected) {
    const trial = new Trial(number, mayThrow);
    const got = await run(given, trial);
    const isPlain = plain.has(number) && trial.isPlain && !text.startsWith("throws ");
    if (isPlain) calls++;
    if (got === text) continue;
    differs = true;
    if (got === undefined) break;
    if (isPlain) otherCalls.push(number);
  }
  const areKnown = question.parameters.every(({ type }) => partsOf(type) !== undefined);
  const least = Math.max(wrongLeast, (areKnown ? wrongPart : wrongPartOfAny) * calls);
  if (otherCalls.length >= least) {
    const inputs = inputsOf(question, constants, new Trial(otherCalls[0], mayThrow));
    const call = `${question.name}(${inputs.map((one) => shown(one)).join(", ")})`;
    return { finding: "differs", call };
  }
  if (differs) return { finding: "differs" };

  const isNoticed = async (expression) => {
    const version = compiled(versionOf, expression);
    if (version === undefined) return undefined;
    for (const [number, text] of expected) {
      if ((await run(version, new Trial(number, mayThrow))) !== text) return true;
    }
    return false;
  };
  const told = [];
  for (const mutant of question.mutants) told.push(await isNoticed(mutant));
  const tried = told.filter((one) => one !== undefined);
  const noticed = tried.filter(Boolean).length;
  const isTold =
    tried.length > 0 && noticed >= noticedPart * tried.length && expected.size >= trialsMost / 2;
  return { finding: isTold && (await isNoticed(question.before)) ? "same" : "untold" };
}

say(await compare());
