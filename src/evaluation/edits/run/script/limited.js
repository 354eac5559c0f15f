// What both programs that run generated scripts begin with: limits of time, and a way to say what was found. The
// question is set before this text.

// biome-ignore-all lint/correctness/noUnusedVariables: what follows this text uses them

const { Script } = process.getBuiltinModule("node:vm");

class TooSlow extends Error {}

let task;
globalThis.$task = () => task();
const timed = new Script("$task()");

/** What it returns within a limit of time, which no program can catch. Throws TooSlow. */
function within(milliseconds, work) {
  task = work;
  try {
    return timed.runInThisContext({ timeout: milliseconds });
  } catch (error) {
    throw error?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? new TooSlow() : error;
  }
}

/** What a promise settles to. Throws TooSlow. */
async function settled(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new TooSlow()), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is made of an expression; undefined where that is no program, as a mutant may be. */
function compiled(make, expression) {
  try {
    return make(expression);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

process.on("unhandledRejection", () => {});
const write = process.stdout.write.bind(process.stdout);

/** Writes what was found behind a word that only the question has. */
function say(found) {
  write(`\n${question.word} ${JSON.stringify(found)}\n`);
}
