/** What a program costs in a process of its own: it is given when it was started, and prints milliseconds and bytes in its last line. */
import { execFileSync } from 'node:child_process';

export interface Cost { readonly elapsedMs: number; readonly peakBytes: number }

/** `errors`: whether what it complains of is shown; libraries greet there. */
export function costOf(program: string, given: readonly string[], errors: 'inherit' | 'ignore' = 'inherit'): Cost {
  const out = execFileSync(program, [...given, String(Date.now())], { encoding: 'utf8', stdio: ['ignore', 'pipe', errors] });
  const [elapsedMs = NaN, peakBytes = NaN] = (out.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { elapsedMs, peakBytes };
}

export function bestCost(times: number, work: () => Cost): Cost {
  const measured = Array.from({ length: times }, work);
  return { elapsedMs: Math.min(...measured.map((each) => each.elapsedMs)), peakBytes: Math.min(...measured.map((each) => each.peakBytes)) };
}
