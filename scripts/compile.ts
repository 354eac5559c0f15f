// Bundles src/main.ts into one executable; run by bun, called by build.mjs with one argument: what to
// build, as JSON.

import { readFile } from "node:fs/promises";
import { build } from "bun";

interface Request {
  /** The kernel library to embed. */
  readonly kernels: string;
  /** The executable to write. */
  readonly outfile: string;
  /** Bun's name of the target, where it is not this machine. */
  readonly target?: Bun.Build.CompileTarget;
  /** Makes each import() a file of its own inside the executable. */
  readonly splitting: boolean;
  readonly minify: boolean;
  readonly bytecode: boolean;
  /** A model will be appended: the program then misses it where it is not there. */
  readonly withModel?: boolean;
}

const request = JSON.parse(process.argv[2] ?? "{}") as Request;
const { kernels, outfile, target, splitting, minify, bytecode, withModel = false } = request;

const result = await build({
  entrypoints: ["src/main.ts"],
  format: "esm",
  splitting,
  minify,
  bytecode,
  ...(withModel ? { define: { BUILT_WITH_MODEL: "true" } } : {}),
  compile: {
    outfile,
    ...(target === undefined ? {} : { target }),
    // The folder that the executable is run in is not ours to trust.
    autoloadDotenv: false,
    autoloadBunfig: false,
    autoloadTsconfig: false,
    autoloadPackageJson: false,
  },
  plugins: [
    {
      name: "kernels of the target",
      setup(builder) {
        builder.onResolve({ filter: /\/cromwell-kernels$/ }, () => ({ path: kernels }));
      },
    },
    {
      // They shrink to a fourteenth (parse tables) and are read only when a text is parsed.
      name: "grammars compressed",
      setup(builder) {
        builder.onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({
          contents: Bun.zstdCompressSync(await readFile(path), { level: 9 }),
          loader: "file",
        }));
      },
    },
  ],
});
for (const message of result.logs) console.error(message);
if (!result.success) process.exit(1);
