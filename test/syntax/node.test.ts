// The nodes that a rewriter walks: places in UTF-16 units, fields, and the whole text in order.

import { expect, test } from "bun:test";
import { languageById } from "../../src/syntax/languages.ts";
import { descendants } from "../../src/syntax/node.ts";
import { loadSyntax } from "../../src/syntax/syntax.ts";

const text = '# 🙂 ü\ndef greet(name, *, loud=False):\n    return "hi " + name  # done\n';

test("nodes say their place, text, fields and parents", async () => {
  const syntax = (await loadSyntax(languageById("python")!))!;
  const tree = syntax.parse(text);
  const { root } = tree;
  expect(root.type).toBe("module");
  expect(root.parent).toBeNull();
  expect(root).toBe(tree.root);
  const definition = root.named.find(({ type }) => type === "function_definition")!;
  expect(definition.parent).toBe(root);
  expect(definition.field("name")!.text).toBe("greet");
  expect(definition.field("name")!.parent).toBe(definition);
  expect(definition.field("return_type")).toBeNull();
  expect(definition.from).toBe(text.indexOf("def"));
  expect(definition.children[0]!).toMatchObject({ type: "def", isNamed: false });
  for (const node of descendants(root)) {
    expect(node.text).toBe(text.slice(node.from, node.to));
    for (const child of node.children) {
      expect(child.from).toBeGreaterThanOrEqual(node.from);
      expect(child.to).toBeLessThanOrEqual(node.to);
    }
    expect(node.named).toEqual(node.children.filter(({ isNamed }) => isNamed));
  }
  tree.close();
});

test("a deep tree is walked in the time of a flat one, in the order of the text", async () => {
  const syntax = (await loadSyntax(languageById("python")!))!;
  const names = Array.from({ length: 10_000 }, (_, at) => `a${at}`);
  const tree = syntax.parse(names.join("+"));
  const { root } = tree;
  const started = performance.now();
  const walked = [...descendants(root)].filter(({ type }) => type === "identifier");
  expect(performance.now() - started).toBeLessThan(5000);
  expect(walked.map(({ text: name }) => name)).toEqual(names);
  tree.close();
});
