import { healthOf, isFrozen, needsAttention, spreadRatio, statisticsOf, type Health, type LayerView, type Measurements } from './health';
import { recommendationLabel } from './wording';

export const segments = ['all', 'attention', 'kernels', 'frozen', 'differs'] as const;
export type Segment = (typeof segments)[number];

export const columnIds = ['health', 'layer', 'operator', 'weight', 'fanIn', 'fanOut', 'then', 'is', 'should'] as const;
export type ColumnId = (typeof columnIds)[number];

/** How the reader looks at the layers; survives hiding the view. */
export interface Browsing {
  readonly text: string;
  readonly segment: Segment;
  /** Null is the order of the model. */
  readonly sort: { readonly column: ColumnId; readonly descending: boolean } | null;
}

const order: Readonly<Record<Health, number>> = { error: 0, warning: 1, info: 2, unmeasured: 3, ok: 4, frozen: 5 };

export function isInSegment(view: LayerView, segment: Segment, measurements: Measurements): boolean {
  switch (segment) {
    case 'all': return true;
    case 'attention': return needsAttention(healthOf(view, measurements));
    case 'kernels': return view.layer.weights.some(({ role }) => role === 'kernel' || role === 'recurrent');
    case 'frozen': return view.layer.weights.some(isFrozen);
    // Without another side nothing is left out.
    case 'differs': return view.mark !== null;
  }
}

function matches(view: LayerView, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const { layer } = view;
  const haystack = [
    layer.name, layer.scope, layer.op, layer.detail, layer.activation, layer.normalization ?? '', ...layer.weights.map((weight) => weight.name),
    recommendationLabel(view.weight),
  ].join('\n').toLowerCase();
  return words.every((word) => haystack.includes(word));
}

function sortKey(view: LayerView, column: ColumnId, measurements: Measurements): number | string | null {
  const { layer, weight } = view;
  switch (column) {
    case 'health': return order[healthOf(view, measurements)];
    case 'layer': return layer.name;
    case 'operator': return `${layer.op} ${layer.detail}`;
    case 'weight': return weight?.parameters ?? null;
    case 'fanIn': return weight?.fanIn ?? null;
    case 'fanOut': return weight?.fanOut ?? null;
    case 'then': return `${layer.activation} ${layer.normalization ?? ''}`;
    case 'is': return weight ? statisticsOf(weight, measurements)?.std ?? null : null;
    case 'should': {
      const ratio = weight ? spreadRatio(weight, measurements) : null;
      // Too wide and too narrow by the same factor are equally wrong.
      return ratio === null ? null : Math.abs(Math.log(ratio));
    }
  }
}

const collator = new Intl.Collator('en', { numeric: true });

function compareKeys(a: number | string | null, b: number | string | null): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}

export function browse(views: readonly LayerView[], browsing: Browsing, measurements: Measurements): readonly LayerView[] {
  const words = browsing.text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const found = views.filter((view) => isInSegment(view, browsing.segment, measurements) && matches(view, words));
  const { sort } = browsing;
  if (!sort) return found;
  const direction = sort.descending ? -1 : 1;
  const keyed = found.map((view) => ({ view, key: sortKey(view, sort.column, measurements) }));
  keyed.sort((a, b) => {
    // What has no value stays at the end whichever way the column is sorted.
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || a.view.index - b.view.index;
    return direction * compareKeys(a.key, b.key) || a.view.index - b.view.index;
  });
  return keyed.map((entry) => entry.view);
}

/** Ascending, descending, then back to the order of the model. */
export function nextSort(current: Browsing['sort'], column: ColumnId): Browsing['sort'] {
  if (current?.column !== column) return { column, descending: false };
  return current.descending ? null : { column, descending: true };
}
