// Help texts: citty's usage of a verb, and examples under it. citty colours for any output, so colours
// are taken away again where there is no terminal.

import { type ArgsDef, defineCommand, renderUsage } from "citty";
import type { Verb } from "./verb.ts";

/** The help of `cromwell` itself. */
export async function overview(
  verbs: ReadonlyMap<string, string>,
  version: string,
  styled: boolean,
): Promise<string> {
  const description = "Edit and complete code with a model on this machine's CPU, offline";
  const usage = await renderUsage(
    defineCommand({
      meta: { name: "cromwell", version, description },
      subCommands: commands(verbs),
    }),
  );
  const examples = [
    "pull",
    'edit main.py --instruction "Add a docstring"',
    "complete --prompt 'def fibonacci(n):'",
  ];
  return finish(usage, examples, styled);
}

/** The help of a verb that has several actions. */
export async function groupHelp(
  name: string,
  description: string,
  actions: ReadonlyMap<string, string>,
  styled: boolean,
): Promise<string> {
  const meta = { name: `cromwell ${name}`, description };
  const usage = await renderUsage(defineCommand({ meta, subCommands: commands(actions) }));
  const examples = Array.from(actions.keys(), (action) => `${name} ${action} --help`);
  return finish(usage, examples, styled);
}

function commands(summaries: ReadonlyMap<string, string>) {
  return Object.fromEntries(
    Array.from(summaries, ([name, description]) => [name, { meta: { name, description } }]),
  );
}

/** The help of one verb; its summary is that of the overview. */
export async function verbHelp(verb: Verb, summary: string, styled: boolean): Promise<string> {
  const command = defineCommand<ArgsDef>({
    meta: { name: `cromwell ${verb.name}`, description: summary },
    args: verb.args,
  });
  return finish(await renderUsage(command), verb.examples, styled);
}

function finish(usage: string, examples: readonly string[], styled: boolean): string {
  const lines = examples.map((example) => `  ${invocation(example)}`);
  // A value that may be left out is shown with its sign: --watch[=port].
  const shown = usage.trimEnd().replaceAll(/=<\[([\w-]+)\]>/g, "[=$1]");
  const text = `${shown}\n\nEXAMPLES\n\n${lines.join("\n")}\n`;
  return styled ? text : Bun.stripANSI(text).replace(/ +$/gm, "");
}

/** An example stands as it is where it shows a pipe into cromwell. */
function invocation(example: string): string {
  return example.includes("cromwell ") ? example : `cromwell ${example}`;
}
