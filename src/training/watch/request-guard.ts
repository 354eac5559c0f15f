// Who may ask what of the page's server. It listens on this machine alone, but a browser here also runs the
// pages of others: they must neither read a run nor press its buttons.

import { timingSafeEqual } from "node:crypto";

const names = new Set(["127.0.0.1", "localhost"]);

/**
 * Whether the request is for this machine by a name that nobody else can point here, and from no page but
 * ours. The port may be another one, as through a tunnel.
 */
export function isOwnRequest(request: Request): boolean {
  const host = request.headers.get("host") ?? "";
  if (!names.has(host.replace(/:\d+$/, ""))) return false;
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== `http://${host}`) return false;
  return isOfNoOtherSite(request);
}

/**
 * What a page of another site embeds is asked for without an origin, but browsers say that another site
 * asks. It may link to the page, which shows it nothing.
 */
function isOfNoOtherSite({ headers, url }: Request): boolean {
  const site = headers.get("sec-fetch-site") ?? "none";
  if (site === "none" || site === "same-origin") return true;
  return headers.get("sec-fetch-dest") === "document" && new URL(url).pathname === "/";
}

/** What the buttons need: 128 random bits that only the one who started the run has seen. */
export function newKey(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url");
}

export function hasKey(request: Request, key: string): boolean {
  const given = Buffer.from(request.headers.get("authorization") ?? "");
  const wanted = Buffer.from(`Bearer ${key}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Nothing from elsewhere, no frame around it, nothing kept. */
export const safetyHeaders: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};
