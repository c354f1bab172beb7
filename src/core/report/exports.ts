import type { Headline } from '../../protocol/inspector';
import { plainText } from '../../protocol/plainText';
import type { LayerReport, ModelReport, WeightReport } from '../../protocol/report';

export const exportFormats = ['json', 'csv', 'markdown'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** A report as the text of a file. */
export function exportReport(report: ModelReport, headline: Headline, format: ExportFormat): string {
  switch (format) {
    case 'json': return `${toJson(report)}\n`;
    case 'csv': return toCsv(report);
    case 'markdown': return toMarkdown(report, headline);
  }
}

/** JSON in which NaN and infinities, which JSON does not have, are strings; without histograms and gates, which are for drawing and for theory. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (key, element: unknown) => {
    if (key === 'histogram' || key === 'gates') return undefined;
    return typeof element === 'number' && !Number.isFinite(element) ? String(element) : element;
  }, 2);
}

/** Of one cell, in characters: a name is as long as whoever wrote the model likes. */
const longest = 2000;

type Cell = string | number | null | undefined;
interface Column {
  readonly name: string;
  /** `found` is what is wrong with the layer. */
  readonly cell: (weight: WeightReport, layer: LayerReport, found: string) => Cell;
  /** Left out of a table that is read by people. */
  readonly isDetail?: boolean;
}

const shapeOf = (weight: WeightReport): string => `[${weight.shape.join(', ')}]`;
const statistic = (key: 'mean' | 'min' | 'max' | 'zeros' | 'nonFinite') => (weight: WeightReport): Cell => weight.statistics?.[key];
const columns: readonly Column[] = [
  { name: 'layer', cell: (_, layer) => layer.name },
  { name: 'operator', cell: (_, layer) => [layer.op, layer.detail].filter((part) => part !== '').join(' ') },
  { name: 'scope', cell: (_, layer) => layer.scope, isDetail: true },
  { name: 'weight', cell: (weight) => weight.name },
  { name: 'role', cell: (weight) => weight.role },
  { name: 'dtype', cell: (weight) => weight.dtype, isDetail: true },
  { name: 'shape', cell: shapeOf },
  { name: 'parameters', cell: (weight) => weight.parameters, isDetail: true },
  { name: 'storage', cell: (weight) => weight.storage, isDetail: true },
  { name: 'fan in', cell: (weight) => weight.fanIn },
  { name: 'fan out', cell: (weight) => weight.fanOut },
  { name: 'then', cell: (_, layer) => [layer.normalization ?? '', layer.activation].filter((part) => part !== '').join(' → ') },
  { name: 'mean', cell: statistic('mean'), isDetail: true },
  { name: 'std', cell: (weight) => weight.statistics?.std },
  { name: 'min', cell: statistic('min'), isDetail: true },
  { name: 'max', cell: statistic('max'), isDetail: true },
  { name: 'zeros', cell: statistic('zeros'), isDetail: true },
  { name: 'non-finite', cell: statistic('nonFinite'), isDetail: true },
  { name: 'looks like', cell: (weight) => weight.looksLike },
  { name: 'drawn as', cell: (weight) => weight.applied?.title, isDetail: true },
  { name: 'recommended', cell: (weight) => weight.recommendation?.title ?? weight.frozen },
  { name: 'recommended std', cell: (weight) => weight.recommendation?.std },
  { name: 'reason', cell: (weight) => weight.recommendation?.reason, isDetail: true },
  { name: 'source', cell: (weight) => weight.recommendation?.source, isDetail: true },
  { name: 'diagnostics', cell: (_, __, found) => found, isDetail: true },
];

/** One row per weight, as RFC 4180 has it. */
function toCsv(report: ModelReport): string {
  const found = new Map<string, string[]>();
  for (const { layer, message } of report.diagnostics) {
    if (layer === null) continue;
    const known = found.get(layer);
    if (known) known.push(message);
    else found.set(layer, [message]);
  }
  const rows = report.layers.flatMap((layer) => {
    const said = found.get(layer.name)?.join(' ') ?? '';
    return layer.weights.map((weight) => columns.map(({ cell }) => csvCell(cell(weight, layer, said))));
  });
  return [columns.map(({ name }) => name), ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  // A name that begins like a formula would be computed by a spreadsheet.
  const plain = plainText(cell, longest);
  const text = /^[=+\-@\\]/.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function toMarkdown(report: ModelReport, headline: Headline): string {
  const shown = columns.filter((column) => column.isDetail !== true);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = report.layers.flatMap((layer) => layer.weights.map((weight) => row(shown.map(({ cell }) => markdownCell(cell(weight, layer, ''))))));
  const found = report.diagnostics.map(({ severity, layer, message, remedy }) => (
    `- **${severity}**${layer === null ? '' : ` ${escaped(layer)}`}: ${escaped(`${message} ${remedy}`.trim())}`));
  return [
    `# ${escaped(report.file.replace(/^.*[\\/]/, ''))}`, '', escaped(headline.text), '',
    row(shown.map(({ name }) => name)), row(shown.map(() => '---')), ...rows, ...(found.length > 0 ? ['', ...found] : []), '',
  ].join('\n');
}

function markdownCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'number' ? String(Number.isInteger(cell) ? cell : Number(cell.toPrecision(4))) : escaped(cell);
}

/** Text in which nothing is markup: names come from the model. */
function escaped(text: string): string {
  return plainText(text.replace(/\s+/g, ' '), longest).replace(/[\\`*_{}[\]<>|#&~]/g, '\\$&');
}
