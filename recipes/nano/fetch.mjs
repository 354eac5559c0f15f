// Gets the code that the nano model learns from: the packages of sources.tsv, each checked against its
// SHA-256, and of each the Python or TypeScript sources up to a size, so that no package rules.
// Needs npm, tar, and python3 with pip. Usage: node recipes/nano/fetch.mjs FOLDER

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
import { isUtf8 } from "node:buffer";

/** Bytes of one package that are taken, by registry. */
const bytesMax = { python: 800_000, npm: 2_000_000 };

/** What is copied from elsewhere, made by programs, or kept for judging models. */
const leftOut =
  /(^|\/)(_?vendor(ed)?|third_party|thirdparty|node_modules|locale|testdata|fixtures|externals?)\/|networkx|jinja2|fsspec|tinygrad|(^|\/)hono(\/|$)|human_?eval|mbpp|quixbugs|exercism|canitedit/i;

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error("usage: node recipes/nano/fetch.mjs FOLDER");

const [, ...rows] = readFileSync(join(import.meta.dirname, "sources.tsv"), "utf8").trim().split("\n");
for (const row of rows) {
  const [registry, name, version, , split, sha256] = row.split("\t");
  const folder = join(target, split, registry, name.replace("/", "__"));
  if (existsSync(folder)) continue;
  const work = mkdtempSync(join(tmpdir(), "nano-"));
  try {
    const archive = download(registry, name, version, work);
    const actual = createHash("sha256").update(readFileSync(archive)).digest("hex");
    if (actual !== sha256) throw new Error(`${name} ${version}: SHA-256 is ${actual}`);
    const unpacked = join(work, "unpacked");
    unpack(registry, archive, unpacked);
    copySources(registry, unpacked, join(work, "sources"));
    mkdirSync(dirname(folder), { recursive: true });
    cpSync(join(work, "sources"), folder, { recursive: true });
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
function copySources(registry, from, to) {
  const isSource = registry === "npm" ? /(?<!\.d)\.(ts|tsx|mts)$/ : /\.py$/;
  const order = (name) => createHash("sha256").update(name).digest("hex");
  const names = readdirSync(from, { recursive: true })
    .filter((name) => isSource.test(name) && !leftOut.test(name))
    .filter((name) => statSync(join(from, name)).isFile())
    .sort((a, b) => (order(a) < order(b) ? -1 : 1));
  let bytes = 0;
  for (const name of names) {
    const { size } = statSync(join(from, name));
    if (size < 200 || size > 200_000 || bytes + size > bytesMax[registry]) continue;
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
