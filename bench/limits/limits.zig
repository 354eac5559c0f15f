//! The machine's limits: memory read bandwidth and f32 FMA peak for a number of threads, as one line
//! of JSON. A benchmark runs it between its own rounds, as machines are shared and change.
//! usage: limits THREADS
const std = @import("std");

const lanes = std.simd.suggestVectorLength(f32) orelse 4;
const V = @Vector(lanes, f32);
const buffer_floats = 128 << 20;
const fma_rounds = 4_000_000;
const chains = 10;

fn read(values: []const f32, result: *f32) void {
    var sums: [8]V = @splat(@splat(0));
    var i: usize = 0;
    while (i + 8 * lanes <= values.len) : (i += 8 * lanes) {
        inline for (0..8) |k| sums[k] += @as(V, values[i + k * lanes ..][0..lanes].*);
    }
    result.* = total(&sums);
}

fn multiplyAdd(_: []const f32, result: *f32) void {
    var sums: [chains]V = @splat(@splat(1));
    var factor: V = @splat(0.999999);
    var term: V = @splat(1e-7);
    std.mem.doNotOptimizeAway(&factor);
    std.mem.doNotOptimizeAway(&term);
    const f = factor;
    const t = term;
    for (0..fma_rounds) |_| {
        inline for (0..chains) |k| sums[k] = @mulAdd(V, sums[k], f, t);
    }
    result.* = total(&sums);
}

fn total(sums: []const V) f32 {
    var result: f32 = 0;
    for (sums) |sum| result += @reduce(.Add, sum);
    return result;
}

fn now() u64 {
    var time: std.c.timespec = undefined;
    _ = std.c.clock_gettime(.MONOTONIC, &time);
    return @as(u64, @intCast(time.sec)) * std.time.ns_per_s + @as(u64, @intCast(time.nsec));
}

/// Nanoseconds for all threads to do their share of the buffer; the best of three.
fn measure(buffer: []const f32, threads: usize, comptime work: anytype) !u64 {
    var best: u64 = std.math.maxInt(u64);
    var results: [64]f32 = undefined;
    const share = buffer.len / threads;
    for (0..3) |_| {
        var workers: [64]std.Thread = undefined;
        const start = now();
        for (1..threads) |i| {
            workers[i] = try std.Thread.spawn(.{}, work, .{ buffer[i * share ..][0..share], &results[i] });
        }
        work(buffer[0..share], &results[0]);
        for (1..threads) |i| workers[i].join();
        best = @min(best, now() - start);
        std.mem.doNotOptimizeAway(&results);
    }
    return best;
}

pub fn main(init: std.process.Init) !void {
    var arguments = init.minimal.args.iterate();
    _ = arguments.skip();
    const threads = try std.fmt.parseInt(usize, arguments.next() orelse "1", 10);
    if (threads == 0 or threads > 64) return error.TooManyThreads;
    const buffer = try std.heap.page_allocator.alloc(f32, buffer_floats);
    for (buffer, 0..) |*value, i| value.* = @floatFromInt(i & 7);
    const bytes: f64 = @floatFromInt(buffer.len / threads * threads * 4);
    const bandwidth = bytes / @as(f64, @floatFromInt(try measure(buffer, threads, read)));
    const operations: f64 = @floatFromInt(2 * lanes * chains * fma_rounds * threads);
    const peak = operations / @as(f64, @floatFromInt(try measure(buffer, threads, multiplyAdd)));
    std.debug.print(
        "{{\"threads\":{d},\"readGigabytesPerSecond\":{d:.2},\"fmaGigaflops\":{d:.1}}}\n",
        .{ threads, bandwidth, peak },
    );
}
