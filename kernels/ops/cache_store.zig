//! Writes keys or values into the cache, in its element type.
const float16 = @import("../quant/float16.zig");
const table = @import("../table.zig");

/// Tokens [begin, end) into the cache, padded with zeros to whole vectors.
pub fn run(job: *const table.CacheStore, begin: u32, end: u32) callconv(.c) void {
    const dim: usize = job.head_dim;
    const padded: usize = job.padded_dim;
    for (begin..end) |token| {
        for (0..job.kv_heads) |head| {
            const source = job.source.? + token * job.source_stride + head * dim;
            const at = (head * job.capacity + job.position + token) * padded;
            if (job.cache_type == @intFromEnum(table.CacheType.f32)) {
                const place = @as([*]f32, @ptrCast(@alignCast(job.cache.?))) + at;
                @memcpy(place[0..dim], source[0..dim]);
                @memset(place[dim..padded], 0);
            } else {
                const place = job.cache.? + at * 2;
                float16.F16.quantize(source, dim, place);
                @memset(place[dim * 2 .. padded * 2], 0);
            }
        }
    }
}
