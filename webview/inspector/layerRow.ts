import type { WeightReport } from '../../src/protocol/report';
import { compact, exact, grouped, shape } from '../format';
import { element, icon } from '../ui/element';
import { columnIds, type ColumnId } from './browsing';
import { healthOf, healthPicture, healthReason, isConspicuous, spreadRatio, statisticsOf, type LayerView, type Measurements } from './health';
import { sparkline } from '../ui/sparkline';
import { followedBy, operatorLabel, ratioLabel, recommendationFormula, recommendationLabel } from './wording';

export function rowId(view: LayerView): string {
  return `layer-${view.index}`;
}

export function cellId(view: LayerView, column: number): string {
  return `${rowId(view)}-${columnIds[column] ?? ''}`;
}

interface Cell {
  readonly text?: string;
  readonly title?: string;
  readonly children?: readonly (Node | string)[];
}

/** One layer as a row of the grid. Folded, the middle cells share a second line (`.facts`). */
export function layerRow(view: LayerView, position: number, measurements: Measurements): HTMLElement {
  const { layer, weight } = view;
  const cell = (column: ColumnId, content: Cell): HTMLElement => {
    const index = columnIds.indexOf(column);
    return element('div', {
      class: `cell ${column}`, role: 'gridcell',
      ...(content.text === undefined ? {} : { text: content.text }),
      ...(content.title === undefined ? {} : { title: content.title }),
      attributes: { id: cellId(view, index), 'aria-colindex': String(index + 1) },
    }, content.children);
  };
  const health = healthOf(view, measurements);
  const picture = healthPicture(health);
  const mark = icon(picture.icon, healthReason(view, health));
  mark.classList.add(picture.tone);
  return element('div', {
    class: 'row', role: 'row', testid: 'layer-row',
    attributes: {
      'id': rowId(view), 'data-layer': layer.name, 'data-health': health, 'data-position': String(position), 'aria-rowindex': String(position + 2),
    },
  }, [
    cell('health', { children: [mark] }),
    cell('layer', { text: layer.name, title: layer.name }),
    element('div', { class: 'facts', role: 'presentation' }, [
      cell('operator', { text: operatorLabel(layer), title: operatorLabel(layer) }),
      cell('weight', weight ? { text: shape(weight.shape), title: `${weight.name}\n${grouped(weight.parameters)} elements` } : {}),
      cell('fanIn', fan(weight?.fanIn ?? null)),
      cell('fanOut', fan(weight?.fanOut ?? null)),
      cell('then', { text: followedBy(layer), title: followedBy(layer) }),
    ]),
    cell('is', present(weight, measurements)),
    cell('should', recommended(weight, measurements)),
  ]);
}

function fan(value: number | null): Cell {
  return value === null ? { text: '' } : { text: grouped(value), title: exact(value) };
}

function present(weight: WeightReport | null, measurements: Measurements): Cell {
  if (!weight) return {};
  const statistics = statisticsOf(weight, measurements);
  if (!statistics) return { children: [element('span', { class: 'muted', text: '…' })], title: 'Not measured yet' };
  const value = statistics.nonFinite > 0
    ? element('span', { class: 'severity-error', text: `${grouped(statistics.nonFinite)} NaN/∞` })
    : element('span', { class: 'number', text: `σ ${compact(statistics.std)}` });
  return { children: [sparkline(statistics.histogram), value], title: `standard deviation ${exact(statistics.std)}` };
}

function recommended(weight: WeightReport | null, measurements: Measurements): Cell {
  if (!weight?.recommendation) {
    return { children: [element('span', { class: 'muted cut', text: weight?.frozen ?? '' })], title: weight?.frozen ?? '' };
  }
  const ratio = spreadRatio(weight, measurements);
  const label = ratioLabel(weight, measurements);
  return {
    children: [
      element('span', { text: recommendationLabel(weight) }),
      ...(label === '' ? [] : [' ', element('span', { class: isConspicuous(ratio) ? 'severity-warning' : 'muted', text: `(${label})` })]),
    ],
    title: `${recommendationFormula(weight.recommendation)}${ratio === null ? '' : `\npresent over recommended spread: ${exact(ratio)}`}`,
  };
}

/** What copying a row yields: every digit, tab-separated. */
export function copyRow(view: LayerView, measurements: Measurements): string {
  const { layer, weight } = view;
  return [
    layer.name, operatorLabel(layer), weight ? shape(weight.shape) : '', weight?.fanIn ?? '', weight?.fanOut ?? '', followedBy(layer),
    weight ? statisticsOf(weight, measurements)?.std ?? '' : '', weight?.recommendation?.title ?? '', weight?.recommendation?.std ?? '',
  ].join('\t');
}
