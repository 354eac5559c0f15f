import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { EditLanguage } from "../../../src/training/edits/kind.ts";
import { RepositoryNames } from "../../../src/training/edits/repositories.ts";
import { RepositoryTests } from "../../../src/training/edits/repository-tests.ts";
import { SourceFiles } from "../../../src/training/edits/source-files.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const languages: EditLanguage[] = ["python", "typescript", "javascript"];

async function testsOf(
  files: Record<string, string>,
  links: Record<string, string> = {},
): Promise<RepositoryTests> {
  const root = mkdtempSync(join(tmpdir(), "tests-test-"));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path));
  const except = new RepositoryNames(["hono"]);
  const options = { languages, except, license: undefined, seed: 1, onDrop: () => {} };
  const sources = await SourceFiles.list({ name: "text", root }, options);
  return await RepositoryTests.read(sources.tests());
}

test("tests that call a function and need nothing else are found, the shortest first, at the margin", async () => {
  const found = await testsOf({
    "tests/test_text.py":
      "from text import trim, OTHER\n\ndef test_trim_inner():\n    assert trim(' a ') == 'a'\n    assert trim('a b') == 'a b'\n\ndef test_trim():\n    assert trim(' ') == ''\n\ndef test_other():\n    assert trim(OTHER) == ''\n\ndef test_fixture(value):\n    assert trim(value)\n",
    "src/text.test.ts":
      'import { trim } from "./text";\n\ndescribe("trim", () => {\n  it("takes spaces away", () => {\n    expect(trim(" a ")).toBe("a");\n  });\n});\n',
    "src/text.py": "def test_me():\n    return trim('')\n",
  });
  expect(found.testsOf("trim", "python").map(({ title }) => title)).toEqual([
    "test_trim",
    "test_trim_inner",
  ]);
  expect(found.testsOf("trim", "typescript")).toEqual([
    {
      title: "takes spaces away",
      text: 'it("takes spaces away", () => {\n  expect(trim(" a ")).toBe("a");\n});',
    },
  ]);
  expect(found.testsOf("trim", "javascript")).toEqual([]);
  expect(found.testsOf("missing", "python")).toEqual([]);
});

test("a method that needs no object is a test by itself", async () => {
  const found = await testsOf({
    "tests/test_text.py":
      "class TestTrim:\n    value = ' '\n\n    def test_trim(self):\n        assert trim(' ') == ''\n\n    def test_value(self):\n        assert trim(self.value) == ''\n\n    @skip\n    def test_marked(self):\n        assert trim('') == ''\n\n    def test_lines(self):\n        assert trim(\"\"\"a\n        b\"\"\")\n\n    async def test_later(self):\n        assert trim('')\n",
    "tests/test_set_up.py":
      "class TestTrim:\n    def setup_method(self):\n        start()\n\n    def test_started(self):\n        assert trim('b') == 'b'\n",
  });
  expect(found.testsOf("trim", "python")).toEqual([
    { title: "test_trim", text: "def test_trim():\n    assert trim(' ') == ''" },
  ]);
});

test("a method of the same name, a long test and a name that stands everywhere are none", async () => {
  const long = `test("long", () => {\n${"  expect(cut(1)).toBe(1);\n".repeat(20)}});\n`;
  const files = Object.fromEntries(
    [1, 2, 3, 4, 5].map((at) => [
      `test/${at}.test.js`,
      'test("x", () => {\n  expect(get(1)).toBe(1);\n});\n',
    ]),
  );
  const found = await testsOf({
    ...files,
    "test/cut.test.js": `${long}test("other", () => {\n  expect("a".cut(1)).toBe(1);\n});\n`,
  });
  expect(found.testsOf("cut", "javascript")).toEqual([]);
  expect(found.testsOf("get", "javascript")).toEqual([]);
});

test("links, copies of other code and what is not permissive are not taken for tests", async () => {
  const one = (name: string) => `def test_${name}():\n    assert ${name}(1) == 1\n`;
  const found = await testsOf(
    {
      "tests/test_own.py": one("own"),
      "vendor/other/tests/test_copied.py": one("copied"),
      "hono/tests/test_reserved.py": one("reserved"),
      "tests/test_copyleft.py": `# SPDX-License-Identifier: GPL-3.0-only\n${one("copyleft")}`,
      "tests/test_generated.py": `# @generated\n${one("generated")}`,
    },
    { "tests/test_endless.py": "/dev/zero" },
  );
  const names = ["own", "copied", "reserved", "copyleft", "generated"];
  expect(names.filter((name) => found.testsOf(name, "python").length > 0)).toEqual(["own"]);
});
