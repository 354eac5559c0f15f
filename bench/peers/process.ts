// A peer is a program of its own: it says that it is ready, then answers each question, one JSON
// object a line, so that it can be asked in turn with cromwell.

export interface PeerProcess {
  /** What it said when it was ready. */
  readonly greeting: unknown;
  ask(question: object): Promise<{ milliseconds: number }>;
  close(): void;
}

/** Starts `command` and waits until it is ready. Throws where it ends instead of answering. */
export async function startPeer(
  command: string[],
  environment: Record<string, string> = {},
): Promise<PeerProcess> {
  const peer = Bun.spawn(command, {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
    env: { ...process.env, ...environment },
  });
  const answers = lines(peer.stdout);
  const answer = async () => {
    const { value, done } = await answers.next();
    if (done) throw new Error(`${command.join(" ")} ended`);
    return value;
  };
  const greeting: unknown = JSON.parse(await answer());
  return {
    greeting,
    async ask(question) {
      peer.stdin.write(`${JSON.stringify(question)}\n`);
      await peer.stdin.flush();
      return JSON.parse(await answer()) as { milliseconds: number };
    },
    close: () => peer.kill(),
  };
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
