// The page's server: who is let in, what buttons need, what a late joiner is told, and that a page which
// does not read costs nothing.

import { afterAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { parseRecord } from "../../../src/training/watch/metrics-record.ts";
import { serveWatch } from "../../../src/training/watch/serve-watch.ts";
import { Subscribers } from "../../../src/training/watch/subscribers.ts";
import { type Watched, watched } from "./watched.ts";

const run = watched({ steps: 5_000, done: 1_500 });
const readOnly = watched({ steps: 100, done: 10, readOnly: true });
afterAll(() => Promise.all([run.close(), readOnly.close()]));

const address = ({ server }: Watched) => new URL(server.url).origin;
const key = new URLSearchParams(new URL(run.server.url).hash.slice(1)).get("key")!;

function ask(path: string, options: RequestInit & { headers?: Record<string, string> } = {}) {
  return fetch(address(run) + path, options);
}

function press(action: string, headers: Record<string, string>) {
  return ask(`/control/${action}`, { method: "POST", headers });
}

/** Server-sent events as [name, data], as many as asked for. */
async function events(of: Watched, count: number, meanwhile?: () => void) {
  const abort = new AbortController();
  const response = await fetch(`${address(of)}/events`, { signal: abort.signal });
  const found: [string, string][] = [];
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    if (text === "") meanwhile?.();
    text += chunk;
    const messages = text.split("\n\n").slice(0, -1);
    found.length = 0;
    for (const message of messages) {
      const name = /^event: (.*)$/m.exec(message)?.[1];
      const data = Array.from(message.matchAll(/^data: (.*)$/gm), ([, line]) => line!);
      if (name !== undefined) found.push([name, data.join("\n")]);
    }
    if (found.length >= count) break;
  }
  abort.abort();
  return found;
}

describe("what is served", () => {
  test("the page and all that it names, from this program alone", async () => {
    const page = await ask("/");
    expect(page.headers.get("content-type")).toStartWith("text/html");
    expect(page.headers.get("content-security-policy")).toStartWith("default-src 'none'; ");
    const wanted = [...(await page.text()).matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(
      ([, at]) => at!,
    );
    expect(wanted.length).toBeGreaterThan(3);
    const seen = new Set<string>();
    for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const file = await ask(path);
      expect([path, file.status]).toEqual([path, 200]);
      const text = await file.text();
      expect(text).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
      const base = `http://page${path}`;
      for (const [, name] of text.matchAll(/from "(\.[^"]+)"/g)) {
        wanted.push(new URL(name!, base).pathname);
      }
    }
    expect(seen.size).toBeGreaterThan(12);
  });

  test("nothing else", async () => {
    const paths = [
      "/etc/passwd",
      "/page/../serve-watch.ts",
      "/page/%2e%2e%2fserve-watch.ts",
      "/__proto__",
      "/page/",
    ];
    for (const path of paths) expect([path, (await ask(path)).status]).toEqual([path, 404]);
    expect((await ask("/", { method: "POST" })).status).toBe(405);
  });

  test("a late joiner gets the history, and then what happens", async () => {
    const found = await events(run, 3, () => run.trainer.step());
    expect(found.map(([name]) => name)).toEqual(["history", "training", "records"]);
    const history = JSON.parse(found[0]![1]);
    expect(history.latest.step.step).toBe(1_500);
    expect(history.latest.run.name).toBe("nano");
    expect(history.curves.loss.rows.length).toBeGreaterThan(500);
    expect(parseRecord(found[2]![1].split("\n")[0]!)).toMatchObject({ type: "step", step: 1_501 });
  });

  test("that nobody trains any more", async () => {
    const [, training] = await events(readOnly, 2);
    expect(training).toEqual(["training", "true"]);
    const found = await events(readOnly, 3, () => {
      readOnly.server.training = false;
    });
    expect(found[2]).toEqual(["training", "false"]);
  });
});

describe("who is let in", () => {
  test.each([
    ["another name, as of a page that points its own here", { host: "evil.example" }],
    ["another name with our port", { host: "evil.example:6006" }],
    ["no such name", { host: "127.0.0.1.evil.example" }],
    ["another site's script", { origin: "https://evil.example" }],
    ["another program's page here", { origin: "http://localhost:1" }],
    ["a page without an origin", { origin: "null" }],
    ["an image in another site's page", { "sec-fetch-site": "cross-site" }],
    ["one in another program's page here", { "sec-fetch-site": "same-site" }],
    ["a frame", { "sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe" }],
  ])("not %s", async (_, headers: Record<string, string>) => {
    for (const path of ["/", "/events", "/control/"]) {
      expect((await ask(path, { headers })).status).toBe(403);
    }
  });

  test("this machine, also through a tunnel to another port", async () => {
    for (const host of ["127.0.0.1:9", "localhost", "localhost:8888"]) {
      expect((await ask("/", { headers: { host } })).status).toBe(200);
      expect((await ask("/", { headers: { host, origin: `http://${host}` } })).status).toBe(200);
    }
  });

  test("the page by a link from another site, and nothing behind it", async () => {
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-dest": "document" };
    expect((await ask("/", { headers })).status).toBe(200);
    expect((await ask("/events", { headers })).status).toBe(403);
    expect((await ask("/", { headers: { "sec-fetch-site": "same-origin" } })).status).toBe(200);
  });

  test("only so many pages", async () => {
    const other = watched({ steps: 10 });
    const stop = new AbortController();
    const open = () => fetch(`${address(other)}/events`, { signal: stop.signal });
    // One that is not held any more is collected, and its connection ended.
    const pages: Response[] = [];
    for (let page = 0; page < 17; page++) pages.push(await open());
    expect(pages.slice(-2).map(({ status }) => status)).toEqual([200, 503]);
    stop.abort();
    await other.close();
  });
});

describe("buttons", () => {
  test("act with the key alone", async () => {
    const right = { authorization: `Bearer ${key}` };
    const wrong = [{}, { authorization: "Bearer " }, { authorization: `Bearer ${key.slice(1)}x` }];
    for (const headers of wrong) expect((await press("pause", headers)).status).toBe(403);
    expect(run.trainer.asked).toEqual([]);
    for (const action of ["pause", "checkpoint", "stop"]) {
      expect((await press(action, right)).status).toBe(204);
    }
    expect((await press("constructor", right)).status).toBe(404);
    expect((await ask("/control/pause", { headers: right })).status).toBe(405);
    expect((await ask("/control/", { headers: right })).status).toBe(204);
    expect(run.trainer.asked).toEqual(["pause", "checkpoint", "stop"]);
  });

  test("are not there where a run is only watched", async () => {
    expect(readOnly.server.url).not.toContain("#");
    const response = await fetch(`${address(readOnly)}/control/stop`, { method: "POST" });
    expect(response.status).toBe(403);
  });

  test("have another key each time", () => {
    expect(key).toMatch(/^[\w-]{22}$/);
    const other = watched({ steps: 1 });
    expect(other.server.url).not.toContain(key);
    return other.close();
  });
});

test("a port that is taken is one line with what to do", () => {
  const port = Number(new URL(run.server.url).port);
  const error = (() => {
    try {
      serveWatch({ history: () => run.history, port });
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toMatchObject({
    code: "input",
    message: `cannot serve the page on port ${port}: another program has it`,
    hint: "name another port, or 0 for any that is free",
  });
});

test("a page that does not read is let go", async () => {
  const subscribers = new Subscribers();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(subscribers.open("first\n")),
  });
  const socket = connect(server.port!, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.pause();
  socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  while (subscribers.count === 0) await Bun.sleep(5);
  const message = "x".repeat(1_000_000);
  let sent = 0;
  for (; subscribers.count > 0 && sent < 100; sent++) {
    subscribers.send(message);
    await Bun.sleep(1);
  }
  expect(sent).toBeLessThan(50);
  socket.destroy();
  await server.stop(true);
});
