//! Writes keys or values into the cache, in its element type.
const float16 = @import("../quant/float16.zig");
const table = @import("../table.zig");
const turned_keys = @import("../attention_parts.zig").turned_keys;

/// Tokens [begin, end) into the cache, rows padded with zeros to whole vectors.
pub fn run(job: *const table.CacheStore, begin: u32, end: u32) callconv(.c) void {
    const dim: usize = job.head_dim;
    const padded: usize = job.padded_dim;
    for (begin..end) |token| {
        for (0..job.kv_heads) |head| {
            const source = job.source.? + token * job.source_stride + head * dim;
            const position = head * job.capacity + job.position + token;
            if (job.cache_type == @intFromEnum(table.CacheType.f32)) {
                const place = @as([*]f32, @ptrCast(@alignCast(job.cache.?))) + position * padded;
                @memcpy(place[0..dim], source[0..dim]);
                @memset(place[dim..padded], 0);
            } else if (job.keys == 1) {
                storeTurned(source[0..dim], job.cache.?, position, padded);
            } else {
                const place = job.cache.? + position * padded * 2;
                float16.F16.quantize(source, dim, place);
                @memset(place[dim * 2 .. padded * 2], 0);
            }
        }
    }
}

/// One column of a block of turned keys. Nobody reads the rows that pad a block.
fn storeTurned(key: []const f32, cache: [*]u8, position: usize, padded: usize) void {
    const halves: [*]u16 = @ptrCast(@alignCast(cache));
    const block = halves + position / turned_keys * turned_keys * padded;
    const column = block + position % turned_keys;
    var d: usize = 0;
    while (d + 8 <= key.len) : (d += 8) {
        const wide: [8]u16 = float16.floatToHalf(8, key[d..][0..8].*);
        inline for (wide, 0..) |half, i| column[(d + i) * turned_keys] = half;
    }
    for (key[d..], d..) |x, i| column[i * turned_keys] = float16.floatToHalf(1, .{x})[0];
}
