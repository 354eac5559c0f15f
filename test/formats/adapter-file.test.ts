// What a PEFT folder may say, before any of its tensors is looked at: options that change the arithmetic
// are refused by name, as a silent difference would change the model's answers.

import { test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { openAdapterFile } from "../../src/formats/adapter-file.ts";
import { expectRefusal } from "./expect-error.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
let made = 0;

/** A PEFT folder with this configuration and no tensors. */
function peftFolder(config?: Record<string, unknown>): string {
  const path = folder.file(`adapter-${made++}`);
  mkdirSync(path);
  if (config !== undefined) {
    const whole = { peft_type: "LORA", r: 4, lora_alpha: 8, ...config };
    writeFileSync(`${path}/adapter_config.json`, JSON.stringify(whole));
  }
  writeFileSync(`${path}/adapter_model.safetensors`, "\x02\0\0\0\0\0\0\0{}");
  return path;
}

test.each([
  ["alora_invocation_tokens", { alora_invocation_tokens: [1, 2] }],
  ["arrow_config", { arrow_config: { top_k: 3 } }],
  ["kasa_config", { kasa_config: { beta: 1e-4 } }],
  ["target_parameters", { target_parameters: ["mlp.experts.gate_up_proj"] }],
  ["trainable_token_indices", { trainable_token_indices: [7] }],
  ["use_bdlora", { use_bdlora: { nblocks: 2 } }],
  ['init_lora_weights "pissa_niter_4"', { init_lora_weights: "pissa_niter_4" }],
  ['init_lora_weights "OLoRA"', { init_lora_weights: "OLoRA" }],
])("%s is refused", (name, config) => {
  const path = peftFolder(config);
  expectRefusal(() => openAdapterFile(path, "llama"), `${name} is not supported`);
});

test("the ways to begin that leave the base as it is are no reason to refuse", () => {
  for (const start of [true, false, "gaussian", "eva", "orthogonal"]) {
    const path = peftFolder({ init_lora_weights: start, alora_invocation_tokens: null });
    // All that is wrong with it is that it holds nothing.
    expectRefusal(() => openAdapterFile(path, "llama"), "no LoRA tensors in this file");
  }
});

test("a folder without adapter_config.json is said to have none", () => {
  const path = peftFolder();
  const wanted = `cannot open ${path}/adapter_config.json: no such file or directory`;
  expectRefusal(() => openAdapterFile(path, "llama"), wanted, "input");
});
