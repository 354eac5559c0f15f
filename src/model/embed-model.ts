// Makes an executable with a model in it (`npm run build -- --with-model`): the GGUF file and its weights as
// they are computed with are appended to the program, and a note that says where they are.

import { closeSync, openSync, readSync } from "node:fs";
import { CromwellError, unreadable } from "../errors.ts";
import { type AtomicFile, writeAtomically } from "../formats/atomic-file.ts";
import { embeddedNote, type FilePart, partAlignment } from "../formats/embedded-model.ts";
import { openModelFile } from "../formats/model-file.ts";
import { readConfig } from "./config.ts";
import { type TileTarget, tileHeader, writeTiles } from "./stored-tiles.ts";
import { Weights } from "./weights.ts";

export interface Embedding {
  /** An executable that has none yet. */
  readonly program: string;
  /** A GGUF file. */
  readonly model: string;
  /** What the model will be called. */
  readonly name: string;
}

/** Appends the model to the program. Throws CromwellError "model" for one that cannot run. */
export async function embedModel({ program, model, name }: Embedding): Promise<void> {
  const file = openModelFile(model);
  if (file.format !== "gguf" || file.embedded !== undefined) {
    throw new CromwellError("model", `${model} is no GGUF file, which alone can be embedded`, {
      hint: "convert it first",
    });
  }
  const weights = new Weights(file, readConfig(file));
  try {
    await weights.repack();
    await writeAtomically(program, { inputs: [model] }, async (written) => {
      await copy(program, written);
      const part = await appended(written, () => copy(model, written));
      let tiles: FilePart | undefined;
      const target: TileTarget = {
        write: async (layout, address) => {
          const header = tileHeader(layout);
          tiles = await appended(written, () => writeTiles(written, header, layout, address));
        },
      };
      await weights.store(target);
      const size = written.position + embeddedNote({ name, size: 0, model: part, tiles }).length;
      await written.write(embeddedNote({ name, size, model: part, tiles }));
    });
  } finally {
    weights.close();
  }
}

/** Where what `write` appends lies. */
async function appended(file: AtomicFile, write: () => Promise<void>): Promise<FilePart> {
  await file.pad(partAlignment);
  const offset = file.position;
  await write();
  return { offset, size: file.position - offset };
}

async function copy(path: string, to: AtomicFile): Promise<void> {
  const buffer = new Uint8Array(4 << 20);
  try {
    const file = openSync(path, "r");
    try {
      for (;;) {
        const count = readSync(file, buffer, 0, buffer.length, null);
        if (count === 0) return;
        await to.write(buffer.subarray(0, count));
      }
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
