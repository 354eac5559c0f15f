//! A persistent pool of threads. A job is cut into chunks which the caller and the workers claim
//! from one counter; workers spin a bounded time for the next job, then sleep until woken.
const std = @import("std");
const c = std.c;

pub const max_threads = 256;
/// Chunks of one job: what its 20 bits of the ticket count to.
pub const max_chunks = (1 << 20) - 1;
/// Pauses before an idle worker sleeps: about 100 microseconds, longer than the gap between two
/// steps of a decode, short enough that an idle program uses no CPU.
const spin_limit = 4000;

pub const Run = *const fn (context: *const anyopaque, chunk: u32, worker: u32) void;

/// Generation, next chunk and number of chunks in one word, so that a chunk is claimed by one
/// compare-and-swap and can only be claimed of the job that is under way. (A job waits for all its
/// chunks, so run and context are stable from a claim until that chunk is done.)
const Ticket = packed struct(u64) { next: u20, total: u20, generation: u24 };

var ticket: std.atomic.Value(u64) align(128) = .init(0);
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

/// Runs `body(context, chunk, worker)` for every chunk below `chunks`, in any order, and returns
/// when all are done. `worker` is below count() and no two chunks run at once with the same one.
pub fn parallel(chunks: u32, job: *const anyopaque, body: Run) void {
    if (chunks == 0) return;
    if (worker_count == 0 or chunks == 1) {
        for (0..chunks) |chunk| body(job, @intCast(chunk), 0);
        return;
    }
    std.debug.assert(chunks <= max_chunks);
    run = body;
    context = job;
    done.store(0, .monotonic);
    const last: Ticket = @bitCast(ticket.load(.monotonic));
    const next: Ticket = .{ .next = 0, .total = @intCast(chunks), .generation = last.generation +% 1 };
    ticket.store(@bitCast(next), .seq_cst);
    if (sleeping.load(.seq_cst) > 0) wakeAll();
    claimAll(0);
    var spins: u32 = 0;
    while (done.load(.acquire) != chunks) : (spins +|= 1) {
        if (spins < spin_limit) std.atomic.spinLoopHint() else std.Thread.yield() catch {};
    }
}

fn claimAll(worker: u32) void {
    while (claim()) |chunk| {
        run(context, chunk, worker);
        _ = done.fetchAdd(1, .release);
    }
}

fn claim() ?u32 {
    var seen = ticket.load(.acquire);
    while (true) {
        const now: Ticket = @bitCast(seen);
        if (now.next >= now.total) return null;
        const after: Ticket = .{ .next = now.next + 1, .total = now.total, .generation = now.generation };
        seen = ticket.cmpxchgWeak(seen, @bitCast(after), .acq_rel, .acquire) orelse return now.next;
    }
}

fn work(worker: u32) void {
    var spins: u32 = 0;
    while (!stopping.load(.monotonic)) {
        if (hasWork()) {
            claimAll(worker);
            spins = 0;
        } else if (spins < spin_limit) {
            spins += 1;
            std.atomic.spinLoopHint();
        } else {
            sleep();
            spins = 0;
        }
    }
}

fn hasWork() bool {
    const now: Ticket = @bitCast(ticket.load(.seq_cst));
    return now.next < now.total;
}

fn sleep() void {
    _ = c.pthread_mutex_lock(&mutex);
    defer _ = c.pthread_mutex_unlock(&mutex);
    // Counted before the last look at the ticket: a job published after that look sees a sleeper.
    _ = sleeping.fetchAdd(1, .seq_cst);
    while (!hasWork() and !stopping.load(.seq_cst)) _ = c.pthread_cond_wait(&wake, &mutex);
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

    fn chunk(pointer: *const anyopaque, index: u32, worker: u32) void {
        const self: *const Sum = @ptrCast(@alignCast(pointer));
        std.debug.assert(worker < count());
        self.results[index] = self.values[index] * 3;
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
        parallel(chunks, &Sum{ .values = &values, .results = &results }, Sum.chunk);
        for (0..64) |i| {
            const want: u32 = if (i < chunks) values[i] * 3 else 0;
            if (results[i] != want) return error.WrongResult;
        }
    }
}

test "every chunk of every job runs once, with 1 to 7 threads" {
    for ([_]u32{ 1, 2, 3, 7 }) |threads| try stress(threads, 3000);
}
