// A fine-tuning that begins with the adapter of an earlier one: the adapter's shape becomes the settings',
// and its values are where training starts.

import { CromwellError } from "../../errors.ts";
import { type AdapterFile, editPromptKey, openAdapterFile } from "../../formats/adapter-file.ts";
import { openModelAlone } from "../../formats/checkpoint.ts";
import type { ModelFile, TensorInfo } from "../../formats/model-file.ts";
import { headPermutation, permuteHeads } from "../../formats/row-order.ts";
import { modelError } from "../../formats/tensor-table.ts";
import { readConfig } from "../../model/config.ts";
import { dequantize } from "../../native/kernels.ts";
import { bytesAt, MappedFile } from "../../native/memory.ts";
import type { Checkpoint } from "../checkpoints/restore.ts";
import type { Network } from "../network.ts";
import type { Parameter } from "../parameters.ts";
import type { GivenSettings, Settings } from "./settings.ts";
import { matrixNames, sameTargets } from "./trained-names.ts";

/**
 * The settings with rank, alpha and targets of the adapter `given.from`. Throws CromwellError "usage" where
 * they were given and are others, "model" for an adapter that no settings describe.
 */
export async function settingsOfAdapter(
  given: GivenSettings & { readonly from: string },
  signal?: AbortSignal,
): Promise<GivenSettings> {
  const config = readConfig(await openModelAlone(given.model, signal));
  const file = openAdapterFile(given.from, config.architecture);
  const [first] = file.pairs;
  const rank = first!.a.shape[0]!;
  const other = file.pairs.find(({ a }) => a.shape[0] !== rank);
  if (other !== undefined) {
    throw modelError(file.path, `${first!.target} is of rank ${rank}, ${other.target} of another`);
  }
  const targets = targetsOf(file, config.layers);
  const shape = { rank, alpha: given.alpha ?? shortest(file.alpha ?? rank), targets };
  refuseOthers(given, { ...shape, alpha: file.alpha ?? rank });
  return { ...given, ...shape };
}

/** The shortest number that is the same in f32, which is what GGUF holds it in: 0.3, not 0.30000001. */
function shortest(value: number): number {
  const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((count) => isSame(around(value, count), value));
  return digits === undefined ? value : around(value, digits);
}

function around(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

function isSame(a: number, b: number): boolean {
  return Math.fround(a) === Math.fround(b);
}

/** The matrices that the adapter has in each layer. */
function targetsOf({ path, pairs }: AdapterFile, layers: number): string {
  const names = matrixNames.filter((name) =>
    pairs.some(({ target }) => target.endsWith(`.${name}`)),
  );
  const found = new Set(pairs.map(({ target }) => target));
  const everyLayer = Array.from({ length: layers }, (_, layer) => `blk.${layer}`);
  const isWhole = everyLayer.every((layer) => names.every((name) => found.has(`${layer}.${name}`)));
  if (isWhole && found.size === layers * names.length) {
    return names.length === matrixNames.length ? "all" : names.join(",");
  }
  throw modelError(path, "it does not adapt the same matrices in each layer");
}

function refuseOthers(
  given: GivenSettings & { readonly from: string },
  shape: { readonly rank: number; readonly alpha: number; readonly targets: string },
): void {
  const { rank = shape.rank, alpha = shape.alpha, targets = shape.targets } = given;
  const others = [
    rank === shape.rank ? "" : `rank ${shape.rank}, not ${rank}`,
    isSame(alpha, shape.alpha) ? "" : `alpha ${shortest(shape.alpha)}, not ${alpha}`,
    sameTargets(targets, shape.targets) ? "" : `targets ${shape.targets}, not ${targets}`,
  ];
  const other = others.find((text) => text !== "");
  if (other === undefined) return;
  throw new CromwellError("usage", `${given.from} has ${other}`, {
    hint: "leave it out: what goes on from an adapter has its shape",
  });
}

/** The version of the edit prompt that the run's first adapter knew: of a checkpoint, what it says. */
export function editPromptOf(
  { from }: Settings,
  base: ModelFile,
  checkpoint: Checkpoint | undefined,
): number | undefined {
  if (checkpoint !== undefined) {
    const { metadata } = checkpoint.file;
    return metadata.has(editPromptKey) ? metadata.integer(editPromptKey) : undefined;
  }
  return from === "" ? undefined : openAdapterFile(from, readConfig(base).architecture).editPrompt;
}

/** Puts the adapter's values where the network's own begin. Throws CromwellError "model" for a misfit. */
export function startFrom(path: string, { config, parameters }: Network): void {
  const file = openAdapterFile(path, config.architecture);
  const map = new MappedFile(file.tensorPath, file.size);
  try {
    for (const { target, a, b } of file.pairs) {
      const order =
        config.architecture === "llama" && file.rowOrder !== "gguf" && /attn_[qk]$/.test(target)
          ? headPermutation(config.headDimension, "gguf")
          : undefined;
      copy(file, map, a, parameters.get(`${target}.weight.lora_a`));
      copy(file, map, b, parameters.get(`${target}.weight.lora_b`), order);
    }
  } finally {
    map.close();
  }
}

function copy(
  { path }: AdapterFile,
  map: MappedFile,
  { name, type, shape, offset, byteLength }: TensorInfo,
  parameter: Parameter | undefined,
  order?: Uint32Array,
): void {
  if (parameter === undefined || parameter.shape.join() !== shape.join()) {
    throw modelError(path, `${name} [${shape}] does not fit the model`);
  }
  const bytes = bytesAt(map.address + offset, byteLength);
  const ordered = order ? permuteHeads(bytes, byteLength / shape[0]!, order) : bytes;
  parameter.values.set(dequantize(type, ordered, parameter.values.length));
}
