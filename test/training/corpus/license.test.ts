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
    ["You may look at this.", undefined],
    ["", undefined],
  ])("%p", (text, license) => {
    expect(recogniseLicense(text)).toBe(license);
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
