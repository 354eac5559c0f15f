// Appends a model to an executable; run by bun, called by build.mjs with one argument: what is embedded
// where, as JSON.

import { type Embedding, embedModel } from "../src/model/embed-model.ts";

await embedModel(JSON.parse(process.argv[2] ?? "{}") as Embedding);
