// Runs before every test file. On CI the property tests draw the same cases each time, so that a red
// run can be repeated; elsewhere each run draws new ones.

import fc from "fast-check";

if (process.env.CI !== undefined) fc.configureGlobal({ seed: 20_261_121 });
