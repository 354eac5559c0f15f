// The programs that run functions and tests of scripts are imported as their texts (bun: `with { type: "text" }`).
declare module "*/comparison.js" {
  const text: string;
  export default text;
}
declare module "*/limited.js" {
  const text: string;
  export default text;
}
declare module "*/probes.js" {
  const text: string;
  export default text;
}
declare module "*/tests.js" {
  const text: string;
  export default text;
}
