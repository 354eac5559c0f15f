// Runs the kernels' own tests for another processor under qemu's user mode, where it is installed.

import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root, stream, tool } from "./project.mjs";
import { targets } from "./targets.mjs";

/** qemu for an architecture and the prefix of its C library, or what is missing here. */
export function emulatorOf(architecture) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const names = [`qemu-${architecture}`, `qemu-${architecture}-static`];
  const program = folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
  if (program === undefined) return { missing: `no ${names[0]} (package qemu-user-static)` };
  const libraries = `/usr/${architecture}-linux-gnu`;
  if (!existsSync(libraries)) return { missing: `no ${libraries} (package libc6-arm64-cross)` };
  return { program, libraries };
}

/** zig looks for qemu under its plain name, whatever the system calls it. */
export async function testArm64({ program, libraries }) {
  const folder = join(root, ".zig-cache", "emulators");
  const link = join(folder, "qemu-aarch64");
  mkdirSync(folder, { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(program, link);
  const runtimes = join(libraries, "..");
  const target = `-Dtarget=${targets["linux-arm64"].zig}`;
  const args = [
    "build",
    "test",
    target,
    "-fqemu",
    "--glibc-runtimes",
    runtimes,
    "--summary",
    "all",
  ];
  const { code } = await stream(tool("zig"), args, {
    PATH: `${folder}${delimiter}${process.env.PATH}`,
  });
  return code === 0 ? [] : [`zig ${args.join(" ")}: exit code ${code}`];
}
