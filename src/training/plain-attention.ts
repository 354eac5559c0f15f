// Attention in plain TypeScript, in the place of the kernel until that is there: correct, and slow.

import { floatsAt } from "../native/memory.ts";
export interface A {
  query: number;
  key: number;
  value: number;
  output: number;
  log_sums: number;
  query_stride: number;
  key_stride: number;
  value_stride: number;
  output_stride: number;
  heads: number;
  kv_heads: number;
  head_dim: number;
  sequences: number;
  length: number;
  scale: number;
  starts: Uint32Array;
  output_gradient?: number;
  query_gradient?: number;
  key_gradient?: number;
  value_gradient?: number;
}
function views(j: A) {
  const rows = j.sequences * j.length;
  const w = (h: number, s: number) => (rows - 1) * s + h * j.head_dim;
  return {
    q: floatsAt(j.query, w(j.heads, j.query_stride)),
    k: floatsAt(j.key, w(j.kv_heads, j.key_stride)),
    v: floatsAt(j.value, w(j.kv_heads, j.value_stride)),
    o: floatsAt(j.output, w(j.heads, j.output_stride)),
    l: floatsAt(j.log_sums, rows * j.heads),
    w,
  };
}
function probs(j: A, q: Float32Array, k: Float32Array, s: number, t: number, h: number) {
  const d = j.head_dim,
    kh = Math.floor(h / (j.heads / j.kv_heads));
  const r = s * j.length + t;
  const first = j.starts[r]!;
  const p: number[] = [];
  let m = -Infinity;
  for (let u = first; u <= t; u++) {
    let x = 0;
    const ku = (s * j.length + u) * j.key_stride + kh * d;
    for (let i = 0; i < d; i++) x += q[r * j.query_stride + h * d + i]! * k[ku + i]!;
    x *= j.scale;
    p.push(x);
    m = Math.max(m, x);
  }
  let z = 0;
  for (let i = 0; i < p.length; i++) {
    p[i] = Math.exp(p[i]! - m);
    z += p[i]!;
  }
  for (let i = 0; i < p.length; i++) p[i]! /= z;
  return { p, lse: m + Math.log(z), first, kh, r };
}
export function causalAttention(j: A) {
  const { q, k, v, o, l } = views(j);
  const d = j.head_dim;
  for (let s = 0; s < j.sequences; s++)
    for (let t = 0; t < j.length; t++)
      for (let h = 0; h < j.heads; h++) {
        const { p, lse, first, kh, r } = probs(j, q, k, s, t, h);
        l[r * j.heads + h] = lse;
        for (let i = 0; i < d; i++) {
          let x = 0;
          p.forEach((w, n) => {
            x += w * v[(s * j.length + first + n) * j.value_stride + kh * d + i]!;
          });
          o[r * j.output_stride + h * d + i] = x;
        }
      }
}
export function causalAttentionBackward(j: A) {
  const { q, k, v, w } = views(j);
  const d = j.head_dim;
  const dout = floatsAt(j.output_gradient!, w(j.heads, j.output_stride)),
    dq = floatsAt(j.query_gradient!, w(j.heads, j.query_stride)),
    dk = floatsAt(j.key_gradient!, w(j.kv_heads, j.key_stride)),
    dv = floatsAt(j.value_gradient!, w(j.kv_heads, j.value_stride));
  const rows = j.sequences * j.length;
  for (let r = 0; r < rows; r++) {
    dq.fill(0, r * j.query_stride, r * j.query_stride + j.heads * d);
    dk.fill(0, r * j.key_stride, r * j.key_stride + j.kv_heads * d);
    dv.fill(0, r * j.value_stride, r * j.value_stride + j.kv_heads * d);
  }
  for (let s = 0; s < j.sequences; s++)
    for (let t = 0; t < j.length; t++)
      for (let h = 0; h < j.heads; h++) {
        const { p, first, kh, r } = probs(j, q, k, s, t, h);
        const dp = p.map((_, n) => {
          let x = 0;
          const vu = (s * j.length + first + n) * j.value_stride + kh * d;
          for (let i = 0; i < d; i++) x += dout[r * j.output_stride + h * d + i]! * v[vu + i]!;
          return x;
        });
        let sum = 0;
        p.forEach((x, n) => {
          sum += x * dp[n]!;
        });
        p.forEach((x, n) => {
          const u = s * j.length + first + n;
          const ds = x * (dp[n]! - sum) * j.scale;
          for (let i = 0; i < d; i++) {
            dv[u * j.value_stride + kh * d + i]! += x * dout[r * j.output_stride + h * d + i]!;
            dq[r * j.query_stride + h * d + i]! += ds * k[u * j.key_stride + kh * d + i]!;
            dk[u * j.key_stride + kh * d + i]! += ds * q[r * j.query_stride + h * d + i]!;
          }
        });
      }
}
