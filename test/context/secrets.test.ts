// Secrets are recognised by a file's name and by what a line shows; ordinary code is not taken for
// one. The fakes are put together here, so that no scanner mistakes this file for a leak.

import { describe, expect, test } from "bun:test";
import { isSecretFile, secretLines } from "../../src/context/secrets.ts";
import { fakes, randomText } from "./fakes.ts";

describe("files by name", () => {
  test.each([
    ".env",
    ".env.production",
    "deploy/prod.env",
    "certs/server.pem",
    "home/.ssh/config",
    "id_rsa",
    "keys/id_ed25519",
    "app.keystore",
    ".npmrc",
    ".aws/credentials",
    "credentials.json",
    "gcp-credentials.json",
    "config/secrets.yml",
    "service-account-prod.json",
    "terraform.tfvars",
    "PRIVATE.KEY",
  ])("%s is secret", (path) => {
    expect(isSecretFile(path)).toBe(true);
  });

  test.each([
    ".env.example",
    "src/environment.ts",
    "src/credentials.ts",
    "src/secrets.py",
    "id_rsa.pub",
    "keyboard.ts",
    "docs/secrets.md",
    "monkey.py",
    "tokens.go",
  ])("%s is not", (path) => {
    expect(isSecretFile(path)).toBe(false);
  });
});

describe("lines that show a secret", () => {
  test.each(Object.entries(fakes()))("%s", (_name, line) => {
    expect(secretLines(`first\n${line}\nlast`)).toContain(1);
  });
});

describe("lines that do not", () => {
  const hash = Array.from({ length: 64 }, (_, at) => ((at * 7) % 16).toString(16)).join("");
  test.each([
    ["a variable", "const token = tokens.next();"],
    ["an environment variable", "const apiKey = process.env.API_KEY_2;"],
    ["a placeholder", 'password = "your-password-1"'],
    ["a type", "readonly token: string | undefined;"],
    ["a call", "secret = get_secret(name)"],
    ["an address with variables", "url = `https://$" + "{user}:$" + "{password}@host/`"],
    ["a checksum", `sha256: "${hash}",`],
    ["an integrity of a lock file", `"integrity": "sha512-${randomText(3, 86)}=="`],
    ["a long name", "export function rewriteValueWithAccessTokenOfTheUser32BitUnsigned() {"],
    ["a long path", '"node_modules/@scope/package-name/dist/esm/internal/Observable2Factory"'],
    ["an alphabet", '"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"'],
    ["an identifier of many words", "test_that_a_token_of_32_bytes_is_refused_when_expired"],
  ])("%s", (_name, line) => {
    expect(secretLines(line)).toEqual([]);
  });
});

test("no source of this project is taken for a secret", async () => {
  for await (const path of new Bun.Glob("{src,test,bench,scripts}/**/*.ts").scan(".")) {
    const lines = secretLines(await Bun.file(path).text());
    expect([path, lines]).toEqual([path, []]);
  }
});

test("a hostile text takes no more time than a long one", () => {
  const pieces = ["eyJ", "AKIA", "sk-", "password=", "://a:", "SG.", "a1B2", "-----BEGIN "];
  for (const piece of pieces) {
    const start = performance.now();
    secretLines(piece.repeat(500_000 / piece.length));
    expect(performance.now() - start).toBeLessThan(2000);
  }
});
