// README's session is what the program really prints: each command is run as a shell would, with
// the default model, in docs/examples, which must stay as it is.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { defaultModel } from "../data.ts";
import { executable, root, text } from "./project.ts";

const binary = executable();
const model = defaultModel();

const [, block = ""] = /```console\n([\s\S]*?)```/.exec(text("README.md")) ?? [];
const steps = block
  .split(/^\$ /m)
  .slice(1)
  .map((step) => {
    const [command = "", ...output] = step.split("\n");
    return { command, output: output.join("\n").trimEnd() };
  });

test("README has a session of several commands", () => {
  expect(steps.length).toBeGreaterThanOrEqual(4);
});

test.skipIf(model === undefined || binary === undefined).each(steps)(
  "$command",
  ({ command, output }) => {
    const script = command.replace(/\bcromwell (?=edit|complete)/, `"$CROMWELL" `);
    const run = Bun.spawnSync(["sh", "-c", `${script} 2>&1`], {
      cwd: join(root, "docs/examples"),
      stdin: "ignore",
      env: { PATH: process.env.PATH ?? "", CROMWELL: binary ?? "", CROMWELL_MODEL: model ?? "" },
    });
    expect(run.stdout.toString().trimEnd()).toBe(output);
  },
);
