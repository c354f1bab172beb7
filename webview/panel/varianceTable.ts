import { significant } from '../format';
import { element } from '../ui/element';
import type { ChartContent } from './varianceChart';

/** The drawn numbers as a table: for reading aloud, copying, and comparing. */
export function fillVarianceTable(table: HTMLTableElement, caption: string, content: ChartContent, hiddenBy: ReadonlyMap<string, string>): void {
  const head = element('tr', {}, [
    element('th', { text: 'Layer', attributes: { scope: 'col' } }),
    ...content.series.map((series) => element('th', { text: content.titleOf(series), attributes: { scope: 'col' } })),
  ]);
  const rows = content.layers.map((layer, index) => element('tr', {}, [
    element('th', { text: layer, attributes: { scope: 'row' } }),
    ...content.series.map((series) => {
      const point = series.points[index];
      const scheme = series.kind === 'measured' ? series.scheme : series.kind === 'before' ? 'before' : `${series.scheme}-theory`;
      if (!point) {
        return element('td', {
          class: 'muted', text: hiddenBy.get(layer) ?? '–', attributes: { 'data-scheme': scheme, 'data-layer': layer, 'data-value': 'null' },
        });
      }
      return element('td', {
        text: significant(point.median), title: String(point.median),
        attributes: {
          'data-scheme': scheme, 'data-layer': layer, 'data-value': String(point.median),
          'data-low': String(point.low), 'data-high': String(point.high),
        },
      });
    }),
  ]));
  table.replaceChildren(element('caption', { text: caption }), element('thead', {}, [head]), element('tbody', {}, rows));
}
