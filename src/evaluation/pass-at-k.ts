// pass@k: how probable it is that one of k answers passes, without bias from n answers of which some passed
// (Chen et al., 2021, "Evaluating Large Language Models Trained on Code").

/**
 * 1 - C(n - c, k) / C(n, k): the chance that k different ones of `samples` answers, of which `passed` are
 * right, hold a right one. k is at most samples.
 */
export function passAtK(samples: number, passed: number, k: number): number {
  let none = 1;
  for (let i = samples - passed + 1; i <= samples; i++) none *= Math.max(0, 1 - k / i);
  return 1 - none;
}
