// An autocomplete server for an editor: offline, on this machine only. An editor's plug-in posts what stands
// before and after the cursor, and gets the text that belongs between. Who types on gets the newer answer:
// a request ends the one before it.
//
//   bun docs/examples/autocomplete-server.ts --model model.gguf --port 8765
//   curl 127.0.0.1:8765/complete -d '{"file": "a.py", "prefix": "def area(w, h):\n    return ", "suffix": ""}'

import { parseArgs } from "node:util";
import { CodeEditor, CromwellError } from "cromwell";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    port: { type: "string", default: "8765" },
    tokens: { type: "string", default: "48" },
  },
});
const editor = await CodeEditor.open(values.model === undefined ? {} : { model: values.model });
const maxTokens = Number(values.tokens);

/** What the model looks at: further away is not worth the wait. */
const prefixMax = 6000;
const suffixMax = 2000;

interface Place {
  readonly file: string;
  readonly prefix: string;
  readonly suffix: string;
}

function placeOf(body: unknown): Place | undefined {
  const { file, prefix, suffix } = Object(body) as Record<string, unknown>;
  if (typeof file !== "string" || typeof prefix !== "string" || typeof suffix !== "string") {
    return undefined;
  }
  return { file, prefix: prefix.slice(-prefixMax), suffix: suffix.slice(0, suffixMax) };
}

let current = new AbortController();
let last: Promise<unknown> = Promise.resolve();

/** The text that belongs at the place; undefined where a newer request came. */
async function complete(place: Place, gone: AbortSignal): Promise<string | undefined> {
  current.abort();
  const own = new AbortController();
  current = own;
  // A model answers one at a time.
  const before = last;
  const answer = before.then(async () => {
    if (own.signal.aborted) return undefined;
    const signal = AbortSignal.any([own.signal, gone]);
    try {
      return (await editor.completeText(place, { maxTokens, signal })).text;
    } catch (error) {
      if (error instanceof CromwellError && error.code === "interrupted") return undefined;
      throw error;
    }
  });
  last = answer.catch(() => {});
  return await answer;
}

async function handle(request: Request): Promise<Response> {
  // A page in a browser may not ask: it would send its Origin, or another name than this machine's.
  const host = request.headers.get("host") ?? "";
  if (request.headers.has("origin") || !/^(127\.0\.0\.1|localhost):\d+$/.test(host)) {
    return new Response("only for programs on this machine\n", { status: 403 });
  }
  if (request.method !== "POST" || new URL(request.url).pathname !== "/complete") {
    return new Response("POST /complete\n", { status: 404 });
  }
  const place = placeOf(await request.json().catch(() => undefined));
  if (place === undefined) {
    return new Response('send {"file", "prefix", "suffix"}, each a text\n', { status: 400 });
  }
  try {
    const text = await complete(place, request.signal);
    return text === undefined
      ? new Response("a newer request came\n", { status: 409 })
      : Response.json({ text });
  } catch (error) {
    const message = error instanceof CromwellError ? error.message : "it failed";
    return new Response(`${message}\n`, { status: 500 });
  }
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(values.port),
  maxRequestBodySize: 16 * 1024 * 1024,
  fetch: handle,
});
console.log(`listening on http://127.0.0.1:${server.port}/complete`);

for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, async () => {
    current.abort();
    await server.stop(true);
    await last;
    await editor.close();
    process.exit(0);
  });
}
