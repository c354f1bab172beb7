// The elements of a drawn graph: items that are read aloud as a tree, and two strokes for each edge.

import { say, sayOf } from '../../../src/protocol/words';
import { legible, significant } from '../../format';
import { element, svg } from '../../ui/element';
import { directions, levelOf, saidOf, worst, type Direction, type Flow } from './flow';
import type { Drawn, Item, OpenBlock } from './folding';
import { curve, gutter, signOf, type Box, type Layout, type Place } from './layout';

export interface Drawing {
  readonly root: SVGGElement;
  /** By item. */
  readonly items: readonly SVGGElement[];
  paint(flow: Flow | null, shown: Direction): void;
  /** Strokes lie side by side where both are shown. */
  offset(isBoth: boolean): void;
  /** What has been reached on the way: the edges behind these nodes, of which the last have just been; null is none of that. */
  light(isReached: ((node: number) => 'before' | 'now' | 'not yet') | null): void;
}

export const itemDomId = (item: Pick<Item, 'id'>): string => `graph-${item.id}`;

export function drawGraph(drawn: Drawn, layout: Layout): Drawing {
  const strokes = drawn.edges.map(({ from }, at) => {
    const stroke = (direction: Direction): SVGGElement => strokeOf(layout.ways[at] ?? [], direction, drawn.items[from]?.name ?? '');
    return { forward: stroke('forward'), backward: stroke('backward') };
  });
  const [forward, backward] = directions.map((direction) => svg('g', { class: `strokes ${direction}` }, strokes.map((stroke) => stroke[direction])));
  const items = drawn.items.map((item, at) => itemElement(item, at, layout.boxes[at]));
  const brackets = drawn.open.map((block) => bracket(block, drawn, layout));
  const root = svg('g', {}, [...(backward ? [backward] : []), ...(forward ? [forward] : []), ...brackets, ...items]);
  const pointsOf = (flow: Flow | null, direction: Direction, nodes: readonly number[]) => worst(nodes.map((node) => flow?.[direction][node] ?? null));

  return {
    root, items,
    paint(flow, shown) {
      drawn.edges.forEach(({ sources }, at) => {
        for (const direction of directions) {
          const stroke = strokes[at]?.[direction];
          const point = pointsOf(flow, direction, sources);
          const level = levelOf(point ? point.median / (flow?.unit[direction] ?? 1) : null);
          stroke?.setAttribute('data-level', level);
          if (point) stroke?.setAttribute('data-variance', String(point.median));
          else stroke?.removeAttribute('data-variance');
        }
      });
      drawn.items.forEach((item, at) => {
        const root = items[at];
        if (!root) return;
        const own = (direction: Direction) => pointsOf(flow, direction, item.kind === 'block' ? range(item.first, item.end) : [item.first]);
        const isOfLayers = item.kind === 'layer' || item.kind === 'block';
        const said = directions.filter((direction) => isOfLayers || own(direction)).map((direction) => saidOf(own(direction), direction));
        const label = [itemName(item), ...said].join(', ');
        root.setAttribute('aria-label', legible(label, 1000));
        const tip = root.querySelector('title');
        if (tip) tip.textContent = legible([itemName(item), ...said].join('\n'), 1000);
        const number = root.querySelector('.graph-number');
        if (number && item.kind === 'layer') number.textContent = own(shown) ? significant(own(shown)?.median ?? null) : '';
      });
    },
    offset(isBoth) {
      forward?.setAttribute('transform', `translate(${isBoth ? -3.5 : 0} 0)`);
      backward?.setAttribute('transform', `translate(${isBoth ? 3.5 : 0} 0)`);
    },
    light(isReached) {
      drawn.edges.forEach(({ sources }, at) => {
        const states = isReached ? sources.map(isReached) : [];
        for (const direction of directions) {
          const classes = strokes[at]?.[direction].classList;
          classes?.toggle('is-now', states.includes('now'));
          classes?.toggle('is-ahead', states.length > 0 && states.every((state) => state === 'not yet'));
        }
      });
    },
  };
}

const range = (first: number, end: number): readonly number[] => Array.from({ length: end - first }, (_, i) => first + i);

export function itemName({ kind, name, op, layers }: Item): string {
  switch (kind) {
    case 'layer': return `${name}, ${op}`;
    case 'block': return sayOf(layers, '{1}, {0} layer folded', '{1}, {0} layers folded', name);
    case 'join': return say('{0} of branches, {1}', op, name);
    case 'input': return say('{0}, input', name);
    case 'output': return say('{0}, output', name);
  }
}

/** A line and the head of an arrow: at its end forward, at its beginning backward. */
function strokeOf(way: readonly Place[], direction: Direction, from: string): SVGGElement {
  const tip = direction === 'forward' ? way.at(-1) : way[0];
  const turn = direction === 'forward' ? 1 : -1;
  const head = tip ? [svg('path', { class: 'head', d: `M${tip.x} ${tip.y}l-4 ${-6 * turn}h8z` })] : [];
  return svg('g', { 'class': 'stroke', 'data-from': from }, [svg('path', { class: 'line', d: curve(way) }), ...head]);
}

function itemElement(item: Item, at: number, box: Box | undefined): SVGGElement {
  const { x, y, width, height } = box ?? { x: 0, y: 0, width: 0, height: 0 };
  const [left, top] = [x - width / 2, y - height / 2];
  const isRound = item.kind === 'join' && signOf(item.op).length === 1;
  const radius = isRound || item.kind === 'input' || item.kind === 'output' ? height / 2 : 3;
  const frame = (inset: number, kind: string): SVGRectElement => svg('rect', { class: kind, x: left + inset, y: top + inset, width, height, rx: radius });
  const parts = item.kind === 'block' ? [frame(3, 'frame behind'), frame(0, 'frame')] : [frame(0, 'frame')];
  const isFolded = item.kind === 'block';
  return svg('g', {
    'class': `graph-item ${item.kind}`, 'id': itemDomId(item), 'role': 'treeitem', 'aria-selected': 'false',
    'data-item': at, 'data-testid': `graph-${item.kind}`, 'data-name': item.name, ...(isFolded ? { 'aria-expanded': 'false' } : {}),
  }, [
    svg('title'), ...parts, ...(isFolded ? [triangle(left + 12, y, false, item.block ?? 0)] : []), ...words(item, { x, y, width, height }),
  ]);
}

function words(item: Item, { x, y, width }: Box): readonly SVGElement[] {
  const [left, right] = [x - width / 2, x + width / 2];
  switch (item.kind) {
    case 'layer': return [
      text('graph-name', left + 8, y, shortenedTo(item.label, width - 64), 'start'), text('graph-number', right - 8, y, '', 'end'),
    ];
    case 'block': return [
      text('graph-name', left + 22, y - 7, shortenedTo(item.label, width - 32), 'start'),
      text('graph-number', left + 22, y + 8, sayOf(item.layers, '{0} layer', '{0} layers'), 'start'),
    ];
    case 'join': return [text('graph-sign', x, y, signOf(item.op), 'middle')];
    case 'input':
    case 'output': return [text('graph-name', x, y, shortenedTo(item.name, width - 16), 'middle')];
  }
}

function text(kind: string, x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', transform = ''): SVGTextElement {
  const created = svg('text', {
    'class': kind, x, y, 'text-anchor': anchor, 'dominant-baseline': 'central', 'aria-hidden': 'true', ...(transform === '' ? {} : { transform }),
  });
  created.textContent = words;
  return created;
}

/** What folds and unfolds: larger than it looks, to be hit. */
function triangle(x: number, y: number, isOpen: boolean, block: number): SVGGElement {
  return svg('g', { 'class': 'fold', 'data-fold': block, 'data-testid': isOpen ? 'graph-fold' : 'graph-unfold', 'aria-hidden': 'true' }, [
    svg('rect', { x: x - 11, y: y - 11, width: 22, height: 22 }),
    svg('path', { d: isOpen ? `M${x - 4} ${y - 2.5}h8l-4 5.5z` : `M${x - 2.5} ${y - 4}v8l5.5 -4z` }),
  ]);
}

const nearby = 40;

/** An open block beside its items: a line along them, with what folds it. */
function bracket({ block, name, first, end, levels }: OpenBlock, { edges }: Drawn, { boxes, ways }: Layout): SVGGElement {
  const own = boxes.slice(first, end);
  const top = Math.min(...own.map((box) => box.y - box.height / 2));
  const bottom = Math.max(...own.map((box) => box.y + box.height / 2));
  const edge = Math.min(...own.map((box) => box.x - box.width / 2));
  // What passes its items by is inside, if it is near.
  const passing = edges.flatMap(({ from, to }, at) => ((from >= first && from < end) || (to >= first && to < end) ? ways[at] ?? [] : []));
  const near = passing.filter((point) => point.y > top && point.y < bottom && point.x > edge - nearby).map((point) => point.x);
  const x = Math.min(edge, ...near) - gutter * (levels + 0.7);
  const tip = svg('title');
  tip.textContent = legible(say('{0}: click to fold', name), 1000);
  return svg('g', { 'class': 'bracket', 'data-name': name }, [
    tip, svg('path', { class: 'side', d: `M${x + 5} ${top}V${bottom}` }), triangle(x - 1, top + 4, true, block),
    text('bracket-name', 0, 0, shortenedTo(name, bottom - top - 16), 'end', `translate(${x - 1} ${top + 14}) rotate(-90)`),
  ]);
}

const measure = document.createElement('canvas').getContext('2d');

/** Of names of one block the beginnings differ, or the ends. A span of layers is known by the first. */
function shortenedTo(name: string, width: number): string {
  const [from, to] = name.split(' … ');
  const fits = (words: string): boolean => widthOf(words) <= width;
  if (from !== undefined && to !== undefined && !fits(name)) return `${shortenedTo(from, width - 14)} …`;
  const shown = legible(name, 200);
  if (fits(shown)) return shown;
  const cut = (length: number): string => `${shown.slice(0, Math.floor(length / 2))}…${shown.slice(shown.length - Math.ceil(length / 2))}`;
  return Array.from(shown, (_, at) => cut(shown.length - 2 - at)).find(fits) ?? '…';
}

function widthOf(words: string): number {
  if (!measure) return 7 * words.length;
  measure.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  return measure.measureText(words).width;
}

/** What levels look like, from too small to too large. */
export function legend(): HTMLElement {
  const sample = (level: string, words: string): HTMLElement => element('span', { class: 'legend-entry' }, [
    svg('svg', { 'width': 16, 'height': 8, 'aria-hidden': 'true', 'class': 'legend-stroke' }, [
      svg('g', { 'class': 'stroke', 'data-level': level }, [svg('path', { class: 'line', d: 'M0 4H16' })]),
    ]),
    element('span', { text: words }),
  ]);
  return element('div', { class: 'graph-legend muted', testid: 'graph-legend', label: say('Variance that passes') }, [
    sample('zero', '0'), sample('low-3', '10⁻⁶'), sample('fine', '1'), sample('high-3', '10⁶'),
    sample('infinite', '∞'), sample('unknown', '?'),
  ]);
}
