// Licences as the packages of this project carry them, beside what each says it is under; headers, and
// expressions of several.

import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  headerLicense,
  licenseField,
  recogniseLicense,
} from "../../../src/training/corpus/license.ts";
import { isAllowed, permissiveLicenses } from "../../../src/training/corpus/spdx.ts";

const modules = join(import.meta.dir, "../../../node_modules");

/** Folders of installed packages that bring a licence file. */
function* packages() {
  const names = readdirSync(modules).filter((name) => !name.startsWith("."));
  const scoped = names.flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((one) => join(name, one)) : [name],
  );
  for (const name of scoped) {
    const folder = join(modules, name);
    if (!existsSync(join(folder, "package.json"))) continue;
    const { license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    if (typeof license !== "string" || file === undefined) continue;
    yield { name, license, text: readFileSync(join(folder, file), "utf8") };
  }
}

test("the licence files of installed packages are what their package.json says", () => {
  const found = [...packages()];
  expect(found.length).toBeGreaterThan(5);
  const wrong = found.filter(({ license, text }) => {
    const recognised = recogniseLicense(text)?.split(" AND ") ?? [];
    return !recognised.every((one) => license.includes(one)) || recognised.length === 0;
  });
  expect(wrong.map(({ name, text }) => [name, recogniseLicense(text)])).toEqual([]);
});

const unknown = "LicenseRef-unknown";
const permission =
  "Permission is hereby granted, free of charge, to any person obtaining a copy of this";
const notice =
  "The above copyright notice and this permission notice shall be included in all copies";
const isc =
  "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee";
const bsd = "Redistribution and use in source and binary forms, with or without modification,";
const binary = "Redistributions in binary form must reproduce the above";

describe("sentences that tell licences apart", () => {
  test.each([
    [`${permission}\n * software\n${notice}`, "MIT"],
    [`${permission} software`, "MIT-0"],
    [`${permission} ${notice}. The Software shall be used for Good, not Evil.`, "JSON"],
    [`${bsd} ${binary}`, "BSD-2-Clause"],
    [`${bsd} ${binary} Neither the name of`, "BSD-3-Clause"],
    [`${bsd} ${binary} All advertising materials mentioning features`, "BSD-4-Clause"],
    [
      `${isc} is hereby granted, provided that the above copyright notice and this permission
      notice appear in all copies.`,
      "ISC",
    ],
    [`${isc} is hereby granted.`, "0BSD"],
    ["Apache License\n   Version 2.0, January 2004", "Apache-2.0"],
    ["The GNU General Public License is a free, copyleft license for", "GPL-3.0-only"],
    ["The licenses for most software are designed to take away your", "GPL-2.0-only"],
    [
      `${permission} ${notice}\n"Commons Clause" License Condition`,
      "MIT AND LicenseRef-Commons-Clause",
    ],
    [
      "The GNU General Public License is a free, copyleft license for\nSPDX-License-Identifier: MIT",
      "MIT AND GPL-3.0-only",
    ],
    ["SPDX-License-Identifier: MIT OR ISC\nSPDX-License-Identifier: Zlib", "(MIT OR ISC) AND Zlib"],
    [
      "Permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted.",
      "0BSD",
    ],
    ["SPDX-License-Identifier: MIT/GPL-2.0", unknown],
    ["<!-- SPDX-License-Identifier: MIT -->", "MIT"],
    ["You may look at this.", undefined],
    ["", undefined],
  ])("%p", (text, license) => {
    expect(recogniseLicense(text)).toBe(license);
  });
});

const apache = "Apache License\nVersion 2.0, January 2004\n";

describe("a text that says more than its licence is not known to allow anything", () => {
  test.each([
    [
      "conditions of its own",
      `A modified ${apache} with the following additional conditions: pay.`,
      "Apache-2.0",
    ],
    ["no selling", `${permission} ${notice}. It may not be used for commercial purposes.`, "MIT"],
    [
      "what is written in other letters",
      `${permission} ${notice} ${"禁止用于商业用途".repeat(10)}`,
      "MIT",
    ],
    ["no selling, in other words", `${permission} ${notice}. You may not sell it.`, "MIT"],
    [
      "parts of it alone",
      "GPL-3.0. Parts are under the Apache License, Version 2.0.",
      "Apache-2.0",
    ],
    [
      "much that nobody recognises",
      `${permission} ${notice} ${"You shall do no harm. ".repeat(90)}`,
      "MIT",
    ],
    [
      "a notice, and then much",
      `Licensed under the ${apache} ${"and do as I say ".repeat(90)}`,
      "Apache-2.0",
    ],
    [
      "much behind a tag",
      `SPDX-License-Identifier: ISC\n${"You shall do no harm. ".repeat(50)}`,
      "ISC",
    ],
  ])("%s", (_, text, license) => {
    expect(recogniseLicense(text)).toBe(`${license} AND ${unknown}`);
  });

  test("many holders of its copyright are not more", () => {
    const holders = "Copyright (c) 2020 Somebody of the contributors\n".repeat(60);
    expect(recogniseLicense(`${holders}${permission} ${notice}`)).toBe("MIT");
  });
});

test("texts that were made to take long do not", () => {
  const tag = "SPDX-License-Identifier: MIT ";
  for (const piece of [
    "\n",
    " ",
    "\t\n",
    "(",
    "//",
    "/*",
    "copyright",
    "\ncopyright ",
    "gnu ",
    tag,
  ]) {
    const text = `${tag}\n${piece.repeat(200_000)}`;
    const start = performance.now();
    recogniseLicense(text);
    headerLicense(piece.repeat(200_000) + tag);
    expect([piece, performance.now() - start < 500]).toEqual([piece, true]);
  }
});

describe("a header that forbids is heard, however it says so", () => {
  test.each([
    ["# under the terms and conditions of the GNU General Public License", unknown],
    ["/* under the terms of version 2 of the GNU General Public License */", unknown],
    ["// License: GPLv3", unknown],
    ["# Distributed under the GNU GPL", unknown],
    ["# Proprietary and confidential", unknown],
    ["// Released under MPL 2.0", unknown],
    ["# Licensed under CC BY-NC", unknown],
    ["# SPDX-License-Identifier: MIT\n# Not for commercial use.", `MIT AND ${unknown}`],
    ["# SPDX-License-Identifier: MIT/GPL-2.0", unknown],
    ["# SPDX-License-Identifier: see below", unknown],
    ["# Licensed under GPLv3\nT = 'SPDX-License-Identifier: MIT'\n", unknown],
    [
      "# SPDX-License-Identifier: MIT\n# under the terms of the GNU General Public License",
      "MIT AND GPL-2.0-or-later",
    ],
    ["x = 1\n# SPDX-License-Identifier: GPL-2.0-only", "GPL-2.0-only"],
    ["/* SPDX-License-Identifier: MIT */ /* but parts are GPL */", `MIT AND ${unknown}`],
    [
      "/* SPDX-License-Identifier: MIT */ /* SPDX-License-Identifier: GPL-2.0 */",
      "MIT AND GPL-2.0",
    ],
    ["T = 'SPDX-License-Identifier: MIT'\n", unknown],
    ['#define T "SPDX-License-Identifier: MIT"\n', unknown],
    ["package x;\n/* Mozilla Public stuff, see license */", unknown],
  ])("%p", (text, license) => {
    expect(headerLicense(text)).toBe(license);
    expect(isAllowed(license, new Set(["mit"]))).toBe(false);
  });
});

describe("a permission is none where it is not said of the source", () => {
  test.each([
    "x = 1\n# SPDX-License-Identifier: MIT\n",
    `def mit():\n  return """${permission} ${notice}"""\n`,
    "// Reads a file, which must not be used before. License? None.\n",
  ])("%p", (text) => {
    expect(headerLicense(text)).toBeUndefined();
  });
});

describe("a source's own header", () => {
  test.each([
    ["# SPDX-License-Identifier: MIT OR Apache-2.0\nimport x\n", "MIT OR Apache-2.0"],
    [
      "/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) */",
      "(GPL-2.0 WITH Linux-syscall-note)",
    ],
    ["// Licensed under the Apache License,\n// Version 2.0 (the License)", "Apache-2.0"],
    [" * under the terms of the GNU General\n * Public License as", "GPL-2.0-or-later"],
    ["<!-- SPDX-License-Identifier: MIT -->\n<p>", "MIT"],
    ["/* SPDX-License-Identifier: ISC */ int x; /* more */", "ISC"],
    [
      "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n\n# SPDX-License-Identifier: Zlib\n",
      "Zlib",
    ],
    ['"""What it does.\n\nSPDX-License-Identifier: MIT\n"""\n', "MIT"],
    ["<?php\n/**\n * SPDX-License-Identifier: MIT\n */", "MIT"],
    ["#!/bin/sh\n# License: ask me\n", undefined],
    ["def license(): pass", undefined],
    [`${"x = 1\n".repeat(1000)}# SPDX-License-Identifier: MIT`, undefined],
  ])("%p", (text, license) => {
    expect(headerLicense(text)).toBe(license);
  });
});

describe("expressions", () => {
  const allowed = new Set(permissiveLicenses.map((one) => one.toLowerCase()));
  test.each([
    ["MIT", true],
    ["apache-2.0", true],
    ["GPL-3.0-only", false],
    ["GPL-3.0-only OR MIT", true],
    ["GPL-3.0-only AND MIT", false],
    ["MIT AND (GPL-2.0-only OR ISC)", true],
    ["(MIT OR GPL-2.0-only) AND GPL-3.0-only", false],
    ["Apache-2.0 WITH LLVM-exception", true],
    ["(MIT", false],
    ["MIT)", false],
    ["MIT ISC", false],
    ["MIT OR", false],
    ["MIT OR )", false],
    ["MIT/GPL-2.0", false],
    ["MIT WITH Commons-Clause", false],
    ["MIT WITH", false],
    ["OR MIT", false],
    ["", false],
    [`${"(".repeat(400)}MIT${")".repeat(400)}`, true],
    ["MIT OR ".repeat(1000), false],
  ])("%p: %p", (expression, expected) => {
    expect(isAllowed(expression, allowed)).toBe(expected);
  });

  test("of a data set's field", () => {
    expect(licenseField("mit")).toBe("mit");
    expect(licenseField(["MIT"])).toBe("MIT");
    expect(licenseField(["MIT", "GPL-3.0"])).toBe("(MIT) AND (GPL-3.0)");
    for (const none of [undefined, null, "", [], ["MIT", 7], {}, 7]) {
      expect(licenseField(none)).toBeUndefined();
    }
  });
});
