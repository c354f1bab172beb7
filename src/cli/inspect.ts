import type { Headline } from '../protocol/inspector';
import type { Diagnostic, LayerReport, ModelReport, ValueReport, WeightReport } from '../protocol/report';
import type { Expectation } from '../core/report/expectation';
import { expectationOf } from '../core/report/expectation';
import { exportFormats, exportReport } from '../core/report/exports';
import { headline } from '../core/report/headline';
import type { OpenedModel } from '../formats/openModel';
import { openModelFile } from '../formats/openModel';
import { Failure } from '../protocol/failure';
import type { Verdict } from '../protocol/verdict';
import { readArguments } from './arguments';
import type { Tone } from './colour';
import { tint } from './colour';
import { measureModel } from './measuring';
import { line, short, spread, table } from './output';
import { reportOf } from './reporting';

export function inspect(given: readonly string[]): string {
  const { model, options } = readArguments('inspect', given, { json: 'flag', csv: 'flag', markdown: 'flag' });
  const asked = exportFormats.filter((format) => options[format]);
  if (asked.length > 1) throw new Failure('wrong-usage', `Give one of ${asked.map((format) => `--${format}`).join(' and ')}.`);
  const { report, verdict, remedies } = inspectModel(openModelFile(model));
  const [format] = asked;
  // What is exported says what is wrong, and not what would help.
  return format === undefined ? describe(report, headlineOf(report, verdict, remedies))
    : exportReport(report, headlineOf(report, verdict), format).trimEnd();
}

/** The full report of a file as it is on disk, and what theory expects of it. */
export function inspectModel(opened: OpenedModel): Inspected {
  const measured = measureModel(opened);
  return { report: reportOf(opened, measured), ...expectationOf({ ...opened, statistics: measured.statistics }) };
}

interface Inspected extends Expectation { readonly report: ModelReport }

export const headlineOf = ({ layers, diagnostics }: ModelReport, verdict: Verdict | null, remedies?: Expectation['remedies']): Headline => (
  headline(layers, diagnostics, { verdict, ...(remedies ? { remedies } : {}) }));

type Judgement = 'error' | 'warning' | 'info' | 'ok' | 'left' | '–';
const tones: Readonly<Record<Judgement, Tone>> = { 'error': 'error', 'warning': 'warning', 'info': 'info', 'ok': 'ok', 'left': 'quiet', '–': 'quiet' };

/** What the diagnostics say of a layer, in a word. */
function judge({ name, weights }: LayerReport, diagnostics: readonly Diagnostic[]): Judgement {
  const own = new Set(diagnostics.filter(({ layer }) => layer === name).map(({ severity }) => severity));
  for (const severity of ['error', 'warning', 'info'] as const) if (own.has(severity)) return severity;
  if (weights.every(({ frozen }) => frozen !== undefined)) return 'left';
  return weights.some(({ statistics }) => statistics) ? 'ok' : '–';
}

/** "0.12×": the present spread over the recommended one. */
function ratio({ recommendation, statistics }: WeightReport): string {
  const std = statistics?.std ?? null;
  return recommendation === null || recommendation.std === 0 || std === null ? '' : `${short(std / recommendation.std)}×`;
}

function describe(report: ModelReport, { text, severity, remedies = [] }: Headline): string {
  const shape = (sizes: readonly (number | string)[] | null): string => (sizes ? `[${sizes.join(', ')}]` : '');
  const joined = (separator: string, parts: readonly (string | null)[]): string => parts.filter((part) => part !== null && part !== '').join(separator);
  const values = (list: readonly ValueReport[]): string => list.map((value) => line(`${value.name} ${shape(value.shape)}`)).join(', ');
  // Only of an ONNX file is there anything to miss.
  const opset = report.opset !== null ? `opset ${report.opset}` : report.format.startsWith('onnx') ? 'no opset' : null;
  const head = joined(' · ', [report.file, report.producer, opset, `${report.parameters} parameters`]);
  const fan = (value: number | null): string => (value === null ? '' : Number.isInteger(value) ? String(value) : short(value));
  const signature = `${values(report.inputs)} → ${values(report.outputs)}`;
  const rows = [[
    'judged', 'layer', 'operator', 'weight', 'role', 'shape', 'fan in', 'fan out', 'then', 'σ is', 'σ should', 'is/should', 'scheme', 'looks like',
  ]];
  const judgements: Judgement[] = [];
  for (const layer of report.layers) {
    const judgement = judge(layer, report.diagnostics);
    layer.weights.forEach((weight, i) => {
      const advice = weight.recommendation;
      judgements.push(judgement);
      rows.push([
        ...(i === 0 ? [judgement, layer.name, joined(' ', [layer.op, layer.detail])] : ['', '', '']), nameOf(weight), weight.role, shape(weight.shape),
        fan(weight.fanIn), fan(weight.fanOut),
        i === 0 ? joined(' → ', [layer.normalization, layer.activation]) : '',
        weight.statistics ? spread(weight.statistics.std, weight.statistics.min) : '', advice ? spread(advice.std, advice.bound) : '', ratio(weight),
        weight.frozen ?? weight.applied?.title ?? advice?.title ?? '', weight.looksLike ?? '',
      ]);
    });
  }
  const diagnostics = report.diagnostics.map(({ severity, layer, message, remedy }) => (
    `${tint(severity, severity)}: ${line(`${layer === null ? '' : `${layer}: `}${message} ${remedy}`)}`));
  const paint = (cell: string, row: number, column: number): string => {
    const judgement = judgements[row - 1];
    if (row === 0) return tint('quiet', cell);
    return column === 0 && judgement && cell.trim() !== '' ? tint(tones[judgement], cell) : cell;
  };
  const below = [...constantLines(report), ...(diagnostics.length > 0 ? ['', ...diagnostics] : [])];
  const helps = remedies.map(({ title, effect }, i) => line(`  ${i + 1}. ${title}: ${effect}`));
  const advised = helps.length === 0 ? [] : ['What would help, by theory:', ...helps];
  return [line(head), signature, tint(severity, line(text)), ...advised, '', table(rows, paint), ...below].join('\n');
}

/** Uses of a merged tensor are shown by the name that the file has. */
const nameOf = ({ name, merged }: WeightReport): string => (merged ? `${merged.tensor} (shared by ${merged.uses})` : name);

/** What is stored and no weight, in a line. */
function constantLines({ constants }: ModelReport): readonly string[] {
  if (constants.length === 0) return [];
  const some = constants.slice(0, mostNamed).map(({ name }) => name).join(', ');
  const more = constants.length > mostNamed ? ` and ${constants.length - mostNamed} more` : '';
  return ['', line(`No weights, and left alone: ${some}${more}.`)];
}

const mostNamed = 8;
