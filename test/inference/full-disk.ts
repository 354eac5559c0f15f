// Opens a model, reads a prompt and ends, under a limit on file sizes: run by stored-tiles.test.ts.

import { Model } from "../../src/inference/model.ts";

const [path, tileFolder] = process.argv.slice(2);
const model = await Model.open(path!, { tileFolder });
const session = model.session();
await session.prefill([1, 260]);
session.close();
await model.close();
console.log("answered");
