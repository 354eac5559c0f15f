// Starts tree-sitter and its grammars, each once, when the first text of a language is parsed: a
// program that parses nothing pays nothing.

import { readFileSync } from "node:fs";
import { Language as Grammar, Parser } from "web-tree-sitter";
import { CromwellError } from "../errors.ts";
import { enginePath, grammarPaths } from "./grammars.ts";
import type { Language } from "./languages.ts";

let started: Promise<void> | undefined;
const grammars = new Map<string, Promise<Grammar>>();

/** A parser for the language, which must have a grammar. */
export async function createParser(language: Language): Promise<Parser> {
  started ??= Parser.init({ wasmBinary: readBytes(enginePath) });
  await started;
  let loading = grammars.get(language.id);
  if (loading === undefined) {
    loading = loadGrammar(language);
    grammars.set(language.id, loading);
  }
  const grammar = await loading;
  return new Parser().setLanguage(grammar);
}

async function loadGrammar({ id, title }: Language): Promise<Grammar> {
  const path = grammarPaths[id];
  if (path === undefined) throw new CromwellError("internal", `there is no grammar of ${title}`);
  return await Grammar.load(readBytes(path));
}

/** The scripts of the build compress what they embed; beside the sources it is as it came. */
function readBytes(path: string): Uint8Array {
  const bytes = readFileSync(path);
  const compressed = bytes.readUInt32LE(0) === zstandardMagic;
  return compressed ? Bun.zstdDecompressSync(bytes) : bytes;
}

const zstandardMagic = 0xfd2fb528;
