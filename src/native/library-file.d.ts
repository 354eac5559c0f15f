// The embedded kernel library is imported as a path (bun: `with { type: "file" }`).
declare module "*/cromwell-kernels" {
  const path: string;
  export default path;
}
