/** Everything that is done with a file somebody opens, or prints a report of. */
import { networkOf } from '../../src/core/initializers/network';
import { createRecipes } from '../../src/core/initializers/recipes';
import { exportReport } from '../../src/core/report/exports';
import { headline } from '../../src/core/report/headline';
import { createReport } from '../../src/core/report/report';
import type { ByteSource } from '../../src/formats/files/byteSource';
import { FilePool } from '../../src/formats/tensors/content';
import { measureWeight, runNow } from '../../src/formats/tensors/measure';
import { openModel } from '../../src/formats/openModel';
import { locateRecord } from '../../src/formats/onnx/record';
import { equalTensors, joinTies } from '../../src/formats/tensors/ties';
import { isMeasurable } from '../../src/formats/tensors/weightChunks';
import type { WeightStatistics } from '../../src/protocol/report';

/** Weights are measured up to so many elements: what has more is read for as long as it is long, and a slice of time at a time. */
const most = 1 << 22;

export interface Examined { readonly layers: number; readonly openMs: number; readonly characters: number }

export function examine(source: ByteSource): Examined {
  const pool = new FilePool(source);
  const statistics = new Map<string, WeightStatistics>();
  try {
    const start = performance.now();
    const opened = openModel(source, { size: source.size, mtimeMs: 0 });
    const openMs = performance.now() - start;
    for (const weight of opened.layers.flatMap(({ weights }) => weights)) {
      const isShort = weight.tensor.fill !== undefined || weight.tensor.shape.reduce((all, size) => all * size, 1) <= most;
      if (!statistics.has(weight.id) && isShort && isMeasurable(weight)) statistics.set(weight.id, runNow(measureWeight(pool, weight, {})));
    }
    const ties = joinTies(opened.ties, runNow(equalTensors(pool, opened.layers, statistics, () => ({}))));
    const report = createReport({ ...opened, statistics, ties, applied: new Map() });
    const said = headline(report.layers, report.diagnostics, {});
    const characters = (['csv', 'markdown', 'json'] as const).reduce((sum, format) => sum + exportReport(report, said, format).length, 0);
    networkOf(opened.layers);
    createRecipes(opened.layers, { scheme: 'recommended', seed: 0, options: {}, twins: new Map(), overrides: new Map() });
    locateRecord(source);
    return { layers: opened.layers.length, openMs, characters };
  } finally {
    pool.close();
  }
}
