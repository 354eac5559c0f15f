// Probes: values that stand for anything, and answer any operation by a hash of what was done and of the trial.
// What compares follows this text in the program.

// biome-ignore-all lint/correctness/noUnusedVariables: what follows this text uses them

// Elements of an iterator that are looked at.
const elementsMost = 40;
const depthMost = 6;
const recordMost = 2000;

/** More was done than a trial may do. */
class Exhausted extends Error {}

/** What a part or a call of a probe may be besides a probe. */
const plainAnswers = [undefined, null, true, false, 0, 1, 2, "", "a"];
const answersOfAllKinds = 24;

/** One set of inputs: its number, whether calls of probes may throw, and what was done in it. */
class Trial {
  constructor(number, mayThrow) {
    this.number = number;
    this.mayThrow = mayThrow;
    // Until a probe is made or asked for anything.
    this.isPlain = true;
    this.isExhausted = false;
    this.record = [];
    this.counts = new Map();
  }

  draw(what, below) {
    return Number(Bun.hash(`${this.number} ${what}`) % BigInt(below));
  }

  /** What a part or a call with this path is; `name` may tell. */
  answer(path, name = "") {
    if (/^(?:length|size|count)$/.test(name)) return this.draw(`size ${path}`, 4);
    if (/^(?:is|has|can|should)[A-Z]/.test(name)) return this.draw(`is ${path}`, 2) === 0;
    const turn = this.draw(`answer ${path}`, answersOfAllKinds);
    if (turn < plainAnswers.length) return plainAnswers[turn];
    if (turn === plainAnswers.length) return [probe(this, `${path}[0]`), probe(this, `${path}[1]`)];
    return probe(this, path);
  }

  /** Records it; what is done again gets another name. */
  did(what) {
    this.isPlain = false;
    if (this.record.length === recordMost) {
      this.isExhausted = true;
      throw new Exhausted();
    }
    this.record.push(what);
    const count = (this.counts.get(what) ?? 0) + 1;
    this.counts.set(what, count);
    return count === 1 ? what : `${what}#${count}`;
  }
}

/** The path of each probe: how it came to be. */
const paths = new WeakMap();

/** What every probe is: it can be called, constructed and extended. */
function anything() {}

/** Keys that a probe may have of its own, as far as it has any. */
const ownKeys = ["a", "b"];

/** Stands for anything; `isAwaited` where awaiting it gives itself. */
function probe(trial, path, isAwaited = false) {
  trial.isPlain = false;
  const stored = new Map();
  const part = (name) => {
    const text = typeof name === "symbol" ? `[${String(name)}]` : name;
    if (!stored.has(name)) stored.set(name, trial.answer(`${path}.${text}`, text));
    return stored.get(name);
  };
  const settled = () => {
    const made = trial.did(`await ${path}`);
    const fails = trial.mayThrow && trial.draw(`rejects ${made}`, 8) === 0;
    return fails ? Promise.reject(new Error(made)) : Promise.resolve(probe(trial, made, true));
  };
  const special = new Map([
    [Symbol.toPrimitive, (hint) => (hint === "number" ? trial.draw(path, 6) - 1 : path)],
    [Symbol.iterator, () => parts(trial, path)],
    [Symbol.asyncIterator, () => parts(trial, path)],
    [Symbol.hasInstance, (value) => trial.draw(`${shown(value)} is a ${path}`, 2) === 0],
    ["prototype", {}],
    ["catch", (fail) => settled().catch(fail)],
    ["finally", (work) => settled().finally(work)],
  ]);
  if (!isAwaited) special.set("then", (work, fail) => settled().then(work, fail));
  const keys = () => ownKeys.slice(0, trial.draw(`keys ${path}`, ownKeys.length + 1));
  const made = new Proxy(anything, {
    get(_, name) {
      trial.isPlain = false;
      if (special.has(name)) return special.get(name);
      return typeof name === "symbol" || name === "then" ? undefined : part(name);
    },
    set(_, name, value) {
      trial.did(`${path}.${String(name)} = ${shown(value)}`);
      stored.set(name, value);
      return true;
    },
    deleteProperty(_, name) {
      trial.did(`delete ${path}.${String(name)}`);
      stored.set(name, undefined);
      return true;
    },
    has: (_, name) => trial.draw(`${String(name)} in ${path}`, 2) === 0,
    ownKeys: () => ["prototype", ...keys()],
    getOwnPropertyDescriptor(target, name) {
      if (!keys().includes(name)) return Reflect.getOwnPropertyDescriptor(target, name);
      return { value: part(name), writable: true, enumerable: true, configurable: true };
    },
    getPrototypeOf: () => Function.prototype,
    apply: (_, _self, values) => called(trial, path, values),
    construct: (_, values) => called(trial, `new ${path}`, values, (call) => probe(trial, call)),
  });
  paths.set(made, path);
  return made;
}

function called(trial, path, values, answer = (call) => trial.answer(call)) {
  const call = trial.did(`${path}(${values.map((value) => shown(value)).join(", ")})`);
  if (trial.mayThrow && trial.draw(`throws ${call}`, 8) === 0) throw new Error(call);
  return answer(call);
}

function* parts(trial, path) {
  const count = trial.draw(`parts ${path}`, 4);
  for (let at = 0; at < count; at++) yield trial.answer(`${path}[${at}]`);
}

/** The trial that runs: functions that are shown are called in it. */
let running;

/** A value by what it is and holds. */
function shown(value, depth = 0) {
  if (depth > depthMost) return "...";
  const all = (values) => Array.from(values, (one) => shown(one, depth + 1)).join(", ");
  if (paths.has(value)) return paths.get(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return shownFunction(value, depth);
  if (typeof value === "number") return shownNumber(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${all(value)}]`;
  if (value instanceof Error) return `${value.name}(${shown(value.message)})`;
  if (value instanceof Map) return `Map(${all([...value].flat())})`;
  if (value instanceof Set) return `Set(${all(value)})`;
  if (printed.some((kind) => value instanceof kind)) return `${value.constructor.name}(${value})`;
  if (value instanceof Promise) return shownPromise(value);
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${all(new Uint8Array(value))})`;
  if (ArrayBuffer.isView(value) && typeof value.length === "number") {
    return `${value.constructor.name}(${all(value)})`;
  }
  if (typeof value.next === "function") return `iterator(${all(elements(value))})`;
  const names = Object.keys(value).sort();
  const pairs = names.map((name) => `${name}: ${shown(value[name], depth + 1)}`);
  return `${value.constructor?.name ?? "null"}{${pairs.join(", ")}}`;
}

/** Kinds of objects that tell all of themselves as a text. */
const printed = [RegExp, URL, URLSearchParams, Number, String, Boolean];

/** The order of operations may change the last digits, and the sign of nothing. */
function shownNumber(value) {
  return String(Number(value.toPrecision(12)) + 0);
}

/** What it settles to is recorded when it does. */
function shownPromise(promise) {
  const trial = running;
  promise.then(
    (value) => trial.did(`settles ${shown(value)}`),
    (error) => trial.did(`rejects ${thrown(error)}`),
  );
  return "promise";
}

function* elements(iterator) {
  for (let count = 0; count < elementsMost; count++) {
    const { done, value } = iterator.next();
    if (!done || value !== undefined) yield value;
    if (done) return;
  }
}

/** What a function of the version's own does with three probes. */
function shownFunction(value, depth) {
  if (/\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(value)))
    return value.name;
  const values = [0, 1, 2].map((at) => probe(running, `argument${depth}.${at}`));
  try {
    return `function(${shown(value(...values), depth + 1)})`;
  } catch (error) {
    if (error instanceof Exhausted) throw error;
    return `function(throws ${thrown(error)})`;
  }
}

function thrown(error) {
  return error instanceof Error ? error.name : shown(error);
}
