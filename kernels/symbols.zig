//! Prints the TypeScript symbol table for bun:ffi from the declarations of abi.zig, tokenizer_abi.zig and
//! training_abi.zig, and the layouts of the jobs of table.zig and training_table.zig, so that the two
//! sides cannot disagree. Run by the build, which writes it to src/native/symbols.ts.
const std = @import("std");
const abi = @import("abi");

fn ffiType(comptime T: type) []const u8 {
    return switch (@typeInfo(T)) {
        .pointer => "ptr",
        .optional => |o| ffiType(o.child),
        .@"enum" => |e| ffiType(e.tag_type),
        .void => "void",
        .int => |i| if (T == usize)
            "usize"
        else
            (if (i.signedness == .signed) "i" else "u") ++ std.fmt.comptimePrint("{d}", .{i.bits}),
        .float => |f| std.fmt.comptimePrint("f{d}", .{f.bits}),
        else => @compileError("no bun:ffi type for " ++ @typeName(T)),
    };
}

fn fieldType(comptime T: type) []const u8 {
    return if (@typeInfo(T) == .optional) "u64" else ffiType(T);
}

/// The exported functions of one file.
fn functions(comptime File: type) []const u8 {
    var out: []const u8 = "";
    for (@typeInfo(File).@"struct".decls) |declaration| {
        const T = @TypeOf(@field(File, declaration.name));
        if (@typeInfo(T) != .@"fn") continue;
        const function = @typeInfo(T).@"fn";
        out = out ++ "  " ++ declaration.name ++ ": { args: [";
        for (function.params, 0..) |parameter, i| {
            out = out ++ (if (i > 0) ", " else "") ++ "\"" ++ ffiType(parameter.type.?) ++ "\"";
        }
        out = out ++ "], returns: \"" ++ ffiType(function.return_type.?) ++ "\" },\n";
    }
    return out;
}

/// Not the tables, nor a file.
fn isJob(comptime T: type) bool {
    if (T == abi.types.Table or T == abi.types.training_jobs.Functions) return false;
    return @typeInfo(T) == .@"struct" and @typeInfo(T).@"struct".layout == .@"extern";
}

/// Size and field offsets of every extern struct in table.zig but the table itself.
fn structs() []const u8 {
    var out: []const u8 = "export const structs = {\n";
    for (.{ abi.types, abi.types.training_jobs }) |jobs| for (@typeInfo(jobs).@"struct".decls) |declaration| {
        const T = @field(jobs, declaration.name);
        if (@TypeOf(T) != type or !isJob(T)) continue;
        out = out ++ "  " ++ declaration.name ++ ": { size: " ++ std.fmt.comptimePrint("{d}", .{@sizeOf(T)}) ++ ", fields: {";
        for (@typeInfo(T).@"struct".fields) |field| {
            if (std.mem.eql(u8, field.name, "reserved")) continue;
            out = out ++ std.fmt.comptimePrint(" {s}: {{ offset: {d}, type: \"{s}\" }},", .{ field.name, @offsetOf(T, field.name), fieldType(field.type) });
        }
        out = out ++ " } },\n";
    };
    return out ++ "} as const;\n";
}

pub fn main() void {
    const text = comptime blk: {
        @setEvalBranchQuota(1_000_000);
        var out: []const u8 =
            "// Written by the build from kernels/abi.zig; not kept in git.\nexport const symbols = {\n";
        out = out ++ functions(abi) ++ functions(abi.tokenizer) ++ functions(abi.training);
        break :blk out ++ "} as const;\n" ++ structs();
    };
    std.debug.print("{s}", .{text});
}
