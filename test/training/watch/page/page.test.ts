// The page in a real browser: spheres, curves and samples of a run, buttons that act on its trainer, a lost
// connection that comes back, any width, both themes, the keyboard.

import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import type { Browser, Page } from "playwright-core";
import { type Watched, type WatchedOptions, watched } from "../watched.ts";
import { chromiumPath, startBrowser } from "./browser.ts";
import { lowContrasts } from "./contrast.ts";

setDefaultTimeout(60_000);
const chromium = chromiumPath();
const runs: Watched[] = [];
const pages: Page[] = [];
const problems: string[] = [];
let browser: Browser;

beforeAll(async () => {
  if (chromium !== undefined) browser = await startBrowser(chromium);
});
// A page that stays open takes time from the next test.
afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
  for (const run of runs.splice(0)) await run.close();
});
afterAll(() => browser?.close());

/** A run with its page open in a window of its own. */
async function opened(
  options: WatchedOptions,
  { width = 1280, height = 900, colorScheme = "light" as "light" | "dark", path = "" } = {},
) {
  const run = watched(options);
  runs.push(run);
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  pages.push(page);
  page.on("pageerror", ({ message }) => problems.push(message));
  page.on("console", (message) => {
    // A server that went away is what a test is about.
    if (message.type() === "error" && !/ERR_CONNECTION|ERR_INCOMPLETE|403/.test(message.text())) {
      problems.push(message.text());
    }
  });
  await page.goto(run.server.url + path);
  await page.waitForFunction(() => document.title.includes("nano"));
  return { run, page };
}

const texts = (page: Page, selector: string) => page.locator(selector).allTextContents();
const text = async (page: Page, selector: string) => (await texts(page, selector)).join(" ");

/** What stands in an attribute of a drawn curve. */
async function path(page: Page, chart: string, line: string): Promise<string> {
  const found = page.locator(".chart", { hasText: chart }).locator(`path.line.${line}`);
  return (await found.getAttribute("d")) ?? "";
}

describe.skipIf(chromium === undefined)("the page", () => {
  test("shows twelve spheres by their activity, the idle ones as idle", async () => {
    const { run, page } = await opened({ steps: 500, sequences: 8, done: 120 });
    const { spheres, loss } = run.history.latest.step!;
    expect(await page.locator(".sphere").count()).toBe(12);
    expect(await page.locator(".sphere.idle").count()).toBe(4);
    expect(await text(page, ".middle")).toContain(`loss${loss.toPrecision(4)}step 120of 500`);
    for (const { index, sequences, tokens, loss, activity } of spheres) {
      const sphere = page.locator(".sphere").nth(index);
      const shown = (await sphere.locator("text").allTextContents()).join(" ").trim();
      const wanted = sequences === 0 ? "idle" : `${loss!.toFixed(3)} 1 seq ${tokens} tok`;
      expect(shown).toBe(wanted);
      const share = await sphere.evaluate((element) =>
        element.style.getPropertyValue("--activity"),
      );
      expect(Number(share)).toBeCloseTo(activity, 2);
    }
    const colour = (index: number) =>
      page
        .locator(".sphere .body")
        .nth(index)
        .evaluate((body) => getComputedStyle(body).fill);
    const busiest = spheres.findIndex(({ activity }) => activity === 1);
    const idle = spheres.findIndex(({ sequences }) => sequences === 0);
    expect(await colour(busiest)).not.toBe(await colour(idle));
  });

  test("has the spheres as a table too", async () => {
    const { run, page } = await opened({ steps: 500, sequences: 24, done: 3 });
    await page.getByText("The spheres as a table").click();
    const rows = await texts(page, "#sphere-rows tr");
    expect(rows.length).toBe(12);
    const { sequences, tokens, loss } = run.history.latest.step!.spheres[0]!;
    expect(rows[0]).toStartWith(`1${sequences}${tokens}${loss!.toPrecision(4)}`);
  });

  test("draws the curves of what was before it came and of what comes", async () => {
    const { run, page } = await opened({ steps: 5_000, done: 1_000, evaluateEvery: 100 });
    const titles = await texts(page, ".chart:not([hidden]) h2");
    expect(titles).toEqual([
      "Loss",
      "Bits per byte, validation",
      "Learning rate",
      "Gradient norm",
      "Tokens per second",
    ]);
    const count = (d: string) => d.split("L").length;
    expect(count(await path(page, "Loss", "first"))).toBe(1_000);
    expect(count(await path(page, "Loss", "second"))).toBe(10);
    for (let step = 0; step < 10; step++) run.trainer.step();
    await page.waitForFunction(() => document.querySelector(".step")?.textContent === "step 1,010");
    await page.waitForFunction(
      () => document.querySelector("path.line")?.getAttribute("d")?.split("L").length === 1_010,
    );
    // A curve stays within its chart.
    const places = (await path(page, "Gradient", "first")).match(/[\d.]+ [\d.]+/g)!;
    const heights = places.map((place) => Number(place.split(" ")[1]));
    expect(Math.min(...heights)).toBeGreaterThan(5);
    expect(Math.max(...heights)).toBeLessThan(150);
  });

  test("shows samples as text, whatever is in them", async () => {
    const { run, page } = await opened({ steps: 500, done: 100, evaluateEvery: 50 });
    expect(await text(page, "#newest-sample h3")).toBe("Step 100");
    expect(await text(page, "#older-count")).toBe("An older one");
    const hostile = "<img src=x onerror=\"document.title='owned'\"><script>1</script>";
    run.history.add({ type: "sample", step: 101, prompt: hostile, text: "\u202e", time: 0 });
    run.server.publish({ type: "sample", step: 101, prompt: hostile, text: "\u202e", time: 0 });
    await page.waitForFunction(
      () => document.querySelector("#newest-sample h3")?.textContent === "Step 101",
    );
    expect(await text(page, "#newest-sample .prompt")).toBe(hostile);
    expect(await page.locator("#samples img").count()).toBe(0);
    expect(await page.title()).not.toContain("owned");
    expect(await text(page, "#older-count")).toBe("2 older ones");
  });

  test("pauses, resumes, saves and, asked twice, stops the run", async () => {
    const { run, page } = await opened({ steps: 5_000, done: 10 });
    run.trainer.start(20);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.waitForFunction(
      () => document.querySelector("#state-word")?.textContent === "paused",
    );
    const paused = run.history.latest.step!.step;
    await Bun.sleep(100);
    expect(run.history.latest.step!.step).toBe(paused);
    await page.getByRole("button", { name: "Checkpoint" }).click();
    await page.getByText("checkpoint written: asked-for.gguf").waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.waitForFunction(
      (step) => Number(document.querySelector(".step")?.textContent?.replace(/\D/g, "")) > step,
      paused,
    );
    await page.getByRole("button", { name: "Stop…" }).click();
    await page.getByRole("button", { name: "Go on training" }).click();
    await page.getByRole("button", { name: "Stop…" }).click();
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.waitForFunction(
      () => document.querySelector("#state-word")?.textContent === "stopping",
    );
    expect(run.trainer.asked).toEqual(["pause", "checkpoint", "resume", "stop"]);
    expect(await page.getByRole("button", { name: "Checkpoint" }).isDisabled()).toBe(true);
  });

  test("has no buttons without the key, and says so with a wrong one", async () => {
    const { run, page } = await opened({ steps: 50, done: 2 }, { path: "wrong" });
    await page.getByText("the run can only be watched").waitFor();
    expect(await page.locator("#buttons").isVisible()).toBe(false);
    await page.goto(new URL(run.server.url).origin);
    await page.waitForFunction(() => document.title.includes("step 2"));
    expect(await page.locator("#buttons").isVisible()).toBe(false);
  });

  test("says that the connection is lost, and goes on when the run is back", async () => {
    const { run, page } = await opened({ steps: 900, done: 10 });
    const port = Number(new URL(run.server.url).port);
    await run.close();
    await page.getByText("connection lost").waitFor();
    const again = watched({ steps: 900, done: 40, port });
    runs.push(again);
    await page.waitForFunction(() => document.querySelector(".step")?.textContent === "step 40");
    expect(await text(page, "#state-word")).toBe("running");
    // The new server has a new key.
    await page.getByText("the run can only be watched").waitFor();
    again.trainer.step();
    await page.waitForFunction(() => document.querySelector(".step")?.textContent === "step 41");
  });

  test.each([360, 768, 1280, 2000])("fits %d pixels in both themes", async (width) => {
    const { page } = await opened({ steps: 500, done: 60 }, { width, colorScheme: "dark" });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(width);
      expect(await page.evaluate(lowContrasts)).toEqual([]);
    }
    const sphere = await page.locator(".sphere .loss").first().boundingBox();
    expect(sphere!.height).toBeGreaterThan(11);
  });

  test("is read by the keyboard alone", async () => {
    const { page } = await opened({ steps: 500, done: 60 });
    const reached: string[] = [];
    for (let presses = 0; presses < 12; presses++) {
      await page.keyboard.press("Tab");
      const label = () =>
        document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent;
      reached.push((await page.evaluate(label)) ?? "");
    }
    for (const name of ["Pause", "Checkpoint", "Stop…", "The spheres as a table"]) {
      expect(reached).toContain(name);
    }
    const loss = page.locator(".plot").first();
    await loss.focus();
    await page.keyboard.press("Home");
    expect(await text(page, ".chart.large .readout")).toStartWith("step 1training 5.");
    await page.keyboard.press("ArrowRight");
    expect(await text(page, ".chart.large .readout")).toStartWith("step 2training 5.");
    await page.keyboard.press("Tab");
    expect(await text(page, ".chart.large .readout")).toStartWith("training ");
  });

  test("asked nothing of any other machine, and had no fault", () => {
    expect(problems).toEqual([]);
  });
});
