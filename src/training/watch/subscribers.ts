// The open pages of a run: each gets the history when it comes, then what happens, as server-sent events.
// One that does not read is let go; it comes back by itself and gets the history again.

/** Pages at once; more are refused. With what each may leave unread: 128 MiB. */
const subscribersMax = 16;
/** What a page may leave unread. */
const unreadBytesMax = 8 * 1024 * 1024;

export class Subscribers {
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();

  get full(): boolean {
    return this.#streams.size >= subscribersMax;
  }

  get count(): number {
    return this.#streams.size;
  }

  /** A stream that starts with `first` and goes on with what is sent. */
  open(first: string): ReadableStream<Uint8Array> {
    let own: ReadableStreamDefaultController<Uint8Array> | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          own = controller;
          this.#streams.add(controller);
          controller.enqueue(Buffer.from(first));
        },
        cancel: () => {
          if (own !== undefined) this.#streams.delete(own);
        },
      },
      { highWaterMark: unreadBytesMax, size: (chunk) => chunk?.byteLength ?? 0 },
    );
  }

  send(message: string): void {
    const bytes = Buffer.from(message);
    for (const stream of this.#streams) {
      if ((stream.desiredSize ?? 0) > 0) stream.enqueue(bytes);
      else this.#end(stream);
    }
  }

  close(): void {
    for (const stream of this.#streams) this.#end(stream);
  }

  #end(stream: ReadableStreamDefaultController<Uint8Array>): void {
    this.#streams.delete(stream);
    try {
      stream.close();
    } catch {
      // Its reader was gone already.
    }
  }
}
