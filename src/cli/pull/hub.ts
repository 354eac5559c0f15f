// The model hub: where a known model's file is, and what the hub says of it before it is downloaded.
// Large files are kept apart there, under their SHA-256, which the hub gives in a header.

import type { KnownModel } from "../../editor/model-store.ts";
import { CromwellError } from "../../errors.ts";
import type { Environment } from "../../project/home.ts";
import { request } from "./download.ts";

export interface HubFile {
  readonly url: string;
  /** Undefined where the hub does not say. */
  readonly sha256: string | undefined;
  readonly size: number | undefined;
}

/** The hub's address: a mirror can be named as for Hugging Face's own programs. */
function hubAddress({ HF_ENDPOINT }: Environment): string {
  return (HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, "");
}

/** Asks the hub for a model's file. Throws CromwellError "network". */
export async function findOnHub(
  { repository, file }: KnownModel,
  environment: Environment,
  signal: AbortSignal,
): Promise<HubFile> {
  const url = `${hubAddress(environment)}/${repository}/resolve/main/${file}`;
  // Not followed: the headers that tell the hash are on the redirect, not where it leads.
  const { response, watch } = await request(url, signal, { method: "HEAD", redirect: "manual" });
  watch.stop();
  if (response.status >= 400) {
    throw new CromwellError("network", `${url}: the server answered ${response.status}`);
  }
  const { headers } = response;
  const etag = (headers.get("x-linked-etag") ?? "").replace(/^(W\/)?"|"$/g, "");
  const size = Number(headers.get("x-linked-size") ?? Number.NaN);
  return {
    url,
    sha256: /^[0-9a-f]{64}$/i.test(etag) ? etag.toLowerCase() : undefined,
    size: Number.isSafeInteger(size) && size > 0 ? size : undefined,
  };
}
