// Writes one safetensors file, tensor by tensor. Tensors lie in the order given, without holes;
// the header is padded so that the data start at a multiple of 8 bytes.

import { CromwellError } from "../errors.ts";
import { type WriteOptions, writeAtomically } from "./atomic-file.ts";
import { planSizes, type TensorPlan, type TensorSource, writeTensor } from "./tensor-plan.ts";

export interface SafetensorsContents<Plan extends TensorPlan = TensorPlan> {
  readonly metadata?: Iterable<readonly [string, string]>;
  readonly tensors: readonly Plan[];
  readonly data: TensorSource<Plan>;
}

const headerBytesMax = 100_000_000;

/** Writes a safetensors file at `path`, atomically; only F32, F16 and BF16 exist in the format. */
export async function writeSafetensors<Plan extends TensorPlan>(
  path: string,
  contents: SafetensorsContents<Plan>,
  options: WriteOptions = {},
): Promise<void> {
  const { tensors, data, metadata = [] } = contents;
  const sizes = planSizes(path, tensors);
  const header = headerBytes(path, metadata, tensors, sizes);
  await writeAtomically(path, options, async (file) => {
    await file.write(header);
    for (const [i, plan] of tensors.entries()) {
      await writeTensor(file, plan, sizes[i]!, data(plan, i));
    }
  });
}

function headerBytes(
  path: string,
  metadata: Iterable<readonly [string, string]>,
  tensors: readonly TensorPlan[],
  sizes: readonly number[],
): Uint8Array {
  const fields = [`"__metadata__":${JSON.stringify(Object.fromEntries(metadata))}`];
  let end = 0;
  for (const [i, { name, shape, type }] of tensors.entries()) {
    if (type.blockSize !== 1) {
      throw new CromwellError(
        "internal",
        `${path}: safetensors has no type ${type.name} (${name})`,
      );
    }
    const begin = end;
    end += sizes[i]!;
    const entry = { dtype: type.name, shape, data_offsets: [begin, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  if (padded > headerBytesMax) {
    throw new CromwellError("model", `${path}: the header would exceed ${headerBytesMax} bytes`);
  }
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  return bytes;
}
