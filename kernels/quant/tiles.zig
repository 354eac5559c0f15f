//! Weights interleaved by 16 rows, so that a lane of a vector is an output row: what the integer
//! products read. A tile's blocks follow each other along k; each holds its scales as vectors, then
//! the quants, in about the bytes that the file takes for them. Quants have no sign: what a format
//! counts from its middle gets a minimum instead. A lane holds four columns of its row, a byte each.
const std = @import("std");
const float16 = @import("float16.zig");
const Format = @import("formats.zig").Format;

/// Raised whenever the same weights give other bytes: stored tiles of another version are made anew.
pub const layout_version = 2;

/// Rows of one tile.
pub const rows = 16;

/// One block of a tile: a header where scales are multiples of a unit, then its groups.
pub const Shape = struct {
    /// Bits of a quant: 4, 5, 6 or 8.
    bits: comptime_int,
    /// Elements that share a scale, and groups in a block.
    group: comptime_int = 32,
    groups: comptime_int = 1,
    /// value = scale * quant + minimum; without it, scale * (quant - middle).
    minimum: bool = false,
    /// Scales are bytes in units of the header's F16, not F16 themselves.
    multiples: bool = false,

    /// What quants are counted from.
    pub fn middle(comptime shape: Shape) comptime_int {
        return if (shape.minimum) 0 else 1 << (shape.bits - 1);
    }

    pub fn blockSize(comptime shape: Shape) comptime_int {
        return shape.group * shape.groups;
    }

    pub fn headerBytes(comptime shape: Shape) comptime_int {
        return if (shape.multiples) vectors(shape) * 2 * rows else 0;
    }

    /// Bytes of a group before its quants.
    pub fn scaleBytes(comptime shape: Shape) comptime_int {
        return vectors(shape) * rows * (if (shape.multiples) 1 else 2);
    }

    /// Bytes of the low nibbles, or of whole bytes.
    pub fn plainBytes(comptime shape: Shape) comptime_int {
        return shape.group * rows / (if (shape.bits == 8) 1 else 2);
    }

    pub fn groupBytes(comptime shape: Shape) comptime_int {
        const upper = if (shape.bits == 8) 0 else shape.group * rows * (shape.bits - 4) / 8;
        return shape.scaleBytes() + shape.plainBytes() + upper;
    }

    pub fn blockBytes(comptime shape: Shape) comptime_int {
        return shape.headerBytes() + shape.groups * shape.groupBytes();
    }

    fn vectors(comptime shape: Shape) comptime_int {
        return if (shape.minimum) 2 else 1;
    }
};

/// The formats that have tiles.
pub const formats = [_]Format{ .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q4_k, .q5_k, .q6_k };

pub fn shapeOf(comptime format: Format) Shape {
    return switch (format) {
        .q4_0 => .{ .bits = 4 },
        .q4_1 => .{ .bits = 4, .minimum = true },
        .q5_0 => .{ .bits = 5 },
        .q5_1 => .{ .bits = 5, .minimum = true },
        .q8_0 => .{ .bits = 8 },
        .q4_k => .{ .bits = 4, .groups = 8, .minimum = true, .multiples = true },
        .q5_k => .{ .bits = 5, .groups = 8, .minimum = true, .multiples = true },
        .q6_k => .{ .bits = 6, .group = 16, .groups = 16, .multiples = true },
        else => @compileError("no tiles of this format"),
    };
}

/// What products of a format need to know of their inputs beside their values.
pub const Sums = struct { middle: i32, group: usize };

pub fn sumsOf(format: Format) Sums {
    inline for (formats) |known| if (known == format) {
        const shape = comptime shapeOf(known);
        return .{ .middle = shape.middle(), .group = shape.group };
    };
    unreachable;
}

pub fn hasTiles(format: Format) bool {
    return std.mem.indexOfScalar(Format, &formats, format) != null;
}

/// Bytes of a matrix as tiles; rows that are missing in the last tile are zeros.
pub fn sizeOf(format: Format, row_count: usize, columns: usize) usize {
    inline for (formats) |known| if (known == format) {
        const shape = comptime shapeOf(known);
        const tiles = (row_count + rows - 1) / rows;
        return tiles * (columns / shape.blockSize()) * shape.blockBytes();
    };
    return 0;
}

/// Reads a block of a tile, `lanes` rows (one part) at a time.
pub fn Reader(comptime shape: Shape, comptime lanes: usize) type {
    return struct {
        pub const parts = rows / lanes;
        pub const Bytes = @Vector(4 * lanes, u8);
        const Bits = @Vector(lanes, u32);
        const Floats = @Vector(lanes, f32);

        /// The header's units, read once a block.
        pub const Units = struct { scale: [parts]Floats = undefined, minimum: [parts]Floats = undefined };

        pub inline fn units(block: [*]const u8) Units {
            var result: Units = .{};
            if (shape.multiples) inline for (0..parts) |part| {
                result.scale[part] = halves(block, part);
                if (shape.minimum) result.minimum[part] = halves(block + 2 * rows, part);
            };
            return result;
        }

        pub inline fn scale(of: *const Units, group: [*]const u8, comptime part: usize) Floats {
            if (!shape.multiples) return halves(group, part);
            return of.scale[part] * numbers(if (shape.minimum) u8 else i8, group, part);
        }

        pub inline fn minimum(of: *const Units, group: [*]const u8, comptime part: usize) Floats {
            if (!shape.multiples) return halves(group + 2 * rows, part);
            return of.minimum[part] * numbers(u8, group + rows, part);
        }

        /// The group's columns 4 * index to 4 * index + 3, for each row of the part.
        pub inline fn quad(group: [*]const u8, comptime index: usize, comptime part: usize) Bytes {
            const plain = group + shape.scaleBytes();
            if (shape.bits == 8) return @bitCast(bitsAt(plain, index, part));
            const words = shape.group / 8;
            const word = bitsAt(plain, index % words, part);
            const low = only(if (index < words) word else word >> @splat(4), 15);
            if (shape.bits == 4) return low;
            const upper = bitsAt(plain + shape.plainBytes(), 0, part);
            const from = comptime index * (shape.bits - 4);
            const moved = if (from < 4) upper << @splat(4 - from) else upper >> @splat(from - 4);
            return low | only(moved, (1 << shape.bits) - 16);
        }

        inline fn only(words: Bits, comptime mask: u8) Bytes {
            return @as(Bytes, @bitCast(words)) & @as(Bytes, @splat(mask));
        }

        inline fn bitsAt(at: [*]const u8, comptime word: usize, comptime part: usize) Bits {
            return @bitCast(at[word * 4 * rows + part * 4 * lanes ..][0 .. 4 * lanes].*);
        }

        inline fn halves(at: [*]const u8, comptime part: usize) Floats {
            return float16.halfToFloat(lanes, @bitCast(at[part * 2 * lanes ..][0 .. 2 * lanes].*));
        }

        inline fn numbers(comptime T: type, at: [*]const u8, comptime part: usize) Floats {
            const bytes: @Vector(lanes, T) = @bitCast(at[part * lanes ..][0..lanes].*);
            return @floatFromInt(@as(@Vector(lanes, i32), bytes));
        }
    };
}
