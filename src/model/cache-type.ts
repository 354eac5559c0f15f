// How the keys and values of a cache are stored: a matter of memory,
// speed and how exact answers are.

/** In the order of CacheType in kernels/table.zig. */
export const cacheTypes = ["f32", "f16", "q8_0"] as const;
export type CacheType = (typeof cacheTypes)[number];
