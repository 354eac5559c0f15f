//! What lstat tells of thousands of paths, on several threads: each is a microsecond for the system,
//! and three for JavaScript, which every look at a project would wait for.
const std = @import("std");
const builtin = @import("builtin");
const checks = @import("checks.zig");
const FileStatuses = @import("table.zig").FileStatuses;
const linux = std.os.linux;
const c = std.c;
const Result = checks.Result;

/// Paths that a thread takes at once.
const block = 64;
/// Threads that help, as far as there are processors; the file system itself is what is waited for.
const helpers_max = 3;
const paths_per_thread = 1024;

pub fn run(job: *FileStatuses) Result {
    if (job.root == null or job.paths == null or job.starts == null) return .null_pointer;
    if (job.sizes == null or job.mtimes == null or job.ctimes == null) return .null_pointer;
    if (job.stamps == null or job.modes == null) return .null_pointer;
    const columns = .{ "starts", "sizes", "mtimes", "ctimes", "stamps", "modes" };
    if (!checks.fieldsAligned(job, &columns)) return .misaligned;
    if (job.done > job.count or !areWhole(job)) return .bad_shape;
    const root = c.open(job.root.?, .{ .ACCMODE = .RDONLY, .DIRECTORY = true, .CLOEXEC = true });
    if (root < 0) return .open_failed;
    defer _ = c.close(root);
    look(job, root);
    return .ok;
}

/// Whether each path begins within the bytes and ends there.
fn areWhole(job: *const FileStatuses) bool {
    if (job.count == 0) return true;
    if (job.length == 0 or job.paths.?[job.length - 1] != 0) return false;
    for (job.starts.?[0..job.count]) |start| if (start >= job.length) return false;
    return true;
}

fn look(job: *FileStatuses, root: c.fd_t) void {
    var work: Work = .{
        .job = job,
        .root = root,
        .next = .init(job.done),
        .deadline = nanoseconds() + @as(i128, job.milliseconds) * std.time.ns_per_ms,
    };
    const processors: u32 = @intCast(std.Thread.getCpuCount() catch 1);
    const wanted = @min(helpers_max, processors - 1, (job.count - job.done) / paths_per_thread);
    var helpers: [helpers_max]std.Thread = undefined;
    var count: usize = 0;
    while (count < wanted) : (count += 1) {
        // With fewer threads it only takes longer.
        helpers[count] = std.Thread.spawn(.{ .stack_size = 256 << 10 }, Work.take, .{&work}) catch break;
    }
    work.take();
    for (helpers[0..count]) |helper| helper.join();
    job.done = @intCast(@min(work.next.load(.seq_cst), job.count));
}

const Work = struct {
    job: *const FileStatuses,
    root: c.fd_t,
    next: std.atomic.Value(u64),
    deadline: i128,

    /// What was claimed is always done: all paths before `next` are, once every thread is back.
    fn take(self: *Work) void {
        const count = self.job.count;
        var is_first = true;
        while (is_first or nanoseconds() < self.deadline) : (is_first = false) {
            const begin = self.next.fetchAdd(block, .seq_cst);
            if (begin >= count) return;
            for (begin..@min(begin + block, count)) |index| self.store(index);
        }
    }

    fn store(self: *Work, index: usize) void {
        const job = self.job;
        const status = statusOf(self.root, @ptrCast(job.paths.? + job.starts.?[index]));
        job.sizes.?[index] = @floatFromInt(status.size);
        job.mtimes.?[index] = toMilliseconds(status.mtime);
        job.ctimes.?[index] = toMilliseconds(status.ctime);
        job.stamps.?[index] = std.hash.Wyhash.hash(0, std.mem.asBytes(&status));
        job.modes.?[index] = status.mode;
    }
};

const Time = extern struct { seconds: i64 = 0, nanoseconds: i64 = 0 };

const Status = extern struct {
    size: u64 = 0,
    mtime: Time = .{},
    ctime: Time = .{},
    inode: u64 = 0,
    device: u64 = 0,
    mode: u32 = 0,
    /// Why nothing is known: a path that leads nowhere is not one that may not be looked at.
    failure: u32 = 0,
};

fn statusOf(root: c.fd_t, path: [*:0]const u8) Status {
    if (builtin.os.tag != .linux) return portable(root, path);
    var found: linux.Statx = undefined;
    const mask: linux.STATX = .{ .TYPE = true, .MODE = true, .SIZE = true, .MTIME = true, .CTIME = true, .INO = true };
    const code = linux.statx(root, path, linux.AT.SYMLINK_NOFOLLOW, mask, &found);
    const failure = linux.errno(code);
    if (failure != .SUCCESS) return .{ .failure = @intFromEnum(failure) };
    return .{
        .size = found.size,
        .mtime = .{ .seconds = found.mtime.sec, .nanoseconds = found.mtime.nsec },
        .ctime = .{ .seconds = found.ctime.sec, .nanoseconds = found.ctime.nsec },
        .inode = found.ino,
        .device = @as(u64, found.dev_major) << 32 | found.dev_minor,
        .mode = found.mode,
    };
}

fn portable(root: c.fd_t, path: [*:0]const u8) Status {
    var found: c.Stat = undefined;
    if (c.fstatat(root, path, &found, c.AT.SYMLINK_NOFOLLOW) != 0) {
        return .{ .failure = @intCast(c._errno().*) };
    }
    return .{
        .size = @intCast(found.size),
        .mtime = .{ .seconds = found.mtime().sec, .nanoseconds = found.mtime().nsec },
        .ctime = .{ .seconds = found.ctime().sec, .nanoseconds = found.ctime().nsec },
        .inode = found.ino,
        .device = @intCast(found.dev),
        .mode = found.mode,
    };
}

/// As JavaScript's own lstat gives it, to the bit.
fn toMilliseconds(time: Time) f64 {
    const seconds: f64 = @floatFromInt(time.seconds);
    const rest: f64 = @floatFromInt(time.nanoseconds);
    return seconds * 1000 + rest / 1e6;
}

fn nanoseconds() i128 {
    var now: c.timespec = undefined;
    _ = c.clock_gettime(.MONOTONIC, &now);
    return @as(i128, now.sec) * std.time.ns_per_s + now.nsec;
}

test "paths must begin and end within their bytes" {
    var starts = [_]u32{ 0, 2 };
    var job = std.mem.zeroes(FileStatuses);
    job.starts = &starts;
    job.count = 2;
    job.paths = "a\x00b\x00";
    job.length = 4;
    try std.testing.expect(areWhole(&job));
    job.length = 3;
    try std.testing.expect(!areWhole(&job));
    job.length = 2;
    try std.testing.expect(!areWhole(&job));
    job.length = 0;
    try std.testing.expect(!areWhole(&job));
}
