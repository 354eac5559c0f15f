// TensorBoard's event file of a run: a TFRecord file of Event messages (tensorflow/core/util/event.proto).
// Each session of a run has a file of its own, which tells TensorBoard from where it counts.

import { hostname } from "node:os";
import { join } from "node:path";
import { AppendFile } from "./append-file.ts";
import { maskedCrc32c } from "./crc32c.ts";
import { furtherMeasures, type MetricsRecord } from "./metrics-record.ts";
import { Message } from "./protobuf.ts";

/** Of this process, so that two of one second have files of their own. */
let sessions = 0;

export interface EventFileOptions {
  /** Steps after this one in the files of earlier sessions do not count any more. */
  readonly resumedAt: number;
  /** When the session starts, in seconds since 1970. */
  readonly time: number;
  readonly onNotice: (line: string) => void;
}

const prefix = "events.out.tfevents.";

function ownPart(): string {
  return `.${hostname()}.${process.pid}.`;
}

/** Whether a file is called as those that this process writes. */
export function isOwnEventFile(name: string): boolean {
  return name.startsWith(prefix) && name.includes(ownPart());
}

export class EventFile {
  readonly path: string;
  readonly #file: AppendFile;

  /** Throws CromwellError "input" where the file cannot be written. */
  constructor(folder: string, { resumedAt, time, onNotice }: EventFileOptions) {
    // TensorBoard reads a folder's files in the order of their names.
    const seconds = String(Math.floor(time)).padStart(10, "0");
    const name = `${prefix}${seconds}${ownPart()}${sessions++}`;
    this.path = join(folder, name);
    this.#file = new AppendFile(this.path, onNotice);
    this.#file.cut(0);
    for (const event of sessionStart(time, resumedAt)) this.#file.append(framed(event));
  }

  /** Writes what TensorBoard has a place for; other records are passed over. */
  append(record: MetricsRecord): void {
    const summary = summaryOf(record);
    if (summary === undefined || record.type === "run") return;
    this.#file.append(framed(event(record.time, record.step).message(5, summary)));
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** What a session's file starts with. */
export function* sessionStart(time: number, resumedAt: number): Generator<Message> {
  yield event(time, 0).text(3, "brain.Event:2");
  const start = 1;
  // A session log makes TensorBoard forget what it read of this step and later ones.
  if (resumedAt > 0) yield event(time, resumedAt + 1).message(7, new Message().integer(1, start));
}

/** A record of a TFRecord file: its length, the length's checksum, the bytes and theirs. */
export function framed(message: Message): Uint8Array {
  const bytes = message.encoded();
  const frame = Buffer.alloc(bytes.length + 16);
  frame.writeBigUInt64LE(BigInt(bytes.length), 0);
  frame.writeUInt32LE(maskedCrc32c(frame.subarray(0, 8)), 8);
  frame.set(bytes, 12);
  frame.writeUInt32LE(maskedCrc32c(bytes), 12 + bytes.length);
  return frame;
}

function event(time: number, step: number): Message {
  return new Message().double(1, time).integer(2, step);
}

function summaryOf(record: MetricsRecord): Message | undefined {
  switch (record.type) {
    case "step":
      return new Message()
        .message(1, scalar("training/loss", record.loss))
        .message(1, scalar("training/learning_rate", record.learningRate))
        .message(1, scalar("training/gradient_norm", record.gradientNorm))
        .message(1, scalar("training/tokens_per_second", record.tokensPerSecond));
    case "evaluation": {
      const summary = new Message().message(1, scalar("validation/loss", record.loss));
      const bits =
        record.bitsPerByte === null ? [] : [["bits_per_byte", record.bitsPerByte] as const];
      for (const [name, value] of [...bits, ...furtherMeasures(record)]) {
        summary.message(1, scalar(`validation/${name}`, value));
      }
      return summary;
    }
    case "sample":
      return new Message().message(1, text("sample", markdown(record.prompt, record.text)));
    default:
      return undefined;
  }
}

function scalar(tag: string, value: number): Message {
  return new Message().text(1, tag).float(2, value);
}

/** A text summary: a string tensor that names the plugin which shows it. */
function text(tag: string, value: string): Message {
  const stringType = 7;
  const tensor = new Message().integer(1, stringType).message(2, new Message()).text(8, value);
  const plugin = new Message().text(1, "text");
  return new Message().text(1, tag).message(8, tensor).message(9, new Message().message(1, plugin));
}

/** TensorBoard shows texts as Markdown; four spaces make them code, as they are. */
function markdown(prompt: string, answer: string): string {
  return `${prompt}${answer}`.replaceAll(/^/gm, "    ");
}
