// Chromium for tests of the page: looked for on the machine, started once a test file; where there is none
// the tests are skipped and the run says so.

import { existsSync } from "node:fs";
import { skipped } from "../../../data.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The browser's program; undefined (recorded) where there is none. $CROMWELL_CHROMIUM names another. */
export function chromiumPath(): string | undefined {
  const { CROMWELL_CHROMIUM } = process.env;
  if (CROMWELL_CHROMIUM !== undefined && existsSync(CROMWELL_CHROMIUM)) return CROMWELL_CHROMIUM;
  const found = names.map((name) => Bun.which(name)).find((path) => path !== null);
  if (found == null) skipped("the page of a training in a browser: no chromium on this machine");
  return found ?? undefined;
}

/** No window, no network of its own, and no sandbox: root has none. */
export async function startBrowser(executablePath: string) {
  const { chromium } = await import("playwright-core");
  const args = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"];
  return chromium.launch({ executablePath, args });
}
