//! A persistent pool of threads. The chunks of a job are shared out evenly, side by side; a thread
//! takes its own share piece by piece, then from the others' shares, so that all end together even
//! where one is late. Idle workers spin a bounded time for the next job, then sleep until woken.
const std = @import("std");
const c = std.c;

pub const max_threads = 256;
/// Chunks of one job: more than this is a shape by mistake.
pub const max_chunks = 1 << 20;

/// Chunks [begin, end) of a job, on one thread.
pub const Run = *const fn (context: *const anyopaque, begin: u32, end: u32, worker: u32) void;

/// What is left of a thread's share, in one word, so that a part is claimed by one compare-and-swap.
/// (A job waits for all its chunks, so run and context are stable from a claim until it is done; a
/// claim is of the job under way, whichever the claiming thread came for.)
const Share = packed struct(u64) { next: u32, end: u32 };
/// Each in a cache line of its own, and its neighbour, which CPUs fetch along.
const Place = struct { share: std.atomic.Value(u64) align(128) };

var shares: [max_threads]Place = @splat(.{ .share = .init(0) });
/// Counts the jobs: workers look here for the next one.
var published: std.atomic.Value(u32) align(128) = .init(0);
var done: std.atomic.Value(u32) align(128) = .init(0);
var sleeping: std.atomic.Value(u32) align(128) = .init(0);
var stopping: std.atomic.Value(bool) = .init(false);
var run: Run = undefined;
var context: *const anyopaque = undefined;
var mutex: c.pthread_mutex_t = .{};
var wake: c.pthread_cond_t = .{};
var workers: [max_threads]std.Thread = undefined;
var worker_count: u32 = 0;

/// Threads that take part in a job, the calling one included.
pub fn count() u32 {
    return worker_count + 1;
}

/// Starts or stops workers so that `threads` take part from now on. Not while a job runs.
pub fn resize(threads: u32) std.Thread.SpawnError!void {
    const wanted = std.math.clamp(threads, 1, max_threads) - 1;
    if (wanted == worker_count) return;
    stop();
    while (worker_count < wanted) : (worker_count += 1) {
        const index = worker_count + 1;
        workers[worker_count] = try std.Thread.spawn(.{ .stack_size = 1 << 20 }, work, .{index});
    }
}

/// Ends all workers; jobs then run on the calling thread alone.
pub fn stop() void {
    stopping.store(true, .seq_cst);
    wakeAll();
    for (workers[0..worker_count]) |worker| worker.join();
    worker_count = 0;
    stopping.store(false, .seq_cst);
}

/// The pool and its scratch are one for the process, and each JavaScript thread (a Worker) may call:
/// whoever has the turn uses them, for one job.
pub const turn = struct {
    var held: c.pthread_mutex_t = .{};

    pub fn take() void {
        _ = c.pthread_mutex_lock(&held);
    }

    pub fn give() void {
        _ = c.pthread_mutex_unlock(&held);
    }
};

/// Runs `body(context, begin, end, worker)` over all chunks below `chunks`, in ranges and any order,
/// and returns when all are done. `worker` is below count() and no two ranges run at once with the
/// same one.
pub fn parallel(chunks: u32, job: *const anyopaque, body: Run) void {
    if (chunks == 0) return;
    std.debug.assert(chunks <= max_chunks);
    if (worker_count == 0 or chunks == 1) return body(job, 0, chunks, 0);
    run = body;
    context = job;
    done.store(0, .monotonic);
    for (0..count()) |i| shares[i].share.store(@bitCast(shareOf(chunks, @intCast(i))), .release);
    _ = published.fetchAdd(1, .seq_cst);
    if (sleeping.load(.seq_cst) > 0) wakeAll();
    claimAll(0);
    var patience: Patience = .{};
    while (done.load(.acquire) != chunks) patience.pause();
}

fn shareOf(chunks: u32, worker: u32) Share {
    const each = chunks / count();
    const more = chunks % count();
    const begin = each * worker + @min(worker, more);
    return .{ .next = begin, .end = begin + each + @intFromBool(worker < more) };
}

fn claimAll(worker: u32) void {
    var finished: u32 = 0;
    for (0..count()) |i| {
        const victim = (worker + i) % count();
        while (claim(&shares[victim].share)) |part| {
            run(context, part.next, part.end, worker);
            finished += part.end - part.next;
        }
    }
    if (finished > 0) _ = done.fetchAdd(finished, .release);
}

/// Half of what is left: few claims at first, small ones towards the end.
fn claim(place: *std.atomic.Value(u64)) ?Share {
    var seen = place.load(.acquire);
    while (true) {
        const left: Share = @bitCast(seen);
        if (left.next == left.end) return null;
        const taken = left.next + (left.end - left.next + 1) / 2;
        const after: Share = .{ .next = taken, .end = left.end };
        seen = place.cmpxchgWeak(seen, @bitCast(after), .acq_rel, .acquire) orelse
            return .{ .next = left.next, .end = taken };
    }
}

/// Waiting for another thread: at first without giving the core away, as it is a matter of
/// microseconds; then letting others run, as whoever is waited for may need the core.
const Patience = struct {
    pauses: u32 = 0,

    const before_yield = 2000;
    /// Before an idle worker sleeps: longer than the gap between two tokens, short enough that an
    /// idle program uses no CPU.
    const limit = before_yield + 1000;

    fn pause(self: *Patience) void {
        self.pauses +|= 1;
        if (self.pauses < before_yield) std.atomic.spinLoopHint() else std.Thread.yield() catch {};
    }

    fn isOver(self: *const Patience) bool {
        return self.pauses >= limit;
    }
};

fn work(worker: u32) void {
    var patience: Patience = .{};
    var seen = published.load(.acquire);
    while (!stopping.load(.monotonic)) {
        const now = published.load(.acquire);
        if (now != seen) {
            seen = now;
            claimAll(worker);
            patience = .{};
        } else if (patience.isOver()) {
            sleep(seen);
            patience = .{};
        } else patience.pause();
    }
}

fn sleep(seen: u32) void {
    _ = c.pthread_mutex_lock(&mutex);
    defer _ = c.pthread_mutex_unlock(&mutex);
    // Counted before the last look: a job published after that look sees a sleeper.
    _ = sleeping.fetchAdd(1, .seq_cst);
    while (published.load(.seq_cst) == seen and !stopping.load(.seq_cst)) _ = c.pthread_cond_wait(&wake, &mutex);
    _ = sleeping.fetchSub(1, .seq_cst);
}

fn wakeAll() void {
    _ = c.pthread_mutex_lock(&mutex);
    _ = c.pthread_cond_broadcast(&wake);
    _ = c.pthread_mutex_unlock(&mutex);
}

const Sum = struct {
    values: []const u32,
    results: []u32,

    fn range(pointer: *const anyopaque, begin: u32, end: u32, worker: u32) void {
        const self: *const Sum = @ptrCast(@alignCast(pointer));
        std.debug.assert(worker < count());
        for (begin..end) |i| self.results[i] += self.values[i] * 3;
    }
};

/// Many short jobs over `threads` threads, each checked; also run under ThreadSanitizer.
pub fn stress(threads: u32, jobs: u32) !void {
    try resize(threads);
    defer stop();
    var values: [64]u32 = undefined;
    var results: [64]u32 = undefined;
    for (0..jobs) |job| {
        const chunks: u32 = @intCast(job % 64);
        for (&values, 0..) |*v, i| v.* = @intCast(job +% i);
        @memset(&results, 0);
        parallel(chunks, &Sum{ .values = &values, .results = &results }, Sum.range);
        for (0..64) |i| {
            const want: u32 = if (i < chunks) values[i] * 3 else 0;
            if (results[i] != want) return error.WrongResult;
        }
    }
}

test "every chunk of every job runs once, with 1 to 7 threads" {
    for ([_]u32{ 1, 2, 3, 7 }) |threads| try stress(threads, 3000);
}
