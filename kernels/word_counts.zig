//! Counts the words of a corpus, as a tokenizer is learnt from: each distinct word is kept once, with
//! how often it was met. A word is what the pre-tokenizer cut out, a few bytes long.
const std = @import("std");
const allocator = std.heap.c_allocator;

/// A longer word is data written as text: it would teach nothing, and make one merge slow.
pub const word_bytes_max = 256;

pub const Word = struct { start: u32, length: u32, hash: u32, count: u64 };

pub const WordCounts = struct {
    bytes: std.ArrayList(u8) = .empty,
    words: std.ArrayList(Word) = .empty,
    /// Open addressing: a word's index plus one, 0 where free; a power of two, at most half full.
    slots: []u32,

    pub fn create() error{OutOfMemory}!*WordCounts {
        const self = try allocator.create(WordCounts);
        errdefer allocator.destroy(self);
        const slots = try allocator.alloc(u32, 1 << 16);
        @memset(slots, 0);
        self.* = .{ .slots = slots };
        return self;
    }

    pub fn destroy(self: *WordCounts) void {
        self.bytes.deinit(allocator);
        self.words.deinit(allocator);
        allocator.free(self.slots);
        allocator.destroy(self);
    }

    /// Counts the words of `text` that end at `ends`, which ascend; the first one starts at 0.
    pub fn add(self: *WordCounts, text: []const u8, ends: []const u32) error{OutOfMemory}!void {
        var start: usize = 0;
        for (ends) |end| {
            const word = text[start..end];
            start = end;
            if (word.len == 0 or word.len > word_bytes_max) continue;
            try self.count(word);
        }
    }

    fn count(self: *WordCounts, word: []const u8) error{OutOfMemory}!void {
        const hash: u32 = @truncate(std.hash.Wyhash.hash(0, word));
        const mask = self.slots.len - 1;
        var slot = hash & mask;
        while (self.slots[slot] != 0) : (slot = (slot + 1) & mask) {
            const known = &self.words.items[self.slots[slot] - 1];
            if (known.hash != hash or !std.mem.eql(u8, self.textOf(known.*), word)) continue;
            known.count += 1;
            return;
        }
        const start = self.bytes.items.len;
        if (start + word.len > std.math.maxInt(u32)) return error.OutOfMemory;
        try self.bytes.appendSlice(allocator, word);
        const length: u32 = @intCast(word.len);
        try self.words.append(allocator, .{ .start = @intCast(start), .length = length, .hash = hash, .count = 1 });
        self.slots[slot] = @intCast(self.words.items.len);
        if (self.words.items.len * 2 > self.slots.len) try self.grow();
    }

    fn grow(self: *WordCounts) error{OutOfMemory}!void {
        const slots = try allocator.alloc(u32, self.slots.len * 2);
        allocator.free(self.slots);
        self.slots = slots;
        self.index();
    }

    fn index(self: *WordCounts) void {
        @memset(self.slots, 0);
        const mask = self.slots.len - 1;
        for (self.words.items, 1..) |word, number| {
            var slot = word.hash & mask;
            while (self.slots[slot] != 0) slot = (slot + 1) & mask;
            self.slots[slot] = @intCast(number);
        }
    }

    /// Forgets the words that were met at most `most` times.
    pub fn drop(self: *WordCounts, most: u64) void {
        var kept: usize = 0;
        var end: u32 = 0;
        for (self.words.items) |word| {
            if (word.count <= most) continue;
            const from = self.textOf(word);
            std.mem.copyForwards(u8, self.bytes.items[end..][0..from.len], from);
            self.words.items[kept] = .{ .start = end, .length = word.length, .hash = word.hash, .count = word.count };
            kept += 1;
            end += word.length;
        }
        self.words.shrinkRetainingCapacity(kept);
        self.bytes.shrinkRetainingCapacity(end);
        self.index();
    }

    pub fn textOf(self: *const WordCounts, word: Word) []const u8 {
        return self.bytes.items[word.start..][0..word.length];
    }
};

test "words are counted, dropped and found again" {
    const counts = try WordCounts.create();
    defer counts.destroy();
    try counts.add("abababc", &.{ 2, 4, 6, 7 });
    try std.testing.expectEqual(@as(usize, 2), counts.words.items.len);
    try std.testing.expectEqual(@as(u64, 3), counts.words.items[0].count);
    counts.drop(1);
    try std.testing.expectEqualStrings("ab", counts.bytes.items);
    try counts.add("cab", &.{ 1, 3 });
    try std.testing.expectEqual(@as(u64, 4), counts.words.items[0].count);
    try std.testing.expectEqual(@as(u64, 1), counts.words.items[1].count);
}

test "many words make the table grow; one that is too long is left out" {
    const counts = try WordCounts.create();
    defer counts.destroy();
    var text: [4]u8 = undefined;
    for (0..2) |_| for (0..100_000) |i| {
        std.mem.writeInt(u32, &text, @intCast(i), .little);
        try counts.add(&text, &.{4});
    };
    try counts.add(&(@as([257]u8, @splat('a'))), &.{257});
    try std.testing.expectEqual(@as(usize, 100_000), counts.words.items.len);
    for (counts.words.items) |word| try std.testing.expectEqual(@as(u64, 2), word.count);
}
