//! The pairs of neighbouring tokens that learning merges looks at: how often each occurs, in which
//! words, and which is the most frequent one.
const std = @import("std");
const allocator = std.heap.c_allocator;

pub const Pair = struct {
    /// The left token above the right one, so that keys compare as the pairs do.
    key: u64,
    count: i64 = 0,
    /// Occurs more often than when it was last pushed.
    risen: bool = false,
    /// Words that have had the pair; some may have lost it since.
    words: std.ArrayList(u32) = .empty,

    pub fn left(self: Pair) u32 {
        return @intCast(self.key >> 32);
    }

    pub fn right(self: Pair) u32 {
        return @truncate(self.key);
    }
};

pub const PairTable = struct {
    pairs: std.ArrayList(Pair) = .empty,
    /// Open addressing: a pair's index plus one, 0 where free; a power of two, at most half full.
    slots: []u32 = &.{},
    heap: std.ArrayList(Entry) = .empty,

    /// A pair and the count that it had when it was put in: at least what it has now.
    const Entry = struct {
        count: i64,
        key: u64,
        pair: u32,

        /// The more frequent first; of equals, the one of older tokens.
        fn before(self: Entry, other: Entry) bool {
            return if (self.count != other.count) self.count > other.count else self.key < other.key;
        }
    };

    pub fn deinit(self: *PairTable) void {
        for (self.pairs.items) |*pair| pair.words.deinit(allocator);
        self.pairs.deinit(allocator);
        self.heap.deinit(allocator);
        allocator.free(self.slots);
    }

    /// The index of a pair, which is made where there is none yet.
    pub fn find(self: *PairTable, left: u32, right: u32) error{OutOfMemory}!u32 {
        if (self.pairs.items.len * 2 >= self.slots.len) try self.grow();
        const key = @as(u64, left) << 32 | right;
        const slot = self.slotOf(key);
        if (self.slots[slot] == 0) {
            try self.pairs.append(allocator, .{ .key = key });
            self.slots[slot] = @intCast(self.pairs.items.len);
        }
        return self.slots[slot] - 1;
    }

    fn slotOf(self: *const PairTable, key: u64) usize {
        const mask = self.slots.len - 1;
        const mixed = (key ^ key >> 29) *% 0x9e3779b97f4a7c15;
        var slot: usize = @intCast((mixed >> 32) & mask);
        while (self.slots[slot] != 0 and self.pairs.items[self.slots[slot] - 1].key != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    fn grow(self: *PairTable) error{OutOfMemory}!void {
        const slots = try allocator.alloc(u32, @max(1 << 12, self.slots.len * 2));
        allocator.free(self.slots);
        self.slots = slots;
        @memset(slots, 0);
        for (self.pairs.items, 1..) |pair, number| slots[self.slotOf(pair.key)] = @intCast(number);
    }

    /// Lets a pair be found by takeMost() with the count that it has now.
    pub fn push(self: *PairTable, pair: u32) error{OutOfMemory}!void {
        const known = self.pairs.items[pair];
        try self.heap.append(allocator, .{ .count = known.count, .key = known.key, .pair = pair });
        const entries = self.heap.items;
        var at = entries.len - 1;
        while (at > 0) {
            const above = (at - 1) / 2;
            if (!entries[at].before(entries[above])) break;
            std.mem.swap(Entry, &entries[at], &entries[above]);
            at = above;
        }
    }

    /// Takes the most frequent pair out; null where none occurs `least` times.
    pub fn takeMost(self: *PairTable, least: i64) ?u32 {
        while (self.heap.items.len > 0) {
            const top = &self.heap.items[0];
            if (top.count < least) return null;
            const now = self.pairs.items[top.pair].count;
            const pair = top.pair;
            const isNow = top.count == now;
            if (isNow or now < least) top.* = self.heap.pop().? else top.count = now;
            if (self.heap.items.len > 0) self.sink();
            if (isNow) return pair;
        }
        return null;
    }

    fn sink(self: *PairTable) void {
        const entries = self.heap.items;
        var at: usize = 0;
        while (true) {
            var best = at;
            for ([_]usize{ 2 * at + 1, 2 * at + 2 }) |below| {
                if (below < entries.len and entries[below].before(entries[best])) best = below;
            }
            if (best == at) return;
            std.mem.swap(Entry, &entries[at], &entries[best]);
            at = best;
        }
    }
};

test "pairs come by count, then by token; a count that fell is seen" {
    var table: PairTable = .{};
    defer table.deinit();
    const counts = [_]i64{ 3, 9, 3, 1, 7 };
    for (counts, 0..) |count, i| {
        const pair = try table.find(@intCast(10 - i), 1);
        table.pairs.items[pair].count = count;
        try table.push(pair);
    }
    table.pairs.items[1].count = 2;
    for ([_]u32{ 4, 2, 0, 1 }) |expected| try std.testing.expectEqual(expected, table.takeMost(2).?);
    try std.testing.expectEqual(null, table.takeMost(2));
}
