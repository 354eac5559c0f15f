//! The part of the C ABI that vocabularies and the training of tokenizers call; made as abi.zig tells.
const checks = @import("checks.zig");
const merges = @import("merges.zig");
const strings = @import("strings.zig");
const WordCounts = @import("word_counts.zig").WordCounts;
const Result = checks.Result;
const aligned = checks.aligned;

/// Finds where each of `count` strings starts that lie in `bytes` as in GGUF: the first entry of the
/// count + 1 offsets is known, and those up to `done`. Returns how many strings are known then.
pub export fn cromwell_scan_strings(bytes: ?[*]const u8, length: usize, offsets: ?[*]align(1) u32, count: u32, done: u32) u32 {
    if (bytes == null or offsets == null or !aligned(offsets) or done > count) return done;
    return @intCast(strings.scan(bytes.?[0..length], @as([*]u32, @alignCast(offsets.?))[0 .. @as(usize, count) + 1], done));
}

/// Puts the tokens of a vocabulary into a hash table of 2^bits chains (strings.zig); both tables are
/// zeroed. Returns how many are in: fewer than `count` where one is too long.
pub export fn cromwell_index_tokens(
    bytes: ?[*]const u8,
    length: usize,
    offsets: ?[*]align(1) const u32,
    gap: u32,
    kinds: ?[*]const u8,
    count: u32,
    newest: ?[*]align(1) u32,
    bits: u32,
    older: ?[*]align(1) u32,
) u32 {
    if (bytes == null or offsets == null or kinds == null or newest == null or older == null) return 0;
    if (!aligned(offsets) or !aligned(newest) or !aligned(older) or bits == 0 or bits > 31) return 0;
    const index: strings.Index = .{
        .bytes = bytes.?[0..length],
        .offsets = @as([*]const u32, @alignCast(offsets.?))[0 .. @as(usize, count) + 1],
        .gap = gap,
        .types = kinds.?[0..count],
        .newest = @as([*]u32, @alignCast(newest.?))[0 .. @as(usize, 1) << @intCast(bits)],
        .older = @as([*]u32, @alignCast(older.?))[0..count],
    };
    return @intCast(index.fill());
}

/// An empty count of words (word_counts.zig), or null. One thread at a time may use it.
pub export fn cromwell_words_create() ?*anyopaque {
    return WordCounts.create() catch null;
}

/// Counts the words of a text: `ends` ascend, and the first word starts at 0.
pub export fn cromwell_words_add(
    words: ?*anyopaque,
    text: ?[*]const u8,
    length: u32,
    ends: ?[*]align(1) const u32,
    count: u32,
) Result {
    const self: *WordCounts = @ptrCast(@alignCast(words orelse return .null_pointer));
    if (text == null or ends == null) return .null_pointer;
    if (!aligned(ends)) return .misaligned;
    const places = @as([*]const u32, @alignCast(ends.?))[0..count];
    var last: u32 = 0;
    for (places) |end| {
        if (end < last or end > length) return .bad_shape;
        last = end;
    }
    self.add(text.?[0..length], places) catch return .out_of_memory;
    return .ok;
}

/// Forgets the words that were met at most `most` times.
pub export fn cromwell_words_drop(words: ?*anyopaque, most: u32) void {
    const self: *WordCounts = @ptrCast(@alignCast(words orelse return));
    self.drop(most);
}

/// Distinct words, or the bytes that they take together where `bytes` is not 0.
pub export fn cromwell_words_size(words: ?*anyopaque, bytes: u32) u32 {
    const self: *WordCounts = @ptrCast(@alignCast(words orelse return 0));
    return @intCast(if (bytes == 0) self.words.items.len else self.bytes.items.len);
}

pub export fn cromwell_words_destroy(words: ?*anyopaque) void {
    const self: *WordCounts = @ptrCast(@alignCast(words orelse return));
    self.destroy();
}

/// Learns merges from counted words, which must stay as they are (merges.zig): `ids` has an id for each
/// of the 256 bytes, new tokens count from `first`, and a pair is met at least `least` times. Or null.
pub export fn cromwell_merges_create(
    words: ?*anyopaque,
    ids: ?[*]align(1) const u32,
    first: u32,
    least: u32,
) ?*anyopaque {
    const self: *WordCounts = @ptrCast(@alignCast(words orelse return null));
    if (ids == null or !aligned(ids)) return null;
    const bytes = @as([*]const u32, @alignCast(ids.?))[0..256];
    return merges.Merges.create(self, bytes, first, least) catch null;
}

/// Takes more of the words in; `missing` gets how many there still are.
pub export fn cromwell_merges_prepare(learner: ?*anyopaque, missing: ?*u32) Result {
    const self: *merges.Merges = @ptrCast(@alignCast(learner orelse return .null_pointer));
    const output = missing orelse return .null_pointer;
    output.* = self.prepare() catch return .out_of_memory;
    return .ok;
}

/// Writes up to `count` merges of four numbers (left, right, made, times); the two numbers of `done` get
/// how many, and 1 when no pair is left.
pub export fn cromwell_merges_learn(
    learner: ?*anyopaque,
    output: ?[*]align(1) u32,
    count: u32,
    done: ?[*]align(1) u32,
) Result {
    const self: *merges.Merges = @ptrCast(@alignCast(learner orelse return .null_pointer));
    if (output == null or done == null) return .null_pointer;
    if (!aligned(output) or !aligned(done)) return .misaligned;
    const list: [*]merges.Merge = @ptrCast(@alignCast(output.?));
    const learnt = self.learn(list[0..count]) catch return .out_of_memory;
    const answer: [*]u32 = @alignCast(done.?);
    answer[0] = learnt.count;
    answer[1] = @intFromBool(learnt.exhausted);
    return .ok;
}

pub export fn cromwell_merges_destroy(learner: ?*anyopaque) void {
    const self: *merges.Merges = @ptrCast(@alignCast(learner orelse return));
    self.destroy();
}

test {
    _ = strings;
    _ = WordCounts;
    _ = merges;
    _ = @import("pair_table.zig");
}
