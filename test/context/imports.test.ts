// What an import means among the files of a project, in each language.

import { expect, test } from "bun:test";
import { ImportResolver } from "../../src/context/imports.ts";

const resolver = new ImportResolver([
  "app/__init__.py",
  "app/models/user.py",
  "app/models/__init__.py",
  "app/views.py",
  "tools/json.py",
  "web/src/index.ts",
  "web/src/components/Button.tsx",
  "web/src/components/index.ts",
  "web/src/api/client.ts",
  "web/src/api/client.test.ts",
  "web/src/legacy.js",
  "cmd/main.go",
  "internal/store/store.go",
  "internal/store/store_test.go",
  "core/src/lib.rs",
  "core/src/parse/mod.rs",
  "core/src/parse/token.rs",
  "java/src/main/java/org/acme/Stack.java",
  "java/src/main/java/org/acme/App.java",
  "native/include/stack.h",
  "native/src/stack.h",
  "native/src/stack.c",
  "native/src/main.c",
]);

const cases: [from: string, module: string, names: string[], expected: string[]][] = [
  ["app/views.py", "app.models.user", ["User"], ["app/models/user.py"]],
  ["app/views.py", ".models", ["user"], ["app/models/__init__.py", "app/models/user.py"]],
  ["app/models/user.py", "..views", ["show"], ["app/views.py"]],
  ["app/models/user.py", ".", ["helper"], ["app/models/__init__.py"]],
  ["app/views.py", "json", [], []],
  ["app/views.py", "os.path", ["join"], []],
  [
    "web/src/index.ts",
    "./components",
    ["Button"],
    ["web/src/components/index.ts", "web/src/components/Button.tsx"],
  ],
  ["web/src/index.ts", "./components/Button.js", [], ["web/src/components/Button.tsx"]],
  ["web/src/components/Button.tsx", "../api/client.ts", ["get"], ["web/src/api/client.ts"]],
  ["web/src/components/Button.tsx", "@/api/client", ["get"], ["web/src/api/client.ts"]],
  ["web/src/index.ts", "./legacy.js", [], ["web/src/legacy.js"]],
  ["web/src/index.ts", "react", ["useState"], []],
  ["cmd/main.go", "github.com/acme/app/internal/store", [], ["internal/store/store.go"]],
  ["cmd/main.go", "fmt", [], []],
  ["core/src/lib.rs", "crate::parse::token", ["Token"], ["core/src/parse/token.rs"]],
  ["core/src/lib.rs", "crate::parse", ["Parser"], ["core/src/parse/mod.rs"]],
  [
    "java/src/main/java/org/acme/App.java",
    "org.acme.Stack",
    [],
    ["java/src/main/java/org/acme/Stack.java"],
  ],
  ["native/src/main.c", '"stack.h"', [], ["native/src/stack.h", "native/src/stack.c"]],
  ["native/src/main.c", "<stdio.h>", [], []],
];

test.each(cases)("%s imports %s %j", (from, module, names, expected) => {
  expect(resolver.resolve(from, module, names)).toEqual(expected);
});

test("a path that leaves the project means nothing", () => {
  expect(resolver.resolve("web/src/index.ts", "../../../../../etc/passwd")).toEqual([]);
});
