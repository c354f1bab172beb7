// A chart of curves with its heading, its keyboard, and the same numbers as a table.

import { element, replaceChildren, type Child } from '../../ui/element';
import type { Palette } from '../../ui/theme';
import { say } from '../../../src/protocol/words';
import { curvesCsv, curvesJson, writeCurves } from '../figure/curveFigure';
import { createFigureMenu, type Drawing, type FigureActions } from '../figure/figureMenu';
import { paneHeading } from '../paneHeading';
import { createCurveChart, type CurveContent } from './curveChart';
import type { Curve } from './curves';

export interface CurvePaneOptions {
  readonly testid: string;
  readonly title: string;
  /** Where there is little room. */
  readonly short: string;
  readonly palette: Palette;
  /** Beside the title. */
  readonly controls: readonly Child[];
  /** What can be taken away of it. */
  readonly figure: FigureActions;
}

export interface CurvePane {
  readonly root: HTMLElement;
  draw(content: CurveContent, palette: Palette): void;
  showTable(isShown: boolean): void;
}

/** Rows of a table: what is between them is drawn. */
const mostRows = 50;
const pageSteps = 10;
const fillEveryMs = 200;

export function createCurvePane(options: CurvePaneOptions): CurvePane {
  const canvas = element('canvas', { role: 'img', testid: `${options.testid}-chart` });
  const frame = element('div', {
    class: 'chart-frame', role: 'group', label: say('{0}: left and right move along the lines', options.title), attributes: { tabindex: '0' },
  }, [canvas]);
  const table = element('table', { testid: `${options.testid}-table`, class: 'number' });
  const tableFrame = element('div', { class: 'table-frame visually-hidden', label: say('{0}, as a table', options.title), role: 'region' }, [table]);
  const spoken = element('div', { class: 'visually-hidden', attributes: { 'aria-live': 'polite' } });
  const root = element('section', { class: 'chart-pane', testid: `${options.testid}-pane`, label: options.title }, [
    paneHeading(options, [], [
      ...options.controls, createFigureMenu({ testid: options.testid, title: options.title, drawn: drawing }, options.figure),
    ]),
    frame, tableFrame, spoken,
  ]);
  const chart = createCurveChart(canvas, options.palette);
  let content: CurveContent | null = null;
  let { palette } = options;
  let cursor: number | null = null;
  let filling = 0;

  const longest = (): readonly Curve['points'][number][] => (
    (content?.curves ?? []).reduce<Curve['points']>((most, { points }) => (points.length > most.length ? points : most), []));

  function point(x: number | null): void {
    cursor = x;
    chart.point(x);
  }

  canvas.addEventListener('pointermove', (event) => point(chart.valueAt(event.offsetX)));
  canvas.addEventListener('pointerleave', () => point(null));
  frame.addEventListener('blur', () => point(null));
  frame.addEventListener('keydown', (event) => {
    const points = longest();
    const last = points.length - 1;
    const at = cursor === null ? -1 : points.findLastIndex(({ x }) => x <= (cursor ?? 0));
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last, PageDown: at + pageSteps, PageUp: at - pageSteps,
    };
    const next = steps[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    point(points[Math.max(0, Math.min(last, next))]?.x ?? null);
    if (content && cursor !== null) spoken.textContent = saidAt(content, cursor);
  });

  function drawing(): Drawing | null {
    const [now, words] = [content, options.figure.words(options.title)];
    return now && { palette, svg: (colours) => writeCurves(now, words, colours), csv: () => curvesCsv(now), json: () => curvesJson(now, words) };
  }

  /** Not for every step that arrives. */
  function fillSoon(): void {
    filling ||= window.setTimeout(() => {
      filling = 0;
      if (content) fillTable(table, options.title, content, longest().map(({ x }) => x));
    }, fillEveryMs);
  }

  return {
    root,
    draw(next, theme) {
      content = next;
      palette = theme;
      canvas.setAttribute('aria-label', summary(options.title, next));
      chart.draw(next, palette);
      if (cursor !== null) chart.point(cursor);
      fillSoon();
    },
    showTable(isShown) {
      frame.hidden = isShown;
      tableFrame.classList.toggle('visually-hidden', !isShown);
      if (isShown) tableFrame.tabIndex = 0;
      else tableFrame.removeAttribute('tabindex');
    },
  };
}

function saidAt({ curves, nameOf, titleOf, valueOf }: CurveContent, x: number): string {
  const said = curves.map((curve) => {
    const point = curve.points.findLast((each) => each.x <= x);
    return `${titleOf(curve)} ${point ? valueOf(point) : say('not known')}`;
  });
  return `${nameOf(x)}: ${said.join(', ')}`;
}

/** Every so many of the places, the last among them. */
function fillTable(table: HTMLTableElement, caption: string, { curves, xTitle, titleOf, nameOf, valueOf }: CurveContent, places: readonly number[]): void {
  const each = Math.max(1, Math.ceil(places.length / mostRows));
  const rows = places.filter((_, at) => at % each === 0 || at === places.length - 1);
  const head = element('tr', {}, [
    element('th', { text: xTitle, attributes: { scope: 'col' } }),
    ...curves.map((curve) => element('th', { text: titleOf(curve), attributes: { scope: 'col' } })),
  ]);
  const body = rows.map((x) => element('tr', {}, [
    element('th', { text: nameOf(x), attributes: { scope: 'row' } }),
    ...curves.map(({ key, points }) => {
      const point = points.find((known) => known.x === x);
      const attributes = { 'data-scheme': key, 'data-at': String(x), 'data-value': point ? String(point.median) : 'null' };
      return element('td', { text: point ? valueOf(point) : '–', attributes });
    }),
  ]));
  replaceChildren(table, [element('caption', { text: caption }), element('thead', {}, [head]), element('tbody', {}, body)]);
}

function summary(title: string, { curves, titleOf, valueOf, reference }: CurveContent): string {
  const lines = curves.map((curve) => {
    const [first, last] = [curve.points[0], curve.points.at(-1)];
    const diverged = curve.marks.filter(({ kind }) => kind === 'diverged').length;
    if (!first || !last) return say('{0}: nothing yet', titleOf(curve));
    const ends = say('{0} from {1} to {2}', titleOf(curve), valueOf(first), valueOf(last));
    return diverged > 0 ? say('{0}, {1} diverged', ends, diverged) : ends;
  });
  return `${title}. ${[...lines, ...(reference ? [reference.label] : [])].join('. ')}.`;
}
