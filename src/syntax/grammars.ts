// The grammars, one WebAssembly file each, embedded in the executable. Only their paths are loaded
// here: a grammar is read when a text of its language is parsed.

import toml from "@tree-sitter-grammars/tree-sitter-toml/tree-sitter-toml.wasm" with {
  type: "file",
};
import yaml from "@tree-sitter-grammars/tree-sitter-yaml/tree-sitter-yaml.wasm" with {
  type: "file",
};
import bash from "@vscode/tree-sitter-wasm/wasm/tree-sitter-bash.wasm" with { type: "file" };
import csharp from "@vscode/tree-sitter-wasm/wasm/tree-sitter-c-sharp.wasm" with { type: "file" };
import cpp from "@vscode/tree-sitter-wasm/wasm/tree-sitter-cpp.wasm" with { type: "file" };
import css from "@vscode/tree-sitter-wasm/wasm/tree-sitter-css.wasm" with { type: "file" };
import go from "@vscode/tree-sitter-wasm/wasm/tree-sitter-go.wasm" with { type: "file" };
import java from "@vscode/tree-sitter-wasm/wasm/tree-sitter-java.wasm" with { type: "file" };
import javascript from "@vscode/tree-sitter-wasm/wasm/tree-sitter-javascript.wasm" with {
  type: "file",
};
import php from "@vscode/tree-sitter-wasm/wasm/tree-sitter-php.wasm" with { type: "file" };
import python from "@vscode/tree-sitter-wasm/wasm/tree-sitter-python.wasm" with { type: "file" };
import ruby from "@vscode/tree-sitter-wasm/wasm/tree-sitter-ruby.wasm" with { type: "file" };
import rust from "@vscode/tree-sitter-wasm/wasm/tree-sitter-rust.wasm" with { type: "file" };
import tsx from "@vscode/tree-sitter-wasm/wasm/tree-sitter-tsx.wasm" with { type: "file" };
import typescript from "@vscode/tree-sitter-wasm/wasm/tree-sitter-typescript.wasm" with {
  type: "file",
};
import c from "tree-sitter-c/tree-sitter-c.wasm" with { type: "file" };
import html from "tree-sitter-html/tree-sitter-html.wasm" with { type: "file" };
import json from "tree-sitter-json/tree-sitter-json.wasm" with { type: "file" };
import engine from "web-tree-sitter/web-tree-sitter.wasm" with { type: "file" };

/** The parser itself. */
export const enginePath = engine;

/** Paths by the language's id. */
export const grammarPaths: Readonly<Record<string, string>> = {
  python,
  typescript,
  tsx,
  javascript,
  json,
  go,
  rust,
  java,
  c,
  cpp,
  csharp,
  ruby,
  php,
  bash,
  html,
  css,
  yaml,
  toml,
};
