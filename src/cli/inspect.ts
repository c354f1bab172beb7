import type { ModelReport, ValueReport, WeightStatistics } from '../protocol/report';
import { describeRecipe, readRecord, recordKey } from '../core/edits/record';
import { createReport } from '../core/report/report';
import { headline } from '../core/report/diagnose';
import { contentChunks, FilePool } from '../formats/content';
import { measureNow } from '../formats/measure';
import type { OpenedModel } from '../formats/openModel';
import { openModelFile } from '../formats/openModel';
import { readArguments } from './arguments';
import { short, table, toJson } from './output';

export function inspect(given: readonly string[]): string {
  const { model, options } = readArguments('inspect', given, { json: 'flag' });
  const report = inspectModel(openModelFile(model));
  return options.json ? toJson(report) : describe(report);
}

/** The full report of a file as it is on disk. */
export function inspectModel(opened: OpenedModel): ModelReport {
  const statistics = new Map<string, WeightStatistics>();
  const pool = new FilePool();
  try {
    for (const { id, tensor } of opened.layers.flatMap((layer) => layer.weights)) {
      if (!statistics.has(id) && (tensor.place || tensor.values)) statistics.set(id, measureNow(() => contentChunks(pool, tensor, {})));
    }
  } finally {
    pool.close();
  }
  const recorded = readRecord(opened.model.metadata.get(recordKey));
  return createReport({ ...opened, statistics, applied: new Map(recorded.map((recipe) => describeRecipe(recipe, true))) });
}

function describe(report: ModelReport): string {
  const shape = (sizes: readonly (number | string)[] | null): string => (sizes ? `[${sizes.join(', ')}]` : '');
  const joined = (separator: string, parts: readonly (string | null)[]): string => parts.filter((part) => part !== null && part !== '').join(separator);
  const values = (list: readonly ValueReport[]): string => list.map((value) => `${value.name} ${shape(value.shape)}`).join(', ');
  const opset = report.opset === null ? 'no opset' : `opset ${report.opset}`;
  const head = joined(' · ', [report.file, report.producer, opset, `${report.parameters} parameters`]);
  const signature = `${values(report.inputs)} → ${values(report.outputs)}`;
  const rows = [['layer', 'operator', 'weight', 'role', 'shape', 'fan in', 'fan out', 'then', 'σ is', 'σ should', 'scheme']];
  for (const layer of report.layers) {
    layer.weights.forEach((weight, i) => {
      const advice = weight.recommendation;
      rows.push([
        i === 0 ? layer.name : '', i === 0 ? joined(' ', [layer.op, layer.detail]) : '', weight.name, weight.role, shape(weight.shape),
        weight.fanIn === null ? '' : short(weight.fanIn), weight.fanOut === null ? '' : short(weight.fanOut),
        i === 0 ? joined(' → ', [layer.normalization, layer.activation]) : '',
        weight.statistics ? short(weight.statistics.std) : '', advice ? short(advice.std) : '', weight.frozen ?? weight.applied?.title ?? advice?.title ?? '',
      ]);
    });
  }
  const diagnostics = report.diagnostics.map((found) => `${found.severity}: ${found.layer === null ? '' : `${found.layer}: `}${found.message} ${found.remedy}`);
  const answer = headline(report.layers, report.diagnostics, false).text;
  return [head, signature, answer, '', table(rows), ...(diagnostics.length > 0 ? ['', ...diagnostics] : [])].join('\n');
}
