//! Passes over a vocabulary's strings that every start waits for: JavaScript would still interpret
//! them there, 50,000 turns that run once.
const std = @import("std");

/// Bytes in front of a string in GGUF: its length.
const prefix = 8;

/// Fills `offsets` from entry `done` on while the strings lie within `bytes`: where each starts, and
/// where one after the last would. Returns how many are then known.
pub fn scan(bytes: []const u8, offsets: []u32, done: usize) usize {
    const count = offsets.len - 1;
    var at: usize = offsets[done];
    for (done..count) |i| {
        if (at < prefix or at > bytes.len) return i;
        const length = std.mem.readInt(u64, bytes[at - prefix ..][0..prefix], .little);
        if (length > bytes.len - at) return i;
        at += @as(usize, @intCast(length)) + prefix;
        if (at > std.math.maxInt(u32)) return i;
        offsets[i + 1] = @intCast(at);
    }
    return count;
}

/// A vocabulary's strings, its types, and the chains of a hash table: by hash the newest token plus
/// one, from there the older ones.
pub const Index = struct {
    bytes: []const u8,
    /// One more than there are tokens; a string ends `gap` before the next one starts.
    offsets: []const u32,
    gap: u32,
    types: []const u8,
    newest: []u32,
    older: []u32,

    const token_bytes_max = 0xffff;

    /// Returns how many tokens are in, which is fewer than there are where one is too long.
    pub fn fill(self: Index) usize {
        const shift: u5 = @intCast(32 - std.math.log2_int(usize, self.newest.len));
        for (self.types, self.older, 0..) |kind, *older, id| {
            const start = self.offsets[id];
            const after = self.offsets[id + 1];
            if (after < @as(u64, start) + self.gap or after - self.gap > self.bytes.len) return id;
            const string = self.bytes[start .. after - self.gap];
            if (string.len > token_bytes_max) return id;
            if (string.len == 0 or !isText(kind)) continue;
            const slot = &self.newest[hashOf(string) >> shift];
            older.* = slot.*;
            slot.* = @intCast(id + 1);
        }
        return self.types.len;
    }
};

/// Unknown, control and byte tokens are no text (src/formats/token-type.ts).
fn isText(kind: u8) bool {
    return kind != 2 and kind != 3 and kind != 6;
}

/// The same as in src/tokenizer/vocabulary.ts, which looks up by it.
fn hashOf(string: []const u8) u32 {
    const factor = 0x01000193;
    const length = string.len;
    var hash: u32 = @as(u32, @intCast(length)) *% factor +% string[0];
    if (length > 1) hash = hash *% factor +% string[length - 1];
    if (length > 2) hash = hash *% factor +% string[2];
    if (length > 3) hash = hash *% factor +% string[3];
    if (length > 4) hash = hash *% factor +% string[length - 2];
    if (length > 5) hash = hash *% factor +% string[length / 2];
    return (hash ^ (hash >> 15)) *% 0x9e3779b1;
}

test "strings are found up to the one that is cut" {
    const bytes = [_]u8{ 1, 0, 0, 0, 0, 0, 0, 0, 'a', 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 'b' };
    var offsets = [_]u32{ 8, 0, 0, 0 };
    try std.testing.expectEqual(@as(usize, 2), scan(&bytes, &offsets, 0));
    try std.testing.expectEqualSlices(u32, &.{ 8, 17, 25, 0 }, &offsets);
    try std.testing.expectEqual(@as(usize, 2), scan(&bytes, &offsets, 2));
}
