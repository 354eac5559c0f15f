import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { RepositoryTests } from "../../../src/training/edits/repository-tests.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function testsOf(files: Record<string, string>): Promise<RepositoryTests> {
  const root = mkdtempSync(join(tmpdir(), "tests-test-"));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return await RepositoryTests.read(root, ["python", "typescript", "javascript"]);
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
