// The edit adapter is imported as a path (bun: `with { type: "file" }`), embedded when compiled.
declare module "*.gguf" {
  const path: string;
  export default path;
}
