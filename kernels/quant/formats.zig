//! The element formats of tensors by their GGML ids, and the choice of a row's kernel by format.
//! src/formats/tensor-type.ts holds the same table for TypeScript.
const float16 = @import("float16.zig");
const q4 = @import("q4.zig");
const q4_k = @import("q4_k.zig");
const q5 = @import("q5.zig");
const q8 = @import("q8.zig");
const q2_k = @import("q2_k.zig");
const q3_k = @import("q3_k.zig");
const q6_k = @import("q6_k.zig");

pub const Format = enum(u32) {
    f32 = 0,
    f16 = 1,
    q4_0 = 2,
    q4_1 = 3,
    q5_0 = 6,
    q5_1 = 7,
    q8_0 = 8,
    q2_k = 10,
    q3_k = 11,
    q4_k = 12,
    q5_k = 13,
    q6_k = 14,
    bf16 = 30,
};

/// The namespace of a format: block_size, block_bytes, dequantize and, where it can be written,
/// quantize.
pub fn Family(comptime format: Format) type {
    return switch (format) {
        .f32 => float16.F32,
        .f16 => float16.F16,
        .bf16 => float16.BF16,
        .q4_0 => q4.Q4_0,
        .q4_1 => q4.Q4_1,
        .q5_0 => q5.Q5_0,
        .q5_1 => q5.Q5_1,
        .q8_0 => q8.Q8_0,
        .q2_k => q2_k.Q2_K,
        .q3_k => q3_k.Q3_K,
        .q4_k => q4_k.Q4_K,
        .q5_k => q4_k.Q5_K,
        .q6_k => q6_k.Q6_K,
    };
}

/// Whether a tensor type read from a file is one of `Format`.
pub fn isKnown(id: u32) bool {
    inline for (@typeInfo(Format).@"enum".fields) |field| {
        if (field.value == id) return true;
    }
    return false;
}

/// Elements in one block.
pub fn blockSize(format: Format) usize {
    return switch (format) {
        inline else => |known| Family(known).block_size,
    };
}

/// Bytes of one block in a file.
pub fn blockBytes(format: Format) usize {
    return switch (format) {
        inline else => |known| Family(known).block_bytes,
    };
}

/// Writes the f32 values of `count` elements, a multiple of the block size, `lanes` at a time.
/// Reads exactly count / blockSize * blockBytes bytes, at any alignment. The bits are those of the
/// gguf package's dequantize, but for the payload of a NaN.
pub inline fn dequantizeRow(
    comptime lanes: usize,
    format: Format,
    source: [*]const u8,
    count: usize,
    output: [*]f32,
) void {
    switch (format) {
        inline else => |known| Family(known).dequantize(lanes, source, count, output),
    }
}

/// Whether `quantizeRow` can write a format.
pub fn canQuantize(format: Format) bool {
    return switch (format) {
        inline else => |known| @hasDecl(Family(known), "quantize"),
    };
}

/// Writes `count` floats, a multiple of the block size, in the format's blocks: the bytes that
/// llama-quantize writes, on every CPU (but Q6_K where a NaN has a payload, which CPUs pass on
/// differently). The format must be one that `canQuantize`.
pub fn quantizeRow(format: Format, source: [*]const f32, count: usize, output: [*]u8) void {
    switch (format) {
        inline else => |known| {
            if (!@hasDecl(Family(known), "quantize")) unreachable;
            Family(known).quantize(source, count, output);
        },
    }
}
