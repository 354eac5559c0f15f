// Gets packages of a list: each archive is checked against its SHA-256, and its sources are copied up to a
// size, so that no package rules. Needs npm, tar, and python3 with pip.

import { isUtf8 } from "node:buffer";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Paths that no model learns from: what is copied from elsewhere, or kept for judging models. */
export const leftOut =
  /(^|\/)(_?vendor(ed)?|third_party|thirdparty|node_modules|locale|testdata|fixtures|externals?)\/|networkx|jinja2|fsspec|tinygrad|(^|\/)hono(\/|$)|human_?eval|mbpp|quixbugs|exercism|canitedit/i;

/** The rows of a list with tabs, as objects by the names of its first line. */
export function readPackages(path) {
  const [head, ...rows] = readFileSync(path, "utf8").trim().split("\n");
  const names = head.split("\t");
  return rows.map((row) => {
    const fields = row.split("\t");
    return Object.fromEntries(names.map((name, at) => [name, fields[at]]));
  });
}

/**
 * Copies the sources of a package to a folder, unless that is there: files whose path `isSource`, up to
 * `bytesMax` together.
 */
export function fetchPackage({ registry, name, version, sha256 }, folder, { isSource, bytesMax }) {
  if (existsSync(folder)) return;
  const work = mkdtempSync(join(tmpdir(), "package-"));
  try {
    const archive = download(registry, name, version, work);
    const actual = createHash("sha256").update(readFileSync(archive)).digest("hex");
    if (actual !== sha256) throw new Error(`${name} ${version}: SHA-256 is ${actual}`);
    const unpacked = join(work, "unpacked");
    unpack(registry, archive, unpacked);
    const sources = join(work, "sources");
    copySources(unpacked, sources, isSource, bytesMax);
    mkdirSync(dirname(folder), { recursive: true });
    cpSync(sources, folder, { recursive: true });
    console.log(`${name} ${version}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function download(registry, name, version, work) {
  if (registry === "npm") run("npm", ["pack", "--silent", `${name}@${version}`], work);
  else {
    const options = ["--quiet", "--no-deps", "--only-binary=:all:"];
    run("python3", ["-m", "pip", "download", ...options, `${name}==${version}`], work);
  }
  return join(work, readdirSync(work)[0]);
}

function unpack(registry, archive, folder) {
  mkdirSync(folder);
  if (registry === "npm") run("tar", ["-xzf", archive, "-C", folder], folder);
  else run("python3", ["-m", "zipfile", "-e", archive, folder], folder);
}

/** Files in an order that a hash of their names gives, so that what is taken is spread over a package. */
function copySources(from, to, isSource, bytesMax) {
  const order = (name) => createHash("sha256").update(name).digest("hex");
  const names = readdirSync(from, { recursive: true })
    .filter((name) => isSource(name))
    .filter((name) => statSync(join(from, name)).isFile())
    .sort((a, b) => (order(a) < order(b) ? -1 : 1));
  let bytes = 0;
  for (const name of names) {
    const { size } = statSync(join(from, name));
    if (size < 200 || size > 200_000 || bytes + size > bytesMax) continue;
    const contents = readFileSync(join(from, name));
    if (!isUtf8(contents)) continue;
    bytes += size;
    mkdirSync(dirname(join(to, name)), { recursive: true });
    writeFileSync(join(to, name), contents);
  }
}

function run(command, args, cwd) {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}
