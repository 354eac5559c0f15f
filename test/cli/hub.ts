// A model hub on this machine that behaves as tests ask: partial answers, redirects, silence, faults.

import { afterAll } from "bun:test";

export interface HubFile {
  readonly bytes: Uint8Array;
  /** What the hub says the SHA-256 is; by default the true one, null for nothing. */
  readonly sha256?: string | null;
  readonly status?: number;
  /** Sends this many bytes and then nothing more, until the client goes. */
  readonly stallsAfter?: number;
  /** Ends the transfer after this many bytes. */
  readonly cutsAfter?: number;
  readonly ignoresRange?: boolean;
  /** Answers a download with this status and a body that does not end. */
  readonly refusesWith?: number;
  /** Never answers at all. */
  readonly silent?: boolean;
}

export interface Hub {
  readonly url: string;
  /** Range headers of the downloads so far, "" for none. */
  readonly ranges: string[];
  /** Whether the client gave a body up that does not end. */
  cancelled: boolean;
  file: HubFile;
}

export function sha256(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}

/** Starts a hub; any path on it is the file. It redirects to a second path, as the real one does. */
export function startHub(file: HubFile): Hub {
  const ranges: string[] = [];
  const hub = { url: "", ranges, cancelled: false, file };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 60,
    fetch: (request) => answer(request, hub),
  });
  hub.url = `http://127.0.0.1:${server.port}/`;
  afterAll(() => server.stop(true));
  return hub;
}

async function answer(request: Request, hub: Hub): Promise<Response> {
  const { file, ranges } = hub;
  if (file.silent === true) await new Promise<never>(() => {});
  if (file.status !== undefined) return new Response("no", { status: file.status });
  const url = new URL(request.url);
  if (!url.pathname.startsWith("/storage/")) {
    const headers: Record<string, string> = {
      Location: `/storage${url.pathname}`,
      "X-Linked-Size": String(file.bytes.length),
    };
    if (file.sha256 !== null) headers["X-Linked-Etag"] = `"${file.sha256 ?? sha256(file.bytes)}"`;
    return new Response(null, { status: 302, headers });
  }
  if (file.refusesWith !== undefined)
    return new Response(endless(hub), { status: file.refusesWith });
  const range = request.headers.get("range") ?? "";
  ranges.push(range);
  const from = file.ignoresRange === true ? 0 : Number(/bytes=(\d+)-/.exec(range)?.[1] ?? 0);
  if (from > file.bytes.length) return new Response("no", { status: 416 });
  const headers = new Headers();
  if (from > 0) {
    headers.set("Content-Range", `bytes ${from}-${file.bytes.length - 1}/${file.bytes.length}`);
  }
  return new Response(body(file, from), { status: from > 0 ? 206 : 200, headers });
}

function endless(hub: Hub): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
    cancel: () => {
      hub.cancelled = true;
    },
  });
}

function body(file: HubFile, from: number): ReadableStream<Uint8Array> {
  const end = file.stallsAfter ?? file.cutsAfter ?? file.bytes.length;
  return new ReadableStream({
    async start(controller) {
      for (let at = from; at < end; at += 1000) {
        controller.enqueue(file.bytes.slice(at, Math.min(at + 1000, end)));
        await new Promise((resume) => setTimeout(resume, 0));
      }
      if (file.stallsAfter === undefined) controller.close();
    },
  });
}
