//! Writes keys or values into the cache, in its element type.
const float16 = @import("../quant/float16.zig");
const layout = @import("../cache_layout.zig");
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const attention_bytes = @import("attention_bytes.zig");
const tile = @import("word_tile.zig");
const lanes = simd.lanes;

/// Tokens [begin, end) into the cache, rows padded with zeros to whole vectors.
pub fn run(job: *const table.CacheStore, begin: u32, end: u32) callconv(.c) void {
    const dim: usize = job.head_dim;
    const padded: usize = job.padded_dim;
    for (begin..end) |token| {
        for (0..job.kv_heads) |head| {
            const source = (job.source.? + token * job.source_stride + head * dim)[0..dim];
            const position: usize = job.position + token;
            const row = head * job.capacity + position;
            switch (@as(table.CacheType, @enumFromInt(job.cache_type))) {
                .f32 => {
                    const place = @as([*]f32, @ptrCast(@alignCast(job.cache.?))) + row * padded;
                    @memcpy(place[0..dim], source);
                    @memset(place[dim..padded], 0);
                },
                .f16 => if (job.keys == 1) storeTurned(source, job.cache.?, row, padded) else {
                    const place = job.cache.? + row * padded * 2;
                    float16.F16.quantize(source.ptr, dim, place);
                    @memset(place[dim * 2 .. padded * 2], 0);
                },
                .q8_0 => {
                    const cache = layout.byteHead(job.cache.?, head, job.capacity, padded);
                    storeBytes(source, cache, position, padded, job.keys == 1);
                },
            }
        }
    }
}

/// One column of a block of keys. Nobody reads the rows that pad a block.
fn storeTurned(key: []const f32, cache: [*]u8, row: usize, padded: usize) void {
    const halves: [*]u16 = @ptrCast(@alignCast(cache));
    const column = halves + row / layout.block * layout.block * padded + row % layout.block;
    var d: usize = 0;
    while (d + 8 <= key.len) : (d += 8) {
        const wide: [8]u16 = float16.floatToHalf(8, key[d..][0..8].*);
        inline for (wide, 0..) |half, i| column[(d + i) * layout.block] = half;
    }
    for (key[d..], d..) |x, i| column[i * layout.block] = float16.floatToHalf(1, .{x})[0];
}

fn storeBytes(head: []const f32, cache: layout.ByteHead, position: usize, padded: usize, is_key: bool) void {
    var values: [layout.most_dimensions]f32 = undefined;
    var highest: f32 = undefined;
    if (is_key) highest = attention_bytes.turnHead(head, padded, &values) else {
        @memcpy(values[0..head.len], head);
        @memset(values[head.len..padded], 0);
        highest = attention_bytes.largest(head);
    }
    cache.scales[position] = highest / 127;
    const factor = simd.splat(tile.inverse(highest, 127));
    var d: usize = 0;
    while (d < padded) : (d += lanes) {
        const whole: [lanes]i16 = tile.nearest(simd.load(values[d..].ptr) * factor);
        inline for (whole, d..) |x, i| {
            const place = if (is_key) cache.key(position, i, padded) else cache.value(position, i, padded);
            place.* = @truncate(x);
        }
    }
}
