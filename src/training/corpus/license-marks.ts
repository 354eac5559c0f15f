// The sentences by which licences are recognised, in lower case, and with one blank for all that is neither
// letter nor digit.

/** What the normalised text holds, and the licence that says so. */
export interface Mark {
  readonly license: string;
  readonly all: readonly string[];
  /** What makes it another licence. */
  readonly none?: readonly string[];
  /** Characters that its text has at most, normalised: a longer one says something else too. */
  readonly length?: number;
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

export const marks: readonly Mark[] = [
  {
    license: "MIT",
    all: [granted, included],
    none: ["shall be used for good", "except as contained in this notice the name"],
    length: 1000,
  },
  { license: "MIT-0", all: [granted], none: [included, "university of illinois"], length: 900 },
  {
    license: "X11",
    all: [granted, included, "except as contained in this notice the name"],
    length: 1300,
  },
  { license: "JSON", all: ["the software shall be used for good not evil"] },
  { license: "Apache-2.0", all: ["apache license version 2 0"], length: 600 },
  { license: "Apache-2.0", all: ["llvm exceptions to the apache 2 0 license"], length: 11800 },
  {
    license: "Apache-2.0",
    all: ["apache license version 2 0", "grant of patent license", "limitation of liability"],
    length: 10800,
  },
  { license: "BSD-4-Clause", all: [bsd, "all advertising materials mentioning features"] },
  {
    license: "BSD-3-Clause",
    all: [bsd, "neither the name"],
    none: ["all advertising materials"],
    length: 1450,
  },
  {
    license: "BSD-2-Clause",
    all: [bsd, "redistributions in binary form must reproduce"],
    none: [
      "neither the name",
      "all advertising materials",
      "the names of the contributors may not",
    ],
    length: 1250,
  },
  { license: "ISC", all: [isc, retained], length: 700 },
  { license: "0BSD", all: [isc], none: [retained], length: 600 },
  { license: "Zlib", all: ["the origin of this software must not be misrepresented"], length: 800 },
  { license: "BSL-1.0", all: ["boost software license version 1 0"], length: 1300 },
  {
    license: "Unlicense",
    all: ["this is free and unencumbered software released into the public"],
    length: 1200,
  },
  { license: "CC0-1.0", all: ["cc0 1 0 universal"], length: 600 },
  { license: "CC0-1.0", all: ["cc0 1 0 universal", "affirmer hereby"], length: 6800 },
  { license: "PSF-2.0", all: ["python software foundation license version 2"], length: 2300 },
  { license: "WTFPL", all: ["do what the fuck you want to public license"], length: 500 },
  { license: "NCSA", all: ["university of illinois ncsa open source license"], length: 1700 },
  { license: "UPL-1.0", all: ["universal permissive license upl version 1 0"], length: 1800 },
  { license: "BlueOak-1.0.0", all: ["blue oak model license version 1 0 0"], length: 1600 },
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

/** Licences that ask for more than notices: where no mark says which one is spoken of, nobody knows. */
export const copyleft: RegExp =
  /\b(?:[al]?gpl(?: ?v?\d+)?|gnu(?: \w+){0,3} public licen[cs]e|general public licen[cs]e|(?:mozilla|eclipse|common) public|mpl ?v?[12])\b/;

/** What no licence says that asks only for notices, whatever stands around it. */
export const restriction: RegExp = new RegExp(
  [
    "proprietary|confidential|trade secret|unauthori[sz]ed copying|written consent|internal use only",
    "commercial (?:purposes?|use|licen[cs]e)|non ?commercial",
    "creative commons attribution|\\bcc by\\b",
    "\\b(?:may|must|shall|can) ?not be (?:sold|copied|distributed|redistributed)\\b",
    "additional (?:conditions|restrictions)",
  ].join("|"),
);

/** What takes away from a licence beside it; elsewhere it is said of much else. */
export const condition: RegExp =
  /\b(?:may|must|shall|can|do|is|are) ?not (?:be )?(?:used?|sell|allowed|permitted|granted|distribute|redistribute)\b(?! (?:to endorse|in advertising|this file except))|following exceptions?\b/;

/** What permissive licences say of others, and of their own freedom. */
export const harmless: RegExp =
  /licensed under the gplv2 combined software|conditions of the gplv2|commercial or non ?commercial|non ?commercial or commercial|without limitation commercial purposes/g;
