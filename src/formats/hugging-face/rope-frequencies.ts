// Llama 3's RoPE scaling: config.json gives four numbers, GGUF the factor of each frequency as the
// tensor rope_freqs.weight. Both directions. The rule is that of Llama 3.1's reference code.

export interface Llama3Scaling {
  readonly factor: number;
  readonly lowFrequencyFactor: number;
  readonly highFrequencyFactor: number;
  /** Positions that the model was trained on before the scaling. */
  readonly originalContext: number;
}

/**
 * What each of the `headSize / 2` frequencies is divided by: 1 for short wavelengths, `factor` for
 * long ones, a smooth step between; f32 throughout, as the converter of llama.cpp computes it.
 */
export function llama3Frequencies(
  scaling: Llama3Scaling,
  base: number,
  headSize: number,
): Float32Array {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContext } = scaling;
  const f32 = Math.fround;
  return Float32Array.from({ length: headSize / 2 }, (_, i) => {
    const frequency = f32(1 / f32(base ** f32((2 * i) / headSize)));
    const wavelength = f32((2 * Math.PI) / frequency);
    if (wavelength < originalContext / high) return 1;
    if (wavelength > originalContext / low) return factor;
    const smooth = f32(f32(f32(originalContext / wavelength) - low) / (high - low));
    return 1 / f32(f32(f32(1 - smooth) / factor) + smooth);
  });
}

/**
 * The four numbers that give the factors `frequencies`, undefined where none of the contexts that
 * models use does. All Llama 3 models have 1 and 4 for the low and the high frequency factor.
 */
export function llama3Scaling(frequencies: Float32Array, base: number): Llama3Scaling | undefined {
  const factor = frequencies.reduce((a, b) => Math.max(a, b), 1);
  for (let originalContext = 64; originalContext <= 2 ** 20; originalContext *= 2) {
    const scaling = { factor, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext };
    const computed = llama3Frequencies(scaling, base, frequencies.length * 2);
    const fits = computed.every((value, i) => Math.abs(value / frequencies[i]! - 1) < 1e-4);
    if (fits) return scaling;
  }
  return undefined;
}
