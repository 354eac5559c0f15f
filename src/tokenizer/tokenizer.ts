// The public tokenizer: text to ids and back, for any vocabulary that a model file brings with it.
// Text never gives a special id: those come from a chat template's own words only.

import { CromwellError } from "../errors.ts";
import type { Metadata } from "../formats/metadata.ts";
import type { ModelFile } from "../formats/model-view.ts";
import { tokenType } from "../formats/token-type.ts";
import { IdList, toUtf8 } from "./bytes.ts";
import type { ChatMessage, ChatOptions, ChatPiece } from "./chat-template.ts";
import type { Before, TextModel } from "./encoding.ts";
import { fromJson } from "./from-json.ts";
import { fromMetadata } from "./from-metadata.ts";
import type { TokenizerParts } from "./parts.ts";
import { type FillInTheMiddle, isControl } from "./special-tokens.ts";
import { StreamDecoder } from "./stream-decoder.ts";

export interface DecodeOptions {
  /** Render special tokens as their names instead of as nothing. */
  special?: boolean;
  /** The ids go on from earlier text, so that a SentencePiece token's first space is text. */
  continued?: boolean;
}

const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
const nothing = new Uint8Array(0);

export class Tokenizer {
  /** Tokens in the vocabulary. */
  readonly size: number;
  readonly bos: number | undefined;
  readonly eos: number | undefined;
  readonly unknown: number | undefined;
  readonly padding: number | undefined;
  /** Whether a prompt starts with `bos`. */
  readonly addBos: boolean;
  readonly addEos: boolean;
  /** Every id that ends a text or a turn. */
  readonly stopIds: ReadonlySet<number>;
  readonly fillInTheMiddle: FillInTheMiddle | undefined;
  readonly chatTemplate: string | undefined;
  private readonly parts: TokenizerParts;
  private readonly specialIds = new Map<string, number | undefined>();

  constructor(parts: TokenizerParts) {
    this.parts = parts;
    this.size = parts.vocabulary.size;
    this.bos = parts.bos;
    this.eos = parts.eos;
    this.unknown = parts.unknown;
    this.padding = parts.padding;
    this.addBos = parts.addBos && parts.bos !== undefined;
    this.addEos = parts.addEos && parts.eos !== undefined;
    this.stopIds = parts.stopIds;
    this.fillInTheMiddle = parts.fillInTheMiddle;
    this.chatTemplate = parts.chatTemplate;
  }

  /** Of a model file, whichever format it has. Needs its header only: no weights are mapped. */
  static of(file: ModelFile): Tokenizer {
    if (file.tokenizerJson === undefined && file.format === "safetensors") {
      throw new CromwellError("model", `${file.path}: no tokenizer.json beside it`, {
        hint: "download tokenizer.json into the same folder",
      });
    }
    if (file.tokenizerJson === undefined) return Tokenizer.fromMetadata(file.metadata);
    return Tokenizer.fromJson(file.tokenizerJson, file.tokenizerConfig);
  }

  /** From a GGUF file's keys (tokenizer.ggml.*); refuses what is damaged or of an unknown kind. */
  static fromMetadata(metadata: Metadata): Tokenizer {
    return new Tokenizer(fromMetadata(metadata));
  }

  /** From the parsed tokenizer.json and, where there is one, tokenizer_config.json. */
  static fromJson(tokenizerJson: unknown, tokenizerConfig?: unknown): Tokenizer {
    return new Tokenizer(fromJson(tokenizerJson, tokenizerConfig));
  }

  /** The text's ids: never a special one, whatever the text names. No BOS is added. */
  encode(text: string): number[] {
    return Array.from(this.encodeToArray(text));
  }

  /** The same as a typed array, for much text. */
  encodeToArray(text: string): Int32Array {
    const out = new IdList();
    this.append(text, out, "nothing");
    return out.view();
  }

  private append(text: string, out: IdList, before: Before): void {
    const { model } = this.parts;
    const bytes = toUtf8(text);
    const { userDefined } = this.parts;
    let at = 0;
    while (at < bytes.length) {
      const next = userDefined.empty ? bytes.length : userDefined.next(bytes, at, bytes.length);
      if (next > at) this.appendPiece(model, bytes, at, next, out, at === 0 ? before : "token");
      if (next === bytes.length) return;
      out.push(userDefined.matched);
      at = userDefined.end;
    }
  }

  private appendPiece(
    model: TextModel,
    bytes: Uint8Array,
    start: number,
    end: number,
    out: IdList,
    before: Before,
  ): void {
    const { normalForm } = this.parts;
    if (normalForm !== undefined && !isAscii(bytes, start, end)) {
      const text = textDecoder.decode(bytes.subarray(start, end)).normalize(normalForm);
      const normal = toUtf8(text);
      model.encode(normal, 0, normal.length, out, before);
    } else {
      model.encode(bytes, start, end, out, before);
    }
  }

  /** The ids' text; special tokens are nothing, and bytes that are not UTF-8 become U+FFFD. */
  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    return textDecoder.decode(this.decodeBytes(ids, options));
  }

  /** The ids' text as the bytes that the tokens hold. */
  decodeBytes(ids: Iterable<number>, options: DecodeOptions = {}): Uint8Array {
    let bytes = new Uint8Array(256);
    let length = 0;
    const bytesOf = this.reader(options);
    for (const id of ids) {
      const added = bytesOf(id);
      if (length + added.length > bytes.length) {
        const grown = new Uint8Array((length + added.length) * 2);
        grown.set(bytes.subarray(0, length));
        bytes = grown;
      }
      bytes.set(added, length);
      length += added.length;
    }
    return bytes.subarray(0, length);
  }

  /** Gives each token's bytes in turn, without the spaces that encoding put in. */
  private reader(options: DecodeOptions): (id: number) => Uint8Array {
    const { spacePrefix, vocabulary } = this.parts;
    const special = options.special ?? false;
    if (spacePrefix === "never") return (id) => this.bytesOf(id, special);
    let put = options.continued !== true;
    return (id) => {
      const bytes = this.bytesOf(id, special);
      const type = vocabulary.types[id];
      if (isControl(type) || type === tokenType.userDefined) {
        if (spacePrefix === "always") put = true;
        return bytes;
      }
      const drop = put && bytes[0] === 0x20;
      put = false;
      return drop ? bytes.subarray(1) : bytes;
    };
  }

  private bytesOf(id: number, special: boolean): Uint8Array {
    this.check(id);
    const type = this.parts.vocabulary.types[id];
    if (isControl(type)) return special ? this.parts.vocabulary.strings.bytes(id) : nothing;
    return this.parts.model.bytesOf(id);
  }

  private check(id: number): void {
    if (Number.isInteger(id) && id >= 0 && id < this.size) return;
    throw new CromwellError("input", `token ${id} is not in the vocabulary of ${this.size}`);
  }

  /** One token's text for people: a special token's name, and U+FFFD for a part of a character. */
  piece(id: number): string {
    return textDecoder.decode(this.bytesOf(id, true));
  }

  /** The id of a special token by its name ("<|im_start|>"), of several the first. */
  specialId(name: string): number | undefined {
    if (!this.specialIds.has(name)) {
      const { types, strings } = this.parts.vocabulary;
      const id = types.findIndex((type, id) => isControl(type) && strings.get(id) === name);
      this.specialIds.set(name, id < 0 ? undefined : id);
    }
    return this.specialIds.get(name);
  }

  /** Whether a token is special: it stands for no text. */
  isSpecial(id: number): boolean {
    this.check(id);
    return isControl(this.parts.vocabulary.types[id]);
  }

  /** Decodes one token at a time; a continuation by default, whose first space is text. */
  decoder(options: DecodeOptions = { continued: true }): StreamDecoder {
    return new StreamDecoder(this.reader(options));
  }

  /**
   * The ids of a conversation as the model's chat template writes it. Special tokens are taken from
   * the template's own text, never from a message's content.
   */
  chat(messages: readonly ChatMessage[], options: ChatOptions = {}): number[] {
    return this.encodePieces(this.chatPieces(messages, options));
  }

  /** The same before it is cut into tokens: an id for each special one, the text between. */
  chatPieces(messages: readonly ChatMessage[], options: ChatOptions = {}): ChatPiece[] {
    if (this.chatTemplate === undefined) {
      throw new CromwellError("model", "the model has no chat template");
    }
    // Loaded when needed: most runs are completions, and the template engine costs milliseconds.
    const chat = require("./chat-template.ts") as typeof import("./chat-template.ts");
    const { vocabulary, stripping } = this.parts;
    const name = (id: number | undefined) => (id === undefined ? "" : vocabulary.strings.get(id));
    return chat.renderChat({
      template: this.chatTemplate,
      messages,
      options,
      vocabulary,
      stripping,
      names: {
        bos_token: name(this.bos),
        eos_token: name(this.eos),
        unk_token: name(this.unknown),
        pad_token: name(this.padding),
      },
    });
  }

  /** The ids of pieces that stand behind `before`. */
  encodePieces(pieces: readonly ChatPiece[], before: Before = "nothing"): number[] {
    const out = new IdList();
    pieces.forEach((piece, index) => {
      if (typeof piece === "number") out.push(piece);
      else this.append(piece, out, index > 0 ? "token" : before);
    });
    return Array.from(out.view());
  }
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i]! >= 0x80) return false;
  return true;
}
