// Secrets that are none: of the shapes that real ones have, drawn anew from a seed, and never written
// down in one piece.

/** Letters and digits, the same for the same seed. */
export function randomText(
  seed: number,
  length: number,
  letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
): string {
  let state = seed * 2654435761 + 1;
  let text = "";
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += letters[(state >>> 8) % letters.length];
  }
  return text;
}

const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const hexadecimal = "0123456789abcdef";

/** One line of each kind of secret. */
export function fakes(seed = 7): Record<string, string> {
  const mixed = (length: number) => randomText(seed + length, length);
  return {
    "an AWS key": `aws_access_key_id = ${"AK"}IA${randomText(seed, 16, capitals)}`,
    "an AWS secret": `secret_access_key: "${mixed(40)}"`,
    "a GitHub token": `const token = "${"gh"}p_${mixed(36)}";`,
    "a GitLab token": `GITLAB=${"gl"}pat-${mixed(20)}`,
    "a Slack token": `slack: ${"xo"}xb-${randomText(seed, 12, "0123456789")}-${mixed(24)}`,
    "a payment key": `stripe.apiKey = '${"sk"}_live_${mixed(24)}'`,
    "a Google key": `"key": "${"AI"}za${mixed(35)}"`,
    "a JSON web token": `Authorization: Bearer ${"ey"}J${mixed(33)}.${"ey"}J${mixed(60)}.${mixed(43)}`,
    "a private key": `${"-".repeat(5)}BEGIN RSA PRIVATE ${"KEY"}${"-".repeat(5)}`,
    "a password in an address": `DATABASE_URL=postgres://admin:${mixed(12)}@db.internal:5432/app`,
    "a password": `password: "${`tr0ub4dor${"&3"}`}"`,
    "a key of hexadecimal": `API_KEY = "${randomText(seed, 32, hexadecimal)}"`,
    "random letters without a name": `x("${mixed(44)}")`,
    "a model hub's token": `login("${"h"}f_${mixed(34)}")`,
  };
}
