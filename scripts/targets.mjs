// The machines that cromwell is built for: what zig and bun call each of them. The kernels ask for an
// old glibc, so that they load on old systems.

export const targets = {
  "linux-x64": { zig: "x86_64-linux-gnu.2.17", bun: "bun-linux-x64" },
  "linux-arm64": { zig: "aarch64-linux-gnu.2.17", bun: "bun-linux-arm64" },
  "darwin-arm64": { zig: "aarch64-macos", bun: "bun-darwin-arm64" },
};
