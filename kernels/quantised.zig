//! Inputs of tile products as ops/activations.zig writes them: 16-bit integers, and for each block of
//! them a scale and an offset, which is the scale times the integers' sum.
pub const Quantised = extern struct {
    quants: [*]i16,
    scales: [*]f32,
    offsets: [*]f32,
    /// Elements from one input to the next, and blocks of each.
    stride: usize,
    blocks: usize,

    /// Elements that share a scale.
    pub const block = 32;

    /// Bytes that `m` inputs take.
    pub fn sizeOf(columns: usize, m: usize) usize {
        return m * (strideOf(columns) * 2 + columns / block * 8);
    }

    /// The places of `m` inputs in `memory`, which has sizeOf bytes.
    pub fn layOut(memory: [*]align(64) u8, columns: usize, m: usize) Quantised {
        const scales: [*]f32 = @ptrCast(@alignCast(memory + m * strideOf(columns) * 2));
        return .{
            .quants = @ptrCast(memory),
            .scales = scales,
            .offsets = scales + m * (columns / block),
            .stride = strideOf(columns),
            .blocks = columns / block,
        };
    }

    /// The same without the first inputs.
    pub fn from(self: Quantised, first: usize) Quantised {
        var rest = self;
        rest.quants += first * self.stride;
        rest.scales += first * self.blocks;
        rest.offsets += first * self.blocks;
        return rest;
    }

    /// An odd number of cache lines, so that the same columns of several inputs do not all fall
    /// into one set of the cache.
    fn strideOf(columns: usize) usize {
        return ((columns / block) | 1) * block;
    }
};
