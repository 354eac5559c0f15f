// Bundles src/main.ts into one executable; run by bun, called by build.mjs. Arguments: the kernel
// library to embed, the executable to write, and bun's name of the target where it is not this machine.

import { build } from "bun";

const [kernels, outfile, target] = process.argv.slice(2);
if (kernels === undefined || outfile === undefined) {
  throw new Error("usage: compile.ts KERNELS OUTFILE [TARGET]");
}

const result = await build({
  entrypoints: ["src/main.ts"],
  minify: process.env.CROMWELL_BUILD_MINIFY === "1",
  bytecode: process.env.CROMWELL_BUILD_BYTECODE === "1",
  compile: {
    outfile,
    ...(target === undefined ? {} : { target: target as Bun.Build.CompileTarget }),
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
  ],
});
for (const message of result.logs) console.error(message);
if (!result.success) process.exit(1);
