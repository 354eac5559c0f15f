//! Which CPU level this machine runs: cpuid for the instructions, xgetbv for the registers that the
//! operating system saves. A level is only chosen where both are there.
const builtin = @import("builtin");

pub const Level = enum(i32) { baseline = 0, avx2 = 1, avx512 = 2 };

const Registers = struct { eax: u32, ebx: u32, ecx: u32, edx: u32 };

fn cpuid(leaf: u32, subleaf: u32) Registers {
    var eax: u32 = undefined;
    var ebx: u32 = undefined;
    var ecx: u32 = undefined;
    var edx: u32 = undefined;
    asm volatile ("cpuid"
        : [a] "={eax}" (eax),
          [b] "={ebx}" (ebx),
          [c] "={ecx}" (ecx),
          [d] "={edx}" (edx),
        : [leaf] "{eax}" (leaf),
          [subleaf] "{ecx}" (subleaf),
    );
    return .{ .eax = eax, .ebx = ebx, .ecx = ecx, .edx = edx };
}

fn savedRegisters() u32 {
    var eax: u32 = undefined;
    asm volatile ("xgetbv"
        : [a] "={eax}" (eax),
        : [c] "{ecx}" (@as(u32, 0)),
        : .{ .edx = true });
    return eax;
}

fn has(word: u32, comptime bits: []const u5) bool {
    inline for (bits) |bit| {
        if (word >> bit & 1 == 0) return false;
    }
    return true;
}

/// The highest level that this CPU and operating system run.
pub fn detect() Level {
    if (builtin.cpu.arch != .x86_64) return .baseline;
    if (cpuid(0, 0).eax < 7) return .baseline;
    const one = cpuid(1, 0);
    // ssse3, fma, sse4.1, sse4.2, movbe, popcnt, xsave, osxsave, avx, f16c
    if (!has(one.ecx, &.{ 9, 12, 19, 20, 22, 23, 26, 27, 28, 29 })) return .baseline;
    const seven = cpuid(7, 0);
    const saved = savedRegisters();
    // bmi1, avx2, bmi2; lzcnt; xmm and ymm saved
    if (!has(seven.ebx, &.{ 3, 5, 8 }) or !has(saved, &.{ 1, 2 })) return .baseline;
    if (cpuid(0x80000000, 0).eax < 0x80000001 or !has(cpuid(0x80000001, 0).ecx, &.{5})) return .baseline;
    // avx512 f, dq, cd, bw, vl; vnni; opmask and zmm saved
    const wide = has(seven.ebx, &.{ 16, 17, 28, 30, 31 }) and has(seven.ecx, &.{11});
    if (wide and has(saved, &.{ 5, 6, 7 })) return .avx512;
    return .avx2;
}

/// Whether this CPU has AVX512_BF16; only asked where the level is avx512.
pub fn hasBf16() bool {
    if (builtin.cpu.arch != .x86_64) return false;
    return cpuid(7, 0).eax >= 1 and has(cpuid(7, 1).eax, &.{5});
}
