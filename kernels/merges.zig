//! Learns the merges of byte-pair encoding from counted words: again and again the most frequent pair of
//! neighbouring tokens becomes a token. Only the words that have the pair are looked at, and only what
//! changes is counted, so the 50,000th merge costs a few microseconds. The order of the words has no
//! influence: counts are sums, and of equally frequent pairs the one of older tokens goes first.
const std = @import("std");
const PairTable = @import("pair_table.zig").PairTable;
const WordCounts = @import("word_counts.zig").WordCounts;
const allocator = std.heap.c_allocator;

/// Symbols looked at before a call returns, some tens of milliseconds: the caller may be interrupted.
const symbols_between = 1 << 17;

pub const Merge = extern struct { left: u32, right: u32, made: u32, count: u32 };

pub const Merges = struct {
    words: *const WordCounts,
    /// Id of each byte.
    ids: [256]u32,
    /// Id of the next new token.
    next: u32,
    /// A pair that occurs less often is not merged.
    least: i64,
    /// The words as tokens, one behind the other, from `starts` on; each `lengths` long by now.
    symbols: []u32,
    starts: []u32,
    lengths: []u32,
    /// Words that are in already.
    prepared: u32 = 0,
    pairs: PairTable = .{},
    /// The merge under way, and which of the words that may have its pair come next.
    current: ?Merge = null,
    current_words: std.ArrayList(u32) = .empty,
    current_at: usize = 0,
    /// Pairs that occur more often since the merge began.
    risen: std.ArrayList(u32) = .empty,
    /// Bytes of every token, so that one that comes about in two ways is one token.
    texts: std.StringHashMapUnmanaged(u32) = .empty,
    text_of: std.AutoHashMapUnmanaged(u32, []const u8) = .empty,
    arena: std.heap.ArenaAllocator,

    pub fn create(words: *const WordCounts, ids: *const [256]u32, first: u32, least: u32) error{OutOfMemory}!*Merges {
        var arena: std.heap.ArenaAllocator = .init(allocator);
        errdefer arena.deinit();
        const memory = arena.allocator();
        const self = try memory.create(Merges);
        self.* = .{
            .words = words,
            .ids = ids.*,
            .next = first,
            .least = @max(1, least),
            .symbols = try memory.alloc(u32, words.bytes.items.len),
            .starts = try memory.alloc(u32, words.words.items.len),
            .lengths = try memory.alloc(u32, words.words.items.len),
            .arena = undefined,
        };
        for (ids, 0..) |id, byte| {
            const text = try memory.dupe(u8, &.{@intCast(byte)});
            try self.texts.put(memory, text, id);
            try self.text_of.put(memory, id, text);
        }
        self.arena = arena;
        return self;
    }

    pub fn destroy(self: *Merges) void {
        self.pairs.deinit();
        self.risen.deinit(allocator);
        self.current_words.deinit(allocator);
        // The arena holds this very struct.
        var arena = self.arena;
        arena.deinit();
    }

    /// Takes more words in, some milliseconds' worth. Returns how many are still missing.
    pub fn prepare(self: *Merges) error{OutOfMemory}!u32 {
        const all = self.words.words.items;
        var looked: usize = 0;
        while (self.prepared < all.len and looked < symbols_between) : (self.prepared += 1) {
            const word = all[self.prepared];
            self.starts[self.prepared] = word.start;
            self.lengths[self.prepared] = word.length;
            looked += word.length;
            const symbols = self.symbols[word.start..][0..word.length];
            for (self.words.textOf(word), symbols, 0..) |byte, *symbol, i| {
                symbol.* = self.ids[byte];
                if (i > 0) try self.change(symbols[i - 1], symbol.*, @intCast(word.count), self.prepared);
            }
        }
        if (self.prepared == all.len) try self.pushRisen();
        return @intCast(all.len - self.prepared);
    }

    fn change(self: *Merges, left: u32, right: u32, by: i64, word: u32) error{OutOfMemory}!void {
        const at = try self.pairs.find(left, right);
        const pair = &self.pairs.pairs.items[at];
        pair.count += by;
        if (by < 0) return;
        if (!pair.risen) try self.risen.append(allocator, at);
        pair.risen = true;
        if (pair.words.getLastOrNull() != word) try pair.words.append(allocator, word);
    }

    fn pushRisen(self: *Merges) error{OutOfMemory}!void {
        for (self.risen.items) |at| {
            const pair = &self.pairs.pairs.items[at];
            pair.risen = false;
            if (pair.count >= self.least) try self.pairs.push(at);
        }
        self.risen.clearRetainingCapacity();
    }

    /// What learn() did: merges that were finished, and whether no pair occurs often enough any more.
    pub const Learnt = struct { count: u32, exhausted: bool };

    /// Writes the next merges, at most as many as there is room for and as are finished in some tens of
    /// milliseconds: maybe none, as one merge of a large corpus takes longer.
    pub fn learn(self: *Merges, output: []Merge) error{OutOfMemory}!Learnt {
        var looked: usize = 0;
        var count: u32 = 0;
        while (count < output.len and looked < symbols_between) {
            if (self.current == null and !try self.begin()) return .{ .count = count, .exhausted = true };
            looked += try self.mergeWords(symbols_between - looked);
            if (self.current_at < self.current_words.items.len) break;
            output[count] = self.current.?;
            count += 1;
            try self.finish();
        }
        return .{ .count = count, .exhausted = false };
    }

    /// Takes the most frequent pair; false where none occurs often enough.
    fn begin(self: *Merges) error{OutOfMemory}!bool {
        const best = self.pairs.takeMost(self.least) orelse return false;
        const pair = &self.pairs.pairs.items[best];
        const left = pair.left();
        const right = pair.right();
        const made = try self.tokenOf(left, right);
        self.current = .{ .left = left, .right = right, .made = made, .count = std.math.lossyCast(u32, pair.count) };
        // Taken out: merging a word makes new pairs, and the table may move.
        self.current_words = pair.words;
        self.current_at = 0;
        pair.words = .empty;
        return true;
    }

    /// Merges the pair within words of some `most` symbols; returns how many there were.
    fn mergeWords(self: *Merges, most: usize) error{OutOfMemory}!usize {
        const merge = self.current.?;
        var looked: usize = 0;
        while (self.current_at < self.current_words.items.len and looked < most) : (self.current_at += 1) {
            const word = self.current_words.items[self.current_at];
            looked += self.lengths[word];
            try self.mergeWord(word, merge.left, merge.right, merge.made);
        }
        return looked;
    }

    fn finish(self: *Merges) error{OutOfMemory}!void {
        const merge = self.current.?;
        const done = try self.pairs.find(merge.left, merge.right);
        self.pairs.pairs.items[done].count = 0;
        self.current = null;
        self.current_words.deinit(allocator);
        self.current_words = .empty;
        try self.pushRisen();
    }

    fn mergeWord(self: *Merges, word: u32, left: u32, right: u32, made: u32) error{OutOfMemory}!void {
        const symbols = self.symbols[self.starts[word]..][0..self.lengths[word]];
        const count: i64 = @intCast(self.words.words.items[word].count);
        var length: usize = 0;
        var i: usize = 0;
        while (i < symbols.len) : (length += 1) {
            if (symbols[i] != left or i + 1 == symbols.len or symbols[i + 1] != right) {
                symbols[length] = symbols[i];
                i += 1;
                continue;
            }
            if (length > 0) {
                const before = symbols[length - 1];
                try self.change(before, left, -count, word);
                try self.change(before, made, count, word);
            }
            if (i + 2 < symbols.len) {
                const after = symbols[i + 2];
                try self.change(right, after, -count, word);
                try self.change(made, after, count, word);
            }
            symbols[length] = made;
            i += 2;
        }
        self.lengths[word] = @intCast(length);
    }

    fn tokenOf(self: *Merges, left: u32, right: u32) error{OutOfMemory}!u32 {
        const memory = self.arena.allocator();
        const parts = [_][]const u8{ self.text_of.get(left).?, self.text_of.get(right).? };
        const text = try std.mem.concat(memory, u8, &parts);
        const known = try self.texts.getOrPut(memory, text);
        if (known.found_existing) return known.value_ptr.*;
        known.value_ptr.* = self.next;
        try self.text_of.put(memory, self.next, text);
        self.next += 1;
        return known.value_ptr.*;
    }
};

test "the most frequent pair is merged first, and what it makes can be merged again" {
    const counts = try WordCounts.create();
    defer counts.destroy();
    for (0..3) |_| try counts.add("aaabdaaabac", &.{11});
    var ids: [256]u32 = undefined;
    for (&ids, 0..) |*id, byte| id.* = @intCast(byte);
    const merges = try Merges.create(counts, &ids, 256, 2);
    defer merges.destroy();
    try std.testing.expectEqual(@as(u32, 0), try merges.prepare());
    var made: [8]Merge = undefined;
    const learnt = try merges.learn(made[0..3]);
    try std.testing.expectEqual(Merges.Learnt{ .count = 3, .exhausted = false }, learnt);
    try std.testing.expectEqual(Merge{ .left = 'a', .right = 'a', .made = 256, .count = 12 }, made[0]);
    try std.testing.expectEqual(Merge{ .left = 'a', .right = 'b', .made = 257, .count = 6 }, made[1]);
    try std.testing.expectEqual(Merge{ .left = 256, .right = 257, .made = 258, .count = 6 }, made[2]);
}
