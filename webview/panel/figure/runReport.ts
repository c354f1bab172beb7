// A report of a run to send to somebody: one self-contained page with its pictures, or Markdown with its tables.

import { say } from '../../../src/protocol/words';
import { significant } from '../../format';
import type { ChartContent } from '../varianceChart';
import { writeFigure } from './figure';
import { printPalette } from './printPalette';
import { escaped } from './xml';

export interface ReportedChart {
  readonly title: string;
  readonly content: ChartContent;
}

export interface RunReport {
  /** Name of the model's file. */
  readonly file: string;
  readonly language: string;
  readonly verdict: string | null;
  readonly caption: readonly string[];
  readonly charts: readonly ReportedChart[];
  /** What was decided for the run, and what it had to leave out. */
  readonly notes: readonly string[];
}

const style = `body{font:14px/1.5 Helvetica,Arial,sans-serif;max-width:980px;margin:2em auto;padding:0 1em;color:#000;background:#fff}
svg{max-width:100%;height:auto}
table{border-collapse:collapse;margin:1em 0;display:block;overflow-x:auto}
th,td{padding:2px 10px;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}
th:first-child{text-align:left;font-weight:normal}
thead th{font-weight:bold;text-align:right}
.verdict{border-left:4px solid #0072b2;padding-left:1em}`;

export function toHtml({ file, language, verdict, caption, charts, notes }: RunReport): string {
  const title = escaped(titleOf(file));
  const parts = charts.map(({ title: heading, content }) => {
    const [head, ...rows] = rowsOf(content);
    const cells = (row: readonly string[], of: 'col' | null): string => row.map((cell, at) => (
      of === 'col' ? `<th scope="col">${escaped(cell)}</th>` : at === 0 ? `<th scope="row">${escaped(cell)}</th>` : `<td>${escaped(cell)}</td>`)).join('');
    const picture = writeFigure(content, { title: heading, axis: content.quantity, caption: [] }, printPalette);
    return `<section>\n${picture}\n<table><thead><tr>${cells(head ?? [], 'col')}</tr></thead>
<tbody>\n${rows.map((row) => `<tr>${cells(row, null)}</tr>`).join('\n')}\n</tbody></table>\n</section>`;
  });
  return `<!DOCTYPE html>
<html lang="${escaped(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${style}</style></head>
<body><h1>${title}</h1>
${verdict === null ? '' : `<p class="verdict">${escapedWhole(verdict)}</p>`}
${caption.map((line) => `<p>${escapedWhole(line)}</p>`).join('\n')}
${parts.join('\n')}
${notes.length === 0 ? '' : `<ul>${notes.map((note) => `<li>${escapedWhole(note)}</li>`).join('\n')}</ul>`}
</body></html>
`;
}

export function toMarkdown({ file, verdict, caption, charts, notes }: RunReport): string {
  const line = (row: readonly string[]): string => `| ${row.map(plain).join(' | ')} |`;
  const tables = charts.map(({ title, content }) => {
    const [head = [], ...rows] = rowsOf(content);
    return [`## ${plain(title)}`, '', line(head), `|${head.map((_, at) => (at === 0 ? ' --- ' : ' ---: ')).join('|')}|`, ...rows.map(line), ''].join('\n');
  });
  return [
    `# ${plain(titleOf(file))}`, '', ...(verdict === null ? [] : [`> ${plain(verdict)}`, '']), ...caption.flatMap((each) => [plain(each), '']), ...tables,
    ...notes.map((note) => `- ${plain(note)}`), ...(notes.length > 0 ? [''] : []),
  ].join('\n');
}

const titleOf = (file: string): string => say('{0}: signal and gradient', file);

/** A sentence is not shortened as a name is. */
const escapedWhole = (text: string): string => text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? '');

/** In Markdown names of a model mean what they say, and neither markup nor cells of a table. */
const plain = (text: string): string => text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>|#!]/g, '\\$&');

function rowsOf({ layers, series, titleOf: nameOf }: ChartContent): readonly (readonly string[])[] {
  const rows = layers.map((layer, at) => [layer, ...series.map(({ points }) => {
    const point = points[at];
    if (!point) return '–';
    const isSpread = point.low < point.high;
    return isSpread ? `${significant(point.median)} (${significant(point.low)}–${significant(point.high)})` : significant(point.median);
  })]);
  return [[say('Layer'), ...series.map(nameOf)], ...rows];
}
