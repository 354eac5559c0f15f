//! How keys and values lie in a cache where they are not plain rows of f32.
//!
//! f16: keys in blocks of 16 positions, [padded_dim][16]: side by side for each dimension, so that a
//! query meets as many as the widest vector has lanes without a sum across them. Values are rows.
//!
//! q8_0: bytes and, after all of a head's, a scale for each position. An integer product takes bytes in
//! pairs, so they lie in pairs: keys in blocks of 16 positions, [padded_dim / 2][16][2], two dimensions
//! of each position; values [capacity / 2][padded_dim][2], two positions of each dimension.

/// Positions of a block of keys; a cache holds whole blocks.
pub const block = 16;

/// Elements of a head of q8_0: sums of more products, of at most 32767 x 127, could overflow.
pub const most_dimensions = 512;

pub const ByteHead = struct {
    bytes: [*]i8,
    scales: [*]f32,

    pub fn key(self: ByteHead, position: usize, dimension: usize, padded_dim: usize) *i8 {
        const column = self.bytes + position / block * block * padded_dim + position % block * 2;
        return &column[dimension / 2 * block * 2 + dimension % 2];
    }

    pub fn value(self: ByteHead, position: usize, dimension: usize, padded_dim: usize) *i8 {
        return &self.bytes[(position / 2 * padded_dim + dimension) * 2 + position % 2];
    }
};

/// One KV head of q8_0 keys or values.
pub fn byteHead(cache: [*]u8, kv_head: usize, capacity: usize, padded_dim: usize) ByteHead {
    const start = cache + kv_head * capacity * (padded_dim + @sizeOf(f32));
    return .{ .bytes = @ptrCast(start), .scales = @ptrCast(@alignCast(start + capacity * padded_dim)) };
}
