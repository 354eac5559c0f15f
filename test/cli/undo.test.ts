// `cromwell undo` as a user runs it: what it says, what it finds from where, its list.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { writeFiles } from "../../src/project/write.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { place } from "../project/place.ts";
import { cromwell } from "./streams.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();

function scene() {
  const at = place(folder);
  const env = { CROMWELL_HOME: `${at.journal}-home` };
  const journal = `${env.CROMWELL_HOME}/journal`;
  const write = (name: string, contents: string | null, label = "edit", cwd = at.path) =>
    writeFiles([{ path: at.file(name), contents }], { journal, label, folder: cwd });
  const run = (argv: string[], cwd = at.path) => cromwell(["undo", ...argv], { env, cwd });
  return { ...at, journal, write: write, put: at.write, run };
}

test("undoes the last write, then the one before, and says which file", async () => {
  const { put, write, run, read } = scene();
  put("main.py", "0");
  await write("main.py", "1");
  await write("main.py", "2");
  const first = await run([]);
  expect(first).toMatchObject({ code: 0, stdout: "" });
  expect(first.stderr).toBe("cromwell: main.py was restored, as before edit\n");
  expect(read("main.py")).toBe("1");
  expect((await run([])).code).toBe(0);
  expect(read("main.py")).toBe("0");
  const none = await run([]);
  expect(none).toMatchObject({ code: 1, stderr: "cromwell: no write is on record\n" });
});

test("undo FILE, --json", async () => {
  const { put, write, run, read, file, all } = scene();
  put("a", "a0");
  await write("a", "a1");
  await write("new", "made");
  const { code, stdout } = await run(["a", "--json"]);
  expect(code).toBe(0);
  const { label, time, files } = JSON.parse(stdout);
  expect([label, files]).toEqual(["edit", [{ path: file("a"), action: "restored" }]]);
  expect(Math.abs(Date.now() - Date.parse(time))).toBeLessThan(60_000);
  expect(read("a")).toBe("a0");
  expect((await run(["new"])).stderr).toBe("cromwell: new was removed, as before edit\n");
  expect(Object.keys(all())).toEqual(["a"]);
  const wrong = await run(["a", "--json"]);
  expect(wrong.code).toBe(1);
  expect(JSON.parse(wrong.stdout).error).toMatchObject({ code: "input" });
});

test("a damaged entry of the journal stops neither the undo of others nor the list", async () => {
  const { put, write, run, read, journal } = scene();
  put("a", "a0");
  await write("a", "a1");
  writeFileSync(`${journal}/9999999999999999-0123456789ab.done`, "garbage\n");
  const list = await run(["--list"]);
  expect(list).toMatchObject({ code: 0, stdout: expect.stringContaining("edit  a\n") });
  expect(list.stderr).toEndWith("a damaged entry of the undo journal, is left out\n");
  const { code, stderr } = await run([]);
  expect([code, read("a")]).toEqual([0, "a0"]);
  expect(stderr).toContain("a damaged entry of the undo journal, is left out\n");
});

test("a file that was changed since is named and left alone", async () => {
  const { put, write, run, read, file } = scene();
  put("a", "a0");
  await write("a", "a1");
  put("a", "mine");
  const { code, stderr } = await run([]);
  expect(code).toBe(1);
  expect(stderr).toContain(`${file("a")} changed after the write: nothing was undone`);
  expect(read("a")).toBe("mine");
});

describe("--list", () => {
  test("shows what would be undone, the next one first", async () => {
    const { put, write, run } = scene();
    put("gone", "x");
    await write("sub-new", "x", "apply fix.patch");
    await write("gone", null);
    const { code, stdout } = await run(["--list"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}edit {2}-gone\n\S+ \S+ {2}apply fix\.patch {2}\+sub-new\n$/,
    );
    const { writes } = JSON.parse((await run(["--list", "--json"])).stdout);
    expect(writes).toMatchObject([
      { label: "edit", cut: false, files: [{ change: "remove" }] },
      { label: "apply fix.patch", files: [{ change: "create" }] },
    ]);
    const ofFile = JSON.parse((await run(["gone", "--list", "--json"])).stdout);
    expect(ofFile.writes).toHaveLength(1);
  });

  test("is empty at first, and for another project", async () => {
    const { path, write, run } = scene();
    expect(await run(["--list"])).toMatchObject({ code: 0, stdout: "" });
    await write("a", "x");
    mkdirSync(`${path}-other`);
    expect((await run(["--list"], `${path}-other`)).stdout).toBe("");
    const { code, stderr } = await run([], `${path}-other`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/no write in .*-other is on record; the last one elsewhere was of /);
  });
});

test("without a home there is no journal", async () => {
  const { code, stderr } = await cromwell(["undo"], { env: {} });
  expect(code).toBe(1);
  expect(stderr).toContain("set CROMWELL_HOME or HOME");
});

test("doctor shows what the journal takes", async () => {
  const at = place(folder);
  const env = { CROMWELL_HOME: at.journal };
  const journal = `${at.journal}/journal`;
  await writeFiles([{ path: at.file("a"), contents: "x" }], { journal, label: "edit" });
  expect((await cromwell(["doctor"], { env })).stdout).toMatch(/^undo journal +1 writes, \d+ B$/m);
});
