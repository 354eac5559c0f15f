// The models that a benchmark is asked to run, at least one.
// usage: main.ts [options] MODEL.gguf …

import { named } from "./options.ts";

if (named.length === 0) throw new Error("name at least one model");

export const models = named;
