//! What the C ABI answers, and the checks of alignment that its functions share.

pub const Result = enum(i32) {
    ok = 0,
    null_pointer = -1,
    misaligned = -2,
    bad_shape = -3,
    bad_type = -4,
    out_of_memory = -5,
    bad_id = -6,
    unsupported_level = -7,
    no_thread = -8,
    open_failed = -9,
    map_failed = -10,
    file_changed = -11,
};

/// For pointers whose type promises nothing: where it promises alignment, the compiler takes the
/// promise for granted and drops the check.
pub fn aligned(pointer: anytype) bool {
    const target = @typeInfo(@typeInfo(@TypeOf(pointer)).optional.child).pointer;
    comptime @import("std").debug.assert((target.alignment orelse @alignOf(target.child)) == 1);
    return @intFromPtr(pointer) % @alignOf(f32) == 0;
}

/// The same for the pointers in a job, read as the plain addresses that TypeScript wrote.
pub fn fieldsAligned(job: anytype, comptime names: []const []const u8) bool {
    inline for (names) |name| {
        const address: *const usize = @ptrCast(&@field(job.*, name));
        if (address.* % @alignOf(f32) != 0) return false;
    }
    return true;
}
