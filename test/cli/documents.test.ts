// docs/commands.md must name every verb and every flag: what is not written down is not there.

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { verbNames } from "../../src/cli/verbs.ts";
import { cromwell } from "./streams.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/commands.md"), "utf8");

test.each([...verbNames])("docs/commands.md tells of %s and its flags", async (verb) => {
  expect(page).toContain(`\`cromwell ${verb}`);
  const { stdout } = await cromwell([...verb.split(" "), "--help"]);
  const flags = Array.from(stdout.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm), ([, flag]) => flag!);
  expect(flags.length).toBeGreaterThan(0);
  expect(flags.filter((flag) => !page.includes(flag))).toEqual([]);
});
