/** The numbers a chart of the gradient panel draws, read from the table that stands for it. */
import type { Frame } from 'playwright-core';

import type { LayerRun, Moments, SimulationResult } from '../../src/protocol/simulation';

export interface Drawn {
  readonly scheme: string;
  readonly layer: string;
  readonly value: number;
}

const theory = '-theory';

/** What is measured, or what theory says of it. */
export async function drawnNumbers(panel: Frame, chart: string, kind: 'measured' | 'theory' = 'measured'): Promise<readonly Drawn[]> {
  const cells = await panel.locator(`[data-testid="${chart}-table"] [data-value]`).evaluateAll((found) => found.map((cell) => ({
    scheme: cell.getAttribute('data-scheme') ?? '', layer: cell.getAttribute('data-layer') ?? '', value: Number(cell.getAttribute('data-value')),
  })));
  const own = cells.filter(({ scheme }) => scheme.endsWith(theory) === (kind === 'theory'));
  return own.map(({ scheme, ...cell }) => ({ ...cell, scheme: scheme.replace(theory, '') }));
}

/** What should be drawn: the geometric median over seeds of each layer's variance. */
export function expectedNumbers(result: SimulationResult, pick: (layer: LayerRun) => Moments | null): readonly Drawn[] {
  const schemes = [...new Set(result.runs.map((run) => run.scheme))];
  return schemes.flatMap((scheme) => {
    const runs = result.runs.filter((run) => run.scheme === scheme);
    return (runs[0]?.layers ?? []).map(({ name }, i): Drawn => {
      const variances = runs.flatMap((run) => {
        const layer = run.layers[i];
        return layer ? [pick(layer)?.variance ?? NaN] : [];
      });
      return { scheme, layer: name, value: medianOf(variances) };
    });
  });
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  return Math.sqrt(lower * upper);
}
