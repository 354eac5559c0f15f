// Reads a command line: --name and --name=value are options, all else is a file.

export interface CommandLine {
  readonly options: Record<string, string | boolean>;
  readonly files: string[];
}

export function parseArguments(words: readonly string[]): CommandLine {
  const options: Record<string, string | boolean> = {};
  const files: string[] = [];
  for (const word of words) {
    if (!word.startsWith("--")) {
      files.push(word);
      continue;
    }
    const [name = "", value] = word.slice(2).split("=", 2);
    options[name] = value ?? true;
  }
  return { options, files };
}

export function isSet(line: CommandLine, name: string): boolean {
  return line.options[name] === true || line.options[name] === "yes";
}
