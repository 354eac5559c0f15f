//! Memory that TypeScript holds by address: arenas and reservations straight from the operating
//! system, zeroed and aligned to 64 bytes, and model files mapped private and read-only.
const std = @import("std");
const builtin = @import("builtin");
const posix = std.posix;

pub const alignment = 64;
const page = std.heap.page_size_min;
const large_page = 2 << 20;
pub const Pages = []align(page) u8;

/// Zeroed pages; physical memory is only taken where they are touched.
pub fn reserve(size: usize) error{OutOfMemory}!Pages {
    const flags: posix.MAP = switch (builtin.os.tag) {
        .linux => .{ .TYPE = .PRIVATE, .ANONYMOUS = true, .NORESERVE = true },
        else => .{ .TYPE = .PRIVATE, .ANONYMOUS = true },
    };
    const length = std.mem.alignForward(usize, size, page);
    return posix.mmap(null, length, .{ .READ = true, .WRITE = true }, flags, -1, 0) catch error.OutOfMemory;
}

pub fn release(address: *anyopaque, size: usize) void {
    const start: [*]align(page) u8 = @ptrCast(@alignCast(address));
    posix.munmap(start[0..std.mem.alignForward(usize, size, page)]);
}

/// A bump allocator over one reservation: allocations are aligned and zeroed, and end together.
pub const Arena = struct {
    pages: Pages,
    used: usize,

    const header_size = std.mem.alignForward(usize, @sizeOf(Arena), alignment);

    pub fn create(capacity: usize) error{OutOfMemory}!*Arena {
        const size = std.math.add(usize, capacity, header_size) catch return error.OutOfMemory;
        const pages = try reserve(size);
        const arena: *Arena = @ptrCast(pages.ptr);
        arena.* = .{ .pages = pages, .used = header_size };
        return arena;
    }

    pub fn allocate(arena: *Arena, size: usize) ?[*]align(alignment) u8 {
        const end = std.math.add(usize, arena.used, size) catch return null;
        if (end > arena.pages.len) return null;
        const start = arena.used;
        arena.used = std.mem.alignForward(usize, end, alignment);
        return @alignCast(arena.pages.ptr + start);
    }

    pub fn destroy(arena: *Arena) void {
        release(arena.pages.ptr, arena.pages.len);
    }
};

/// How a mapped file will be read: a part of it here and there, or all of it, again and again.
pub const Use = enum(u32) { parts, whole };

/// Maps a whole file for reading; `Changed` where it is not `size` bytes long, which must not be 0.
pub fn mapFile(path: [*:0]const u8, size: usize, use: Use) error{ OpenFailed, MapFailed, Changed }!Pages {
    const fd = std.c.open(path, .{ .ACCMODE = .RDONLY, .CLOEXEC = true });
    if (fd < 0) return error.OpenFailed;
    defer _ = std.c.close(fd);
    const end = std.c.lseek(fd, 0, std.c.SEEK.END);
    if (end < 0 or @as(u64, @intCast(end)) != size) return error.Changed;
    installBusHandler();
    if (use == .whole and builtin.os.tag == .linux) return mapLarge(fd, size);
    return mapAt(null, fd, size);
}

fn mapAt(place: ?Pages, fd: std.c.fd_t, size: usize) error{MapFailed}!Pages {
    const at: ?*align(page) anyopaque = if (place) |pages| pages.ptr else null;
    const flags: posix.MAP = .{ .TYPE = .PRIVATE, .FIXED = place != null };
    const memory = std.c.mmap(at, size, .{ .READ = true }, flags, fd, 0);
    if (memory == std.c.MAP_FAILED) return error.MapFailed;
    const pages: [*]align(page) u8 = @ptrCast(@alignCast(memory));
    return pages[0..size];
}

/// At a large page's boundary, so that a file system that keeps a file in large pages can map them as
/// such: nearly no faults, and as few misses of the address cache as memory of our own has.
fn mapLarge(fd: std.c.fd_t, size: usize) error{MapFailed}!Pages {
    const length = std.mem.alignForward(usize, size, std.heap.pageSize());
    const reserved = reserve(length + large_page) catch return error.MapFailed;
    const skipped = std.mem.alignForward(usize, @intFromPtr(reserved.ptr), large_page) - @intFromPtr(reserved.ptr);
    if (skipped > 0) posix.munmap(reserved[0..skipped]);
    posix.munmap(@alignCast(reserved[skipped + length ..]));
    const place: Pages = @alignCast(reserved[skipped..][0..length]);
    const pages = mapAt(place, fd, size) catch |failure| {
        posix.munmap(place);
        return failure;
    };
    preferLargePages(pages.ptr, size);
    return pages;
}

/// Asks for large pages, where the system has them, in memory that will be written whole: fewer
/// faults now, fewer misses of the address cache later.
pub fn preferLargePages(address: *anyopaque, size: usize) void {
    if (builtin.os.tag != .linux) return;
    const start = std.mem.alignBackward(usize, @intFromPtr(address), std.heap.pageSize());
    const pages: [*]align(page) u8 = @ptrFromInt(start);
    posix.madvise(pages, @intFromPtr(address) + size - start, posix.MADV.HUGEPAGE) catch {};
}

/// Gives the physical memory of the whole pages within a part of a mapped file back; they are read
/// again where they are touched. Never for other memory: its content would be lost.
pub fn forget(address: *anyopaque, size: usize) void {
    const length = std.heap.pageSize();
    const start = std.mem.alignForward(usize, @intFromPtr(address), length);
    const end = std.mem.alignBackward(usize, @intFromPtr(address) + size, length);
    if (end <= start) return;
    const pages: [*]align(page) u8 = @ptrFromInt(start);
    posix.madvise(pages, end - start, posix.MADV.DONTNEED) catch {};
}

var bus_handler_installed = false;

/// A mapped file that was cut short raises SIGBUS at the first touch of a lost page: end with one
/// line and exit code 1 instead of a crash report.
fn installBusHandler() void {
    if (bus_handler_installed) return;
    bus_handler_installed = true;
    const action: posix.Sigaction = .{
        .handler = .{ .handler = onBusError },
        .mask = posix.sigemptyset(),
        .flags = 0,
    };
    posix.sigaction(.BUS, &action, null);
}

fn onBusError(_: posix.SIG) callconv(.c) void {
    const line = "error: a model file or its stored weights were changed or cut short while in use; run it again, or fetch or copy the model again\n";
    _ = std.c.write(2, line, line.len);
    std.c._exit(1);
}

test "an arena gives aligned, zeroed, disjoint memory and ends at its capacity" {
    const arena = try Arena.create(1000);
    defer arena.destroy();
    const a = arena.allocate(100).?;
    const b = arena.allocate(100).?;
    try std.testing.expect(@intFromPtr(b) - @intFromPtr(a) == 128);
    try std.testing.expectEqual(@as(usize, 0), @intFromPtr(a) % alignment);
    for (a[0..100]) |x| try std.testing.expectEqual(@as(u8, 0), x);
    try std.testing.expect(arena.allocate(1 << 20) == null);
    try std.testing.expect(arena.allocate(std.math.maxInt(usize)) == null);
}
