// A model that is ready to run: its file mapped, its tokenizer read, its adapters beside it. What it
// chooses for the user (context, threads) is checked here and said.

import { throwIfInterrupted } from "../breathe.ts";
import { CromwellError } from "../errors.ts";
import { isCheckpoint } from "../formats/checkpoint-keys.ts";
import { type ModelFile, openModelFile } from "../formats/model-file.ts";
import { Adapter, type AdapterSource } from "../model/adapter.ts";
import { KvCache } from "../model/cache.ts";
import type { CacheType } from "../model/cache-type.ts";
import { type ModelConfig, readConfig } from "../model/config.ts";
import { embeddedTiles } from "../model/embedded-tiles.ts";
import { TileFile } from "../model/tile-file.ts";
import { Transformer } from "../model/transformer.ts";
import { Weights } from "../model/weights.ts";
import { cpuLevel, threads, useThreads } from "../native/kernels.ts";
import { availableMemory, usableCores } from "../native/processors.ts";
import { Tokenizer } from "../tokenizer/tokenizer.ts";
import { Session } from "./session.ts";

export interface ModelOptions {
  /** Threads that compute; default and maximum: the cores that this process may use. */
  readonly threads?: number | undefined;
  /** Tokens of context; default: the model's, as far as free memory goes. */
  readonly contextLength?: number | undefined;
  /**
   * Element type of the cache: "f16" (default) takes half the memory of "f32"; "q8_0" half of that, and
   * reads a long context faster, for answers that differ a little.
   */
  readonly cacheType?: CacheType | undefined;
  /** LoRA adapters, or a choice of them once it is known which model this is. */
  readonly adapters?: readonly AdapterSource[] | ChooseAdapters | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives what the user should know: a bounded context, fewer threads. */
  readonly onNotice?: ((line: string) => void) | undefined;
  /**
   * Folder where weights are stored as they are computed with, which makes the next start several
   * times as fast: about the model's size on disk. Made where it is missing; default: none are stored.
   */
  readonly tileFolder?: string | undefined;
  /** Receives the part of the weights that is ready, above 0 to 1, as the model is opened. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Chooses adapters by the model's shape and vocabulary. */
export type ChooseAdapters = (
  model: Pick<Model, "config" | "tokenizer">,
) => readonly AdapterSource[];

/** Share of the free memory that a default context's cache may take. */
const cacheShare = 0.5;

export class Model {
  readonly path: string;
  readonly file: ModelFile;
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly contextLength: number;
  readonly cacheType: CacheType;
  readonly adapters: readonly Adapter[];
  readonly #weights: Weights;
  /** Where tiles are to be stored, and the signal that ends it. */
  readonly #tileFile: TileFile | undefined;
  readonly #signal: AbortSignal | undefined;
  #storing: Promise<void> | undefined;
  /** Sessions, and the storing of tiles. */
  #users = 0;
  #closed = false;

  private constructor(file: ModelFile, tileFile: TileFile | undefined, options: ModelOptions) {
    this.path = file.path;
    this.#tileFile = tileFile;
    this.#signal = options.signal;
    this.file = file;
    this.config = readConfig(file);
    this.cacheType = options.cacheType ?? "f16";
    this.contextLength = chooseContext(file.path, this.config, this.cacheType, options);
    this.tokenizer = readTokenizer(file, this.config);
    this.#weights = new Weights(file, this.config);
    const adapters: Adapter[] = [];
    try {
      const { adapters: given = [] } = options;
      for (const source of typeof given === "function" ? given(this) : given) {
        adapters.push(new Adapter(source, this.config, this.#weights, file.rowOrder));
      }
    } catch (error) {
      for (const adapter of adapters) adapter.close();
      this.#weights.close();
      throw error;
    }
    this.adapters = adapters;
  }

  /**
   * Opens a model file (GGUF, safetensors or a folder with config.json), or the model in a checkpoint of
   * training, which is read whole to compare its checksum.
   */
  static async open(path: string, options: ModelOptions = {}): Promise<Model> {
    requireCount("threads", options.threads);
    requireCount("contextLength", options.contextLength);
    throwIfInterrupted(options.signal);
    const file = await openWhole(path, options.signal);
    throwIfInterrupted(options.signal);
    chooseThreads(options);
    tellOfSlowCpu(options);
    const { tileFolder, signal, onProgress } = options;
    const tileFile = tileFolder === undefined ? undefined : TileFile.of(tileFolder, file);
    const model = new Model(file, tileFile, options);
    const stored = [embeddedTiles(file), tileFile].filter((source) => source !== undefined);
    try {
      await model.#weights.repack({ stored, signal, onProgress });
      return model;
    } catch (error) {
      model.close();
      throw error;
    }
  }

  /** The model's own name, or its file's. */
  get name(): string {
    const { metadata } = this.file;
    const file = this.path.split("/").findLast((part) => part !== "") ?? this.path;
    return metadata.has("general.name") ? metadata.string("general.name") : file;
  }

  /**
   * A new, empty conversation with a cache of its own, with all adapters or with those given. Throws
   * CromwellError "usage" after close().
   */
  session({
    adapters = this.adapters,
  }: {
    adapters?: readonly Adapter[] | undefined;
  } = {}): Session {
    if (this.#closed) throw new CromwellError("usage", `the model ${this.path} is closed`);
    const cache = new KvCache(this.config, this.contextLength, this.cacheType);
    try {
      const transformer = new Transformer(this.config, this.#weights, cache, adapters);
      this.#users++;
      return new Session(transformer, {
        onRead: () => this.#store(),
        onFreed: () => this.#leave(),
      });
    } catch (error) {
      cache.close();
      throw error;
    }
  }

  /**
   * Frees the weights, at once or when the last session is closed. Resolves when all that is stored
   * for the next start is written; nobody has to wait for that but a process that would end.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#freeUnused();
    await this.#storing;
  }

  /** Stores tiles for the next start, once, beside what follows: the first token does not wait. */
  #store(): void {
    if (this.#closed || this.#tileFile === undefined || this.#storing !== undefined) return;
    this.#users++;
    const written = this.#weights.store(this.#tileFile, this.#signal);
    this.#storing = written.finally(() => this.#leave());
    // Who closes the model learns of a failure, not an answer that goes on meanwhile.
    this.#storing.catch(() => {});
  }

  #leave(): void {
    this.#users--;
    this.#freeUnused();
  }

  #freeUnused(): void {
    if (!this.#closed || this.#users > 0) return;
    for (const adapter of this.adapters) adapter.close();
    this.#weights.close();
  }
}

async function openWhole(path: string, signal: AbortSignal | undefined): Promise<ModelFile> {
  const file = openModelFile(path);
  if (!isCheckpoint(file)) return file;
  const { openModelAlone } = await import("../formats/checkpoint.ts");
  return openModelAlone(path, signal);
}

function requireCount(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value > 0)) return;
  throw new CromwellError("usage", `${name} is ${value}, not a whole number from 1 on`);
}

function readTokenizer(file: ModelFile, config: ModelConfig): Tokenizer {
  const tokenizer = Tokenizer.of(file);
  if (tokenizer.size > config.vocabulary) {
    throw new CromwellError(
      "model",
      `${file.path}: ${tokenizer.size} tokens but ${config.vocabulary} rows in the embedding`,
    );
  }
  return tokenizer;
}

/** Sets how many threads compute: those asked for, as far as there are cores. */
export function chooseThreads({
  threads: wanted,
  onNotice,
}: Pick<ModelOptions, "threads" | "onNotice">): void {
  const cores = usableCores();
  if (wanted !== undefined && wanted > cores) {
    onNotice?.(`${wanted} threads asked for, ${cores} used: this process may use ${cores} cores`);
  }
  const count = Math.min(wanted ?? cores, cores);
  if (threads() !== count) useThreads(count);
}

/** A CPU without AVX2 gets the same answers from slower kernels. */
function tellOfSlowCpu({ onNotice }: ModelOptions): void {
  if (process.arch !== "x64" || cpuLevel() !== "baseline") return;
  onNotice?.("this CPU has no AVX2: slower kernels are used");
}

/** The context asked for, checked; or the model's, as far as its cache fits into free memory. */
function chooseContext(
  path: string,
  config: ModelConfig,
  type: CacheType,
  options: ModelOptions,
): number {
  const asked = options.contextLength;
  if (asked !== undefined && asked > config.contextLength) {
    const own = config.contextLength;
    throw new CromwellError("usage", `${path} has a context of ${own} tokens, not ${asked}`);
  }
  const perToken = KvCache.bytesPerPosition(config, type);
  const affordable = Math.floor((availableMemory() * cacheShare) / perToken);
  if (asked !== undefined) return asked;
  if (affordable >= config.contextLength) return config.contextLength;
  const bounded = Math.max(256, affordable - (affordable % 256));
  const fits = Math.min(bounded, config.contextLength);
  options.onNotice?.(
    `context of ${fits} tokens instead of ${config.contextLength}: more does not fit into memory`,
  );
  return fits;
}
