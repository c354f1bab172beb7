// What differs between two models on the disk, as a table or JSON, and a code for pipelines.

import { compareModels } from '../core/comparison/compare';
import { comparisonSentence } from '../core/comparison/sentence';
import { expectationOf } from '../core/report/expectation';
import type { OpenedModel } from '../formats/openModel';
import { openModelFile } from '../formats/openModel';
import { FilePool } from '../formats/tensors/content';
import { runNow } from '../formats/tensors/measure';
import type { Held } from '../formats/tensors/sameContent';
import { findReordered, pairKey } from '../formats/tensors/sameContent';
import type { Change, Difference, LayerComparison, LayerFact, ModelComparison, NetworkFact, WeightFact } from '../protocol/comparison';
import { factWord } from '../protocol/comparisonWords';
import { readPair } from './arguments';
import type { Tone } from './colour';
import { tint } from './colour';
import { headlineOf } from './inspect';
import { measureModel } from './measuring';
import { line, short, table, toJson } from './output';
import { reportOf } from './reporting';

/** Where the models differ. */
const differ = 3;

export function diff(given: readonly string[]): { readonly text: string; readonly exitCode: 0 | typeof differ } {
  const { left, right, options } = readPair('diff', given, { json: 'flag' });
  const comparison = compareFiles(openModelFile(left), openModelFile(right));
  const equal = comparison.layers.every(({ change }) => change === 'same') && !comparison.network.some(({ fact }) => fact === 'inputs' || fact === 'outputs');
  return { text: options.json ? toJson({ equal, ...comparison }) : describe(comparison, equal), exitCode: equal ? 0 : differ };
}

/** Tensors of equal statistics are read once more, so that elements in another order are not taken for the same. */
export function compareFiles(left: OpenedModel, right: OpenedModel): ModelComparison {
  const models = [inspected(left), inspected(right)] as const;
  const bySight = compareModels(...models);
  const pool = new FilePool();
  try {
    const reordered = runNow(findReordered(pool, bySight, heldBy(left), heldBy(right)));
    return reordered.size === 0 ? bySight : compareModels(...models, (a, b) => reordered.has(pairKey(a, b)));
  } finally {
    pool.close();
  }
}

function inspected(opened: OpenedModel): Parameters<typeof compareModels>[0] {
  const measured = measureModel(opened);
  const report = reportOf(opened, measured);
  return { report, verdict: headlineOf(report, expectationOf({ ...opened, statistics: measured.statistics }).verdict).text };
}

function heldBy({ layers }: OpenedModel): (id: string) => Held | undefined {
  const weights = new Map(layers.flatMap((layer) => layer.weights).map((weight) => [weight.id, { weight, content: {} }]));
  return (id) => weights.get(id);
}

const tones: Readonly<Record<Change, Tone>> = { same: 'quiet', changed: 'warning', added: 'ok', removed: 'error' };

function describe(comparison: ModelComparison, equal: boolean): string {
  const { left, right, layers, network } = comparison;
  const rows: string[][] = [['change', 'layer', 'weight', 'what', 'was', 'is']];
  const changes: Change[] = [];
  for (const layer of layers.filter(({ change }) => change !== 'same')) {
    const found = rowsOf(layer);
    rows.push(...found.map((cells, i) => [...(i === 0 ? [layer.change, nameOf(layer)] : ['', '']), ...cells]));
    changes.push(...found.map(() => layer.change));
  }
  const paint = (cell: string, row: number, column: number): string => {
    const change = changes[row - 1];
    if (row === 0) return tint('quiet', cell);
    return column === 0 && change && cell.trim() !== '' ? tint(tones[change], cell) : cell;
  };
  return [
    line(`${left} → ${right}`), tint(equal ? 'ok' : 'warning', line(comparisonSentence(comparison))),
    ...network.map((difference) => line(`  ${factWord(difference.fact)}: ${value(difference.was)} → ${value(difference.is)}`)),
    ...(rows.length > 1 ? ['', table(rows, paint)] : []),
  ].join('\n');
}

/** "fc1", "Gemm_3 → fc1" */
function nameOf({ left, right }: LayerComparison): string {
  return left === right || left === null || right === null ? right ?? left ?? '' : `${left} → ${right}`;
}

/** Cells of weight, what, was and is; one line at least. */
function rowsOf({ differs, weights, change }: LayerComparison): readonly (readonly string[])[] {
  if (change === 'added' || change === 'removed') return [['', '', '', '']];
  const ofWeights = weights.flatMap((weight) => {
    if (weight.left === null || weight.right === null) return [[weight.role, weight.change, '', '']];
    return weight.differs.map((difference, i) => [i === 0 ? weight.role : '', ...cells(difference)]);
  });
  return [...differs.map((difference) => ['', ...cells(difference)]), ...ofWeights];
}

const value = (said: string | number | null): string => (typeof said === 'number' ? short(said) : said ?? '–');
const cells = ({ fact, was, is }: Difference<NetworkFact | LayerFact | WeightFact>): readonly string[] => (
  fact === 'order' ? [factWord(fact), '', 'another'] : [factWord(fact), value(was), value(is)]);
