import type { ModelReport, ValueReport, WeightReport, WeightStatistics } from '../protocol/report';
import { describeRecipe, readRecord, recordKey } from '../core/edits/record';
import { exportFormats, exportReport } from '../core/report/exports';
import { createReport } from '../core/report/report';
import { headline } from '../core/report/network';
import { FilePool } from '../formats/content';
import { measureWeight, runNow } from '../formats/measure';
import type { OpenedModel } from '../formats/openModel';
import { openModelFile } from '../formats/openModel';
import { equalTensors, joinTies } from '../formats/ties';
import { isMeasurable } from '../formats/weightChunks';
import { Failure } from '../protocol/failure';
import { readArguments } from './arguments';
import { line, short, table } from './output';

export function inspect(given: readonly string[]): string {
  const { model, options } = readArguments('inspect', given, { json: 'flag', csv: 'flag', markdown: 'flag' });
  const asked = exportFormats.filter((format) => options[format]);
  if (asked.length > 1) throw new Failure('wrong-usage', `Give one of ${asked.map((format) => `--${format}`).join(' and ')}.`);
  const report = inspectModel(openModelFile(model));
  const [format] = asked;
  return format === undefined ? describe(report) : exportReport(report, headline(report.layers, report.diagnostics, false), format).trimEnd();
}

/** The full report of a file as it is on disk. */
export function inspectModel(opened: OpenedModel): ModelReport {
  const statistics = new Map<string, WeightStatistics>();
  const pool = new FilePool();
  try {
    for (const weight of opened.layers.flatMap((layer) => layer.weights)) {
      if (!statistics.has(weight.id) && isMeasurable(weight)) statistics.set(weight.id, runNow(measureWeight(pool, weight, {})));
    }
    const ties = joinTies(opened.ties, runNow(equalTensors(pool, opened.layers, statistics, () => ({}))));
    const recorded = readRecord(opened.model.metadata.get(recordKey));
    return createReport({ ...opened, statistics, ties, applied: new Map(recorded.map((recipe) => describeRecipe(recipe, true))) });
  } finally {
    pool.close();
  }
}

function describe(report: ModelReport): string {
  const shape = (sizes: readonly (number | string)[] | null): string => (sizes ? `[${sizes.join(', ')}]` : '');
  const joined = (separator: string, parts: readonly (string | null)[]): string => parts.filter((part) => part !== null && part !== '').join(separator);
  const values = (list: readonly ValueReport[]): string => list.map((value) => line(`${value.name} ${shape(value.shape)}`)).join(', ');
  const opset = report.opset === null ? 'no opset' : `opset ${report.opset}`;
  const head = joined(' · ', [report.file, report.producer, opset, `${report.parameters} parameters`]);
  const fan = (value: number | null): string => (value === null ? '' : Number.isInteger(value) ? String(value) : short(value));
  const signature = `${values(report.inputs)} → ${values(report.outputs)}`;
  const rows = [['layer', 'operator', 'weight', 'role', 'shape', 'fan in', 'fan out', 'then', 'σ is', 'σ should', 'scheme', 'looks like']];
  for (const layer of report.layers) {
    layer.weights.forEach((weight, i) => {
      const advice = weight.recommendation;
      rows.push([
        i === 0 ? layer.name : '', i === 0 ? joined(' ', [layer.op, layer.detail]) : '', nameOf(weight), weight.role, shape(weight.shape),
        fan(weight.fanIn), fan(weight.fanOut),
        i === 0 ? joined(' → ', [layer.normalization, layer.activation]) : '',
        weight.statistics ? short(weight.statistics.std) : '', advice ? short(advice.std) : '',
        weight.frozen ?? weight.applied?.title ?? advice?.title ?? '', weight.looksLike ?? '',
      ]);
    });
  }
  const diagnostics = report.diagnostics.map(({ severity, layer, message, remedy }) => (
    line(`${severity}: ${layer === null ? '' : `${layer}: `}${message} ${remedy}`)));
  const answer = headline(report.layers, report.diagnostics, false).text;
  return [line(head), signature, line(answer), '', table(rows), ...(diagnostics.length > 0 ? ['', ...diagnostics] : [])].join('\n');
}

/** Uses of a merged tensor are shown by the name that the file has. */
const nameOf = ({ name, merged }: WeightReport): string => (merged ? `${merged.tensor} (shared by ${merged.uses})` : name);
