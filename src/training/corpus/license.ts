// Recognises licences: by an SPDX tag, or by sentences that only the one text has. A text of several
// licences is all of them; one that none of this fits is not recognised, which allows nothing.

/** As much of a text as can be a licence: the longest common one has 35 KB. */
export const licenseCharactersMax: number = 64 * 1024;

/** As much of a source as its header can take. */
const headerCharactersMax = 4000;

/** What the normalised text holds, and the licence that says so. */
interface Mark {
  readonly license: string;
  readonly all: readonly string[];
  /** What makes it another licence. */
  readonly none?: readonly string[];
}

const bsd = "redistribution and use in source and binary forms";
/** With "and/or distribute", as it is now, or with "and distribute". */
const isc = "distribute this software for any purpose with or without fee is hereby granted";
const retained =
  "provided that the above copyright notice and this permission notice appear in all";
const granted =
  "permission is hereby granted free of charge to any person obtaining a copy of this";
/** The GNU licences' own texts begin so; they also show how a source names them. */
const gnuText = "everyone is permitted to copy and distribute verbatim copies";
const lesser = "general public license applies to some specially designated";
const included = "the above copyright notice and this permission notice";

const marks: readonly Mark[] = [
  {
    license: "MIT",
    all: [granted, included],
    none: ["shall be used for good", "except as contained in this notice the name"],
  },
  { license: "MIT-0", all: [granted], none: [included, "university of illinois"] },
  { license: "X11", all: [granted, included, "except as contained in this notice the name"] },
  { license: "JSON", all: ["the software shall be used for good not evil"] },
  { license: "Apache-2.0", all: ["apache license version 2 0"] },
  { license: "Apache-2.0", all: ["licensed under the apache license version 2 0"] },
  { license: "BSD-4-Clause", all: [bsd, "all advertising materials mentioning features"] },
  { license: "BSD-3-Clause", all: [bsd, "neither the name"], none: ["all advertising materials"] },
  {
    license: "BSD-2-Clause",
    all: [bsd, "redistributions in binary form must reproduce"],
    none: [
      "neither the name",
      "all advertising materials",
      "the names of the contributors may not",
    ],
  },
  { license: "ISC", all: [isc, retained] },
  { license: "0BSD", all: [isc], none: [retained] },
  { license: "Zlib", all: ["the origin of this software must not be misrepresented"] },
  { license: "BSL-1.0", all: ["boost software license version 1 0"] },
  {
    license: "Unlicense",
    all: ["this is free and unencumbered software released into the public"],
  },
  { license: "CC0-1.0", all: ["cc0 1 0 universal"] },
  { license: "PSF-2.0", all: ["python software foundation license version 2"] },
  { license: "WTFPL", all: ["do what the fuck you want to public license"] },
  { license: "NCSA", all: ["university of illinois ncsa open source license"] },
  { license: "UPL-1.0", all: ["universal permissive license upl version 1 0"] },
  { license: "BlueOak-1.0.0", all: ["blue oak model license version 1 0 0"] },
  { license: "AGPL-3.0-only", all: ["the gnu affero general public license is a free copyleft"] },
  {
    license: "AGPL-3.0-or-later",
    all: ["under the terms of the gnu affero general public license"],
  },
  { license: "GPL-3.0-only", all: ["the gnu general public license is a free copyleft license"] },
  {
    license: "GPL-2.0-only",
    all: ["the licenses for most software are designed to take away"],
    none: [lesser],
  },
  {
    license: "GPL-2.0-or-later",
    all: ["under the terms of the gnu general public license"],
    none: [gnuText],
  },
  { license: "LGPL-3.0-only", all: ["this version of the gnu lesser general public license"] },
  {
    license: "LGPL-2.1-only",
    all: ["gnu lesser general public license version 2 1 february 1999"],
  },
  {
    license: "LGPL-2.1-or-later",
    all: ["under the terms of the gnu lesser general public license"],
    none: [gnuText],
  },
  {
    license: "LGPL-2.0-or-later",
    all: ["under the terms of the gnu library general public license"],
    none: [gnuText],
  },
  {
    license: "LGPL-2.0-only",
    all: ["gnu library general public license version 2 june 1991"],
  },
  { license: "MPL-2.0", all: ["mozilla public license version 2 0"] },
  { license: "MPL-2.0", all: ["subject to the terms of the mozilla public license v 2 0"] },
  { license: "EPL-2.0", all: ["eclipse public license v 2 0"] },
  { license: "EPL-1.0", all: ["eclipse public license v 1 0"] },
  { license: "CDDL-1.0", all: ["common development and distribution license"] },
  { license: "EUPL-1.2", all: ["european union public licence v 1 2"] },
  { license: "SSPL-1.0", all: ["server side public license"] },
  { license: "BUSL-1.1", all: ["business source license 1 1"] },
  { license: "Elastic-2.0", all: ["elastic license 2 0"] },
  { license: "CC-BY-SA-4.0", all: ["attribution sharealike 4 0 international"] },
  { license: "CC-BY-4.0", all: ["attribution 4 0 international"] },
  { license: "LicenseRef-Commons-Clause", all: ["commons clause"] },
  { license: "LicenseRef-Noncommercial", all: ["for non commercial"], none: [gnuText] },
  { license: "LicenseRef-Noncommercial", all: ["noncommercial"], none: [gnuText] },
];

const tag = /SPDX-License-Identifier:[ \t]*([\w.+() -]{1,200})/g;

/** The licences of a licence file's text as an SPDX expression; undefined where none is known. */
export function recogniseLicense(text: string): string | undefined {
  const beginning = text.slice(0, licenseCharactersMax);
  return joined([...tagged(beginning), ...recognised(beginning)]);
}

/** The licence that a source's own header names: its tags, else what its sentences say. */
export function headerLicense(source: string): string | undefined {
  const header = source.slice(0, headerCharactersMax);
  // Most sources name none: looking for one word first is much faster.
  if (!/licen[cs]e|permission|redistribution/i.test(header)) return undefined;
  const tags = tagged(header);
  if (tags.length > 0) return joined(tags);
  return joined(recognised(header.replace(/^[ \t]*(?:\/\/+|#+|\*+|--|;+|%+)/gm, " ")));
}

function tagged(text: string): string[] {
  return Array.from(text.matchAll(tag), ([, expression]) => expression!.trim());
}

function recognised(text: string): string[] {
  const normal = text.toLowerCase().replace(/[^a-z0-9]+/g, " ");
  const has = (sentence: string) => normal.includes(sentence);
  const found = marks.filter(({ all, none = [] }) => all.every(has) && !none.some(has));
  return found.map(({ license }) => license);
}

/** All of them together, each once. */
function joined(licenses: readonly string[]): string | undefined {
  const [first, ...rest] = [...new Set(licenses)];
  if (first === undefined || rest.length === 0) return first;
  const within = (one: string) => (/\s/.test(one) && !/^\([^()]*\)$/.test(one) ? `(${one})` : one);
  return [first, ...rest].map(within).join(" AND ");
}

/** What a field of a data set says: an identifier or a list of those that apply. */
export function licenseField(value: unknown): string | undefined {
  const listed = Array.isArray(value) ? value : [value];
  const names = listed.filter((name): name is string => typeof name === "string" && name !== "");
  if (names.length === 0 || names.length < listed.length) return undefined;
  return names.length === 1 ? names[0] : names.map((name) => `(${name})`).join(" AND ");
}
