// The page as it is served: every file is part of the program, nothing is read from a disk or fetched from
// a network.

import { readPage } from "./read-page.ts" with { type: "macro" };
import { safetyHeaders } from "./request-guard.ts";

const texts: Readonly<Record<string, string>> = readPage();

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  ts: "text/javascript; charset=utf-8",
};

/** The file at a path; undefined where there is none. */
export function pageFile(path: string): Response | undefined {
  const name = path === "/" ? "/page/index.html" : path;
  if (!Object.hasOwn(texts, name)) return undefined;
  const type = types[name.slice(name.lastIndexOf(".") + 1)]!;
  return new Response(texts[name], { headers: { ...safetyHeaders, "content-type": type } });
}
