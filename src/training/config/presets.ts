// Configurations to start from, by name, for what one can train on a machine at hand. A file or a flag
// overrides any of their keys.

import type { ConfigPart } from "./fields.ts";

export const presets: Readonly<Record<string, ConfigPart>> = {
  // About 8 million weights with a vocabulary of 8,000: hours on two cores give a model of code.
  nano: {
    "model.name": "nano",
    "model.architecture": "llama",
    "model.layers": 8,
    "model.hidden": 256,
    "model.heads": 4,
    "model.kv_heads": 2,
    "model.feed_forward": 704,
    "model.context_length": 512,
    "data.sequence_length": 512,
    "data.fill_in_the_middle": 0.3,
    "training.steps": 5000,
    "training.batch_size": 8,
    "optimizer.learning_rate": 1.5e-3,
    "schedule.name": "wsd",
    "schedule.warmup": 100,
    "schedule.minimum": 0,
  },
};
