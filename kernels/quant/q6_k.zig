//! Q6_K: 256 elements of six bits around 32 in sixteen groups of 16, each with a signed eight-bit
//! scale in units of one F16 number. The upper two bits of the elements are apart.
const block = @import("block.zig");
const float16 = @import("float16.zig");

pub const Q6_K = struct {
    pub const block_size = 256;
    pub const block_bytes = 210;
    const upper_at = 128;
    const scales_at = 192;
    const unit_at = 208;

    pub fn dequantize(
        comptime lanes: usize,
        source: [*]const u8,
        count: usize,
        output: [*]f32,
    ) void {
        for (0..count / block_size) |i| {
            dequantizeBlock(lanes, source + i * block_bytes, output + i * block_size);
        }
    }

    inline fn dequantizeBlock(comptime lanes: usize, bytes: [*]const u8, output: [*]f32) void {
        @setEvalBranchQuota(20_000);
        const unit = float16.readHalf(bytes + unit_at);
        const group_scales: @Vector(16, i8) = @bitCast(block.load(bytes + scales_at));
        const scales = block.multiples(16, group_scales, unit);
        // In each half of the block, 64 bytes hold the low nibbles of elements 0-63 and, above
        // them, of 64-127; 32 bytes hold the upper bits of j, j + 32, j + 64 and j + 96.
        inline for (0..2) |half| {
            inline for (0..2) |side| {
                const upper = block.load(bytes + upper_at + half * 32 + side * 16);
                inline for (0..2) |column| {
                    const packed_pairs = block.load(bytes + half * 64 + column * 32 + side * 16);
                    const group = half * 8 + column * 2 + side;
                    const bits = upper >> @splat(2 * column);
                    const low = centred(block.lowNibbles(packed_pairs), bits);
                    const high = centred(block.highNibbles(packed_pairs), bits >> @splat(4));
                    block.scaled(lanes, low, scales[group], output + group * 16);
                    block.scaled(lanes, high, scales[group + 4], output + group * 16 + 64);
                }
            }
        }
    }

    inline fn centred(nibbles: block.Bytes, upper: block.Bytes) @Vector(16, i8) {
        const bits = (upper & @as(block.Bytes, @splat(3))) << @splat(4);
        return @as(@Vector(16, i8), @bitCast(nibbles | bits)) - @as(@Vector(16, i8), @splat(32));
    }

    /// As ggml does without an importance matrix, to the byte: every group takes the best of
    /// nineteen scales by a sum of squares weighted with the squares of the elements.
    pub fn quantize(source: [*]const f32, count: usize, output: [*]u8) void {
        for (0..count / block_size) |i| {
            const bytes = output[i * block_bytes ..][0..block_bytes];
            quantizeBlock(source[i * block_size ..][0..block_size], bytes);
        }
    }

    fn quantizeBlock(values: *const [block_size]f32, output: *[block_bytes]u8) void {
        const search = Search.run(values);
        var largest: f32 = 0;
        for (search.scales) |scale| {
            if (@abs(scale) > @abs(largest)) largest = scale;
        }
        if (@abs(largest) < Search.smallest_magnitude) {
            @memset(output, 0);
            return;
        }
        const inverse_unit = -128.0 / largest;
        float16.writeHalf(output[unit_at..], 1 / inverse_unit);
        const multiples = nearest(@as(Floats, search.scales) * splat(inverse_unit));
        const group_scales: [16]i8 = @as(@Vector(16, i8), @truncate(@min(multiples, whole(127))));
        output[scales_at..][0..16].* = @bitCast(group_scales);

        const unit = float16.readHalf(output[unit_at..]);
        var quants: [16]block.Bytes = undefined;
        for (&quants, 0..) |*group, g| {
            const elements: Floats = values[g * 16 ..][0..16].*;
            const scale = unit * @as(f32, @floatFromInt(group_scales[g]));
            const positions = if (scale != 0)
                elements / splat(scale)
            else
                elements * splat(search.inverses[g]);
            const kept = scale != 0 or !search.empty[g];
            group.* = if (kept) @intCast(clamped(positions) + whole(32)) else @splat(0);
        }
        pack(&quants, output);
    }

    /// The layout that dequantizeBlock reads.
    fn pack(quants: *const [16]block.Bytes, output: *[block_bytes]u8) void {
        for (0..2) |half| {
            for (0..2) |side| {
                var upper: block.Bytes = @splat(0);
                inline for (0..2) |column| {
                    const low = quants[half * 8 + column * 2 + side];
                    const high = quants[half * 8 + column * 2 + side + 4];
                    output[half * 64 + column * 32 + side * 16 ..][0..16].* =
                        block.lowNibbles(low) | (high << @splat(4));
                    upper |= (low >> @splat(4)) << @splat(2 * column);
                    upper |= (high >> @splat(4)) << @splat(2 * column + 4);
                }
                output[upper_at + half * 32 + side * 16 ..][0..16].* = upper;
            }
        }
    }
};

const Floats = @Vector(16, f32);
const Integers = @Vector(16, i32);

inline fn splat(value: f32) Floats {
    return @splat(value);
}

inline fn whole(value: i32) Integers {
    return @splat(value);
}

/// Nearest integers, ties to even, read off the sum with 1.5 * 2^23: exact below 2^22 and, as in
/// ggml, a defined number for anything else.
inline fn nearest(values: Floats) Integers {
    const bits: Integers = @bitCast(values + splat(12582912));
    return (bits & whole(0x007f_ffff)) - whole(0x0040_0000);
}

inline fn clamped(values: Floats) Integers {
    return @max(@min(nearest(values), whole(31)), whole(-32));
}

/// The best scales of the sixteen groups of a block, all at once: lane g works on group g, so that
/// each sum is added up in the order of the elements.
const Search = struct {
    scales: [16]f32,
    /// What the elements were multiplied with to give the quants that these scales belong to.
    inverses: [16]f32,
    /// Groups of zeros, or nearly.
    empty: [16]bool,

    const smallest_magnitude: f32 = 1e-15;

    fn run(values: *const [256]f32) Search {
        var columns: [16]Floats = undefined;
        for (&columns, 0..) |*column, i| {
            var elements: [16]f32 = undefined;
            for (&elements, 0..) |*element, g| element.* = values[g * 16 + i];
            column.* = elements;
        }
        var magnitude = splat(0);
        var farthest = splat(0);
        for (columns) |column| {
            const further = @abs(column) > magnitude;
            magnitude = @select(f32, further, @abs(column), magnitude);
            farthest = @select(f32, further, column, farthest);
        }
        const empty = magnitude < splat(smallest_magnitude);
        // Any number will do for an empty group: its scale is set to 0 below.
        farthest = @select(f32, empty, splat(1), farthest);

        var inverses = splat(-32) / farthest;
        const first = Sums.of(&columns, inverses);
        const any = first.squares != splat(0);
        var scales = @select(f32, any, first.products / first.squares, splat(0));
        var best = scales * first.products;
        var step: f32 = -9;
        while (step <= 9) : (step += 1) {
            if (step == 0) continue;
            const tried = splat(-(32 + @as(f32, 0.1) * step)) / farthest;
            const sums = Sums.of(&columns, tried);
            const gain = sums.products * sums.products > best * sums.squares;
            const better = (sums.squares > splat(0)) & gain;
            scales = @select(f32, better, sums.products / sums.squares, scales);
            best = @select(f32, better, scales * sums.products, best);
            inverses = @select(f32, better, tried, inverses);
        }
        scales = @select(f32, empty, splat(0), scales);
        return .{ .scales = scales, .inverses = inverses, .empty = empty };
    }

    const Sums = struct {
        /// Sums of x² x q and of x² q q.
        products: Floats,
        squares: Floats,

        inline fn of(columns: *const [16]Floats, inverses: Floats) Sums {
            var sums = Sums{ .products = splat(0), .squares = splat(0) };
            for (columns) |column| {
                const quants: Floats = @floatFromInt(clamped(inverses * column));
                const weights = column * column;
                sums.products += weights * column * quants;
                sums.squares += weights * quants * quants;
            }
            return sums;
        }
    };
};
