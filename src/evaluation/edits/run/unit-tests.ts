// What running unit tests below a function finds, in any language: whether they pass, and whether they would
// notice a change.

export type TestsFinding =
  | { readonly finding: "tests" | "notices nothing" | "untold" }
  | { readonly finding: "fails"; readonly test: string; readonly error: string };

/** What a program that runs tests found. */
export function testsFinding(found: Readonly<Record<string, unknown>> = {}): TestsFinding {
  const { finding, test, error } = found;
  if (finding === "tests" || finding === "notices nothing") return { finding };
  const isTold = finding === "fails" && typeof test === "string" && typeof error === "string";
  return isTold ? { finding, test, error } : { finding: "untold" };
}
