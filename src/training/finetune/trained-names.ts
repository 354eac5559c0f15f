// What of a model trains, from the words of the command line: all of it, its last blocks, its head; and
// which matrices get LoRA adapters.

import { CromwellError } from "../../errors.ts";

/** Which weights train: all, those of the last blocks with what follows them, or what follows alone. */
export type Trains = "all" | "head" | { readonly last: number };

/** "all", "head" or "last:N". Throws CromwellError "usage". */
export function parseTrains(text: string): Trains {
  if (text === "all" || text === "head") return text;
  const [, count] = /^last:(\d{1,4})$/.exec(text) ?? [];
  if (count !== undefined && Number(count) > 0) return { last: Number(count) };
  throw new CromwellError("usage", `what trains is all, last:N or head, not ${shown(text)}`);
}

/**
 * Whether a weight trains. What follows the blocks is the last norm and the output matrix `head`
 * ("output.weight", a tied embedding, or that of the classes).
 */
export function trainedNames(
  trains: Trains,
  model: { readonly layers: number },
  head: string,
): (name: string) => boolean {
  if (trains === "all") return () => true;
  const count = trains === "head" ? 0 : trains.last;
  return (name) => {
    const [, block] = /^blk\.(\d+)\./.exec(name) ?? [];
    if (block !== undefined) return Number(block) >= model.layers - count;
    return name === head || name.startsWith("output_norm.");
  };
}

const attention = ["attn_q", "attn_k", "attn_v", "attn_output"];
/** The matrices of a layer that can have an adapter. */
export const matrixNames: readonly string[] = [...attention, "ffn_gate", "ffn_up", "ffn_down"];

/** Hugging Face's names, which people know from PEFT. */
const aliases: Record<string, string> = {
  q_proj: "attn_q",
  k_proj: "attn_k",
  v_proj: "attn_v",
  o_proj: "attn_output",
  gate_proj: "ffn_gate",
  up_proj: "ffn_up",
  down_proj: "ffn_down",
};

/** "all", "attention", or names with commas between: attn_q or q_proj. Throws CromwellError "usage". */
export function parseTargets(text: string): (name: string) => boolean {
  const chosen =
    text === "all"
      ? matrixNames
      : text === "attention"
        ? attention
        : text.split(",").map((word) => matrixNamed(word.trim()));
  return (name) => {
    const [, matrix] = /^blk\.\d+\.(.+)\.weight$/.exec(name) ?? [];
    return matrix !== undefined && chosen.includes(matrix);
  };
}

/** Whether two such texts name the same matrices. */
export function sameTargets(one: string, other: string): boolean {
  const [has, hasToo] = [parseTargets(one), parseTargets(other)];
  return matrixNames.every((name) => {
    const weight = `blk.0.${name}.weight`;
    return has(weight) === hasToo(weight);
  });
}

function matrixNamed(word: string): string {
  const name = Object.hasOwn(aliases, word) ? aliases[word]! : word;
  if (matrixNames.includes(name)) return name;
  throw new CromwellError("usage", `there is no matrix ${shown(word)} to adapt`, {
    hint: `say all, attention, or some of ${matrixNames.join(", ")}`,
  });
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
