// The page on which a run is watched, at an address of this machine alone: it is shown to whoever asks
// here, and its buttons work for who has the key in the address that was printed.

import { CromwellError, systemCode, systemReason } from "../../errors.ts";
import type { TrainingControl } from "../events.ts";
import type { History } from "./history.ts";
import { encodeRecord, type MetricsRecord } from "./metrics-record.ts";
import { pageFile } from "./page-files.ts";
import { hasKey, isOwnRequest, newKey, safetyHeaders } from "./request-guard.ts";
import { Subscribers } from "./subscribers.ts";

export interface WatchOptions {
  /** What late joiners are told; whoever publishes adds each record to it first. */
  readonly history: () => History;
  /** What the buttons do; without it the run can be watched only. */
  readonly control?: TrainingControl;
  /** Default 0: any that is free. */
  readonly port?: number;
}

/** Records of this time go out together: a page that draws takes time from the training beside it. */
const sendEvery_ms = 250;
/** Tells a page, and the system, that the connection stands. */
const beatEvery_ms = 10_000;

/** Throws CromwellError "input" where the port is taken or may not be used. */
export function serveWatch(options: WatchOptions): WatchServer {
  return new WatchServer(options);
}

export class WatchServer {
  /** With the key, where there are buttons. */
  readonly url: string;
  readonly #history: () => History;
  readonly #control: TrainingControl | undefined;
  readonly #key = newKey();
  readonly #server: Bun.Server<undefined>;
  readonly #subscribers = new Subscribers();
  readonly #beat: NodeJS.Timeout;
  #unsent: string[] = [];
  #sending: NodeJS.Timeout | undefined;
  #training = true;

  constructor({ history, control, port = 0 }: WatchOptions) {
    this.#history = history;
    this.#control = control;
    this.#server = listen(port, (request, server) => this.#answer(request, server));
    this.#beat = setInterval(() => this.#subscribers.send(":\n\n"), beatEvery_ms);
    // The page is there as long as the run, not the run as long as the page.
    this.#beat.unref();
    const fragment = control === undefined ? "" : `#key=${this.#key}`;
    this.url = `http://127.0.0.1:${this.#server.port}/${fragment}`;
  }

  /** Tells the pages of a record that the history has already. */
  publish(record: MetricsRecord): void {
    this.#unsent.push(encodeRecord(record));
    this.#sending ??= setTimeout(() => this.#send(), sendEvery_ms);
  }

  /** Tells all pages the history anew, where it is another one. */
  tellAnew(): void {
    this.#send();
    this.#subscribers.send(message("history", JSON.stringify(this.#history())));
  }

  /** Whether a process trains the run now: what it told last may be "running" and it be dead. */
  set training(value: boolean) {
    if (value === this.#training) return;
    this.#training = value;
    this.#subscribers.send(message("training", JSON.stringify(value)));
  }

  /** Sends what is left and ends the connections. */
  async close(): Promise<void> {
    clearInterval(this.#beat);
    this.#send();
    this.#subscribers.close();
    await this.#server.stop();
  }

  #send(): void {
    clearTimeout(this.#sending);
    this.#sending = undefined;
    if (this.#unsent.length === 0) return;
    this.#subscribers.send(message("records", ...this.#unsent));
    this.#unsent = [];
  }

  #answer(request: Request, server: Bun.Server<undefined>): Response {
    if (!isOwnRequest(request)) return refusal(403, "this address is for this machine alone");
    const path = new URL(request.url).pathname;
    if (path.startsWith("/control")) return this.#act(request, path.slice("/control/".length));
    if (request.method !== "GET") return refusal(405, "only GET");
    if (path === "/events") return this.#events(request, server);
    return pageFile(path) ?? refusal(404, "no such page");
  }

  #events(request: Request, server: Bun.Server<undefined>): Response {
    if (this.#subscribers.full) return refusal(503, "too many pages are open");
    // A run may say nothing for minutes.
    server.timeout(request, 0);
    // What the history has must not come once more.
    this.#send();
    const first = [
      message("history", JSON.stringify(this.#history())),
      message("training", JSON.stringify(this.#training)),
    ];
    return new Response(this.#subscribers.open(`retry: 1000\n${first.join("")}`), {
      headers: { ...safetyHeaders, "content-type": "text/event-stream" },
    });
  }

  /** GET says whether the key is right; POST presses a button. */
  #act(request: Request, name: string): Response {
    if (this.#control === undefined) return refusal(403, "this run can only be watched");
    if (!hasKey(request, this.#key)) return refusal(403, "the key is missing or not this run's");
    if (request.method === "GET" && name === "") return accepted();
    if (request.method !== "POST") return refusal(405, "only POST");
    const action = actions.find((known) => known === name);
    if (action === undefined) return refusal(404, "no such button");
    this.#control[action]();
    return accepted();
  }
}

const actions = ["pause", "resume", "stop", "checkpoint"] as const;

function listen(
  port: number,
  answer: (request: Request, server: Bun.Server<undefined>) => Response,
): Bun.Server<undefined> {
  try {
    return Bun.serve({
      hostname: "127.0.0.1",
      port,
      development: false,
      // Else two programs would share the port, each with half of the requests.
      reusePort: false,
      maxRequestBodySize: 1024,
      fetch: answer,
      error: () => refusal(500, "the server has a fault"),
    });
  } catch (cause) {
    const taken = systemCode(cause) === "EADDRINUSE";
    const why = taken ? "another program has it" : systemReason(cause);
    throw new CromwellError("input", `cannot serve the page on port ${port}: ${why}`, {
      hint: "name another port, or 0 for any that is free",
      cause,
    });
  }
}

/** A server-sent event; its data are lines. */
function message(name: string, ...lines: readonly string[]): string {
  return `event: ${name}\n${lines.map((line) => `data: ${line}\n`).join("")}\n`;
}

function accepted(): Response {
  return new Response(null, { status: 204, headers: safetyHeaders });
}

function refusal(status: number, why: string): Response {
  const type = "text/plain; charset=utf-8";
  return new Response(`${why}\n`, { status, headers: { ...safetyHeaders, "content-type": type } });
}
