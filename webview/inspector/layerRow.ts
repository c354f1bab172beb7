import type { WeightReport } from '../../src/protocol/report';
import { say } from '../../src/protocol/words';
import { exact, fan, grouped, shape, shortened } from '../format';
import { element, icon } from '../ui/element';
import { columnIds, type ColumnId } from './browsing';
import { markIcon, markWords } from './differences';
import {
  healthOf, healthPicture, healthReason, needsAttention, spreadRatio, statisticsOf, type Health, type LayerView, type Measurements,
} from './health';
import { sparkline } from '../ui/sparkline';
import { followedAtLength, followedBy, operatorLabel, ratioLabel, spreadLabel, recommendationFormula, recommendationLabel } from './wording';

export function rowId(view: LayerView): string {
  return `layer-${view.index}`;
}

/** What VS Code makes the row's menu of (package.json, `webview/context`). */
export function rowContext(view: LayerView): string {
  return JSON.stringify({ webviewSection: 'layer', layer: view.index, preventDefaultContextMenuItems: true });
}

export function cellId(view: LayerView, column: number): string {
  return `${rowId(view)}-${columnIds[column] ?? ''}`;
}

/** A name can be a megabyte; a cell shows some dozen characters of it. */
const longestName = 200;

interface Cell {
  readonly text?: string;
  readonly title?: string;
  /** For a screen reader, where the text is in pieces. */
  readonly label?: string;
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
      ...(content.label === undefined ? {} : { label: content.label }),
      attributes: { id: cellId(view, index), 'aria-colindex': String(index + 1) },
    }, content.children);
  };
  const health = healthOf(view, measurements);
  const picture = healthPicture(health);
  const state = icon(picture.icon, healthReason(view, health));
  state.classList.add(picture.tone);
  return element('div', {
    class: view.mark ? `row differs ${view.mark.change}` : 'row', role: 'row', testid: 'layer-row',
    attributes: {
      'id': rowId(view), 'data-vscode-context': rowContext(view),
      ...(view.mark ? { 'data-change': view.mark.change } : {}),
      'data-layer': layer.name, 'data-health': health, 'data-position': String(position), 'aria-rowindex': String(position + 2),
    },
  }, [
    cell('health', { children: [state] }),
    cell('layer', {
      children: [...(view.mark ? [markIcon(view.mark)] : []), ...nameOf(view)],
      title: layer.scope === '' ? layer.name : say('{0}\nin {1}', layer.name, layer.scope),
      label: view.mark ? `${layer.name}, ${markWords(view.mark)}` : layer.name,
    }),
    element('div', { class: 'facts', role: 'presentation' }, [
      cell('operator', { text: operatorLabel(layer), title: operatorLabel(layer) }),
      cell('weight', weight ? { text: shape(weight.shape), title: say('{0}\n{1} elements', weight.name, grouped(weight.parameters)) } : {}),
      cell('fanIn', fanCell(weight?.fanIn ?? null)),
      cell('fanOut', fanCell(weight?.fanOut ?? null)),
      cell('then', { text: followedBy(layer), title: followedAtLength(layer) }),
    ]),
    cell('is', present(weight, measurements)),
    cell('should', recommended(weight, measurements, health)),
  ]);
}

/** Of a name that is cut this much stays at its end, where layers of one block differ. */
const keptEnd = 12;

function nameOf({ layer }: LayerView): readonly (Node | string)[] {
  const text = layer.name === '' ? say('(no name)') : shortened(layer.name, longestName);
  const at = Math.max(0, text.length - keptEnd);
  const name = element('span', { class: 'name' }, [
    element('span', { class: 'cut', text: text.slice(0, at) }), element('span', { class: 'end', text: text.slice(at) }),
  ]);
  return layer.scope === '' ? [name] : [name, element('span', { class: 'muted scope', text: ` ${say('in {0}', shortened(layer.scope, longestName))}` })];
}

function fanCell(value: number | null): Cell {
  return value === null ? { text: '' } : { text: fan(value), title: exact(value) };
}

function present(weight: WeightReport | null, measurements: Measurements): Cell {
  if (!weight) return {};
  const statistics = statisticsOf(weight, measurements);
  if (!statistics) {
    const isComputed = weight.storage === 'computed';
    const unreadable = isComputed ? say('Computed by the graph: there are no values to measure') : weight.place === null ? weight.frozen : undefined;
    return { children: [element('span', { class: 'muted', text: unreadable === undefined ? '…' : '–' })], title: unreadable ?? say('Not measured') };
  }
  const value = statistics.nonFinite > 0
    ? element('span', { class: 'severity-error', text: `${grouped(statistics.nonFinite)} NaN/∞` })
    : element('span', { class: 'number', text: spreadLabel(statistics) });
  return { children: [sparkline(statistics.histogram), value], title: say('standard deviation {0}', exact(statistics.std)) };
}

function recommended(weight: WeightReport | null, measurements: Measurements, health: Health): Cell {
  if (!weight?.recommendation) {
    return { children: [element('span', { class: 'muted cut', text: weight?.frozen ?? '' })], title: weight?.frozen ?? '' };
  }
  const ratio = spreadRatio(weight, measurements);
  const label = ratioLabel(weight, measurements);
  return {
    children: [
      element('span', { text: recommendationLabel(weight) }),
      ...(label === '' ? [] : [' ', element('span', { class: needsAttention(health) ? healthPicture(health).tone : 'muted', text: `(${label})` })]),
    ],
    title: [recommendationFormula(weight.recommendation), ...(ratio === null ? [] : [say('present over recommended spread: {0}', exact(ratio))])].join('\n'),
  };
}

/** What copying a row yields, a line: every digit, tab-separated. */
export function copyRow(view: LayerView, measurements: Measurements): string {
  const { layer, weight } = view;
  return [
    layer.name, operatorLabel(layer), weight ? shape(weight.shape) : '', weight?.fanIn ?? '', weight?.fanOut ?? '', followedBy(layer),
    weight ? statisticsOf(weight, measurements)?.std ?? '' : '', weight?.recommendation?.title ?? '', weight?.recommendation?.std ?? '',
  ].join('\t');
}
