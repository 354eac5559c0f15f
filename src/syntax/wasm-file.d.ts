// Grammars are imported as paths (bun: `with { type: "file" }`), embedded when compiled.
declare module "*.wasm" {
  const path: string;
  export default path;
}
