// A pane with a drawing of our own: its heading, its menu, and an SVG that is drawn anew for every size and theme.

import { element, type Child } from '../ui/element';
import { oncePerFrame } from '../ui/frames';
import type { Palette } from '../ui/theme';
import { createFigureMenu, type Drawing, type FigureActions } from './figure/figureMenu';
import type { Area } from './figure/frame';
import { tag } from './figure/xml';
import { paneHeading } from './paneHeading';
import type { Pixel } from './zoomGestures';

export interface DrawnPaneOptions {
  readonly testid: string;
  readonly title: string;
  /** Where there is little room. */
  readonly short: string;
  /** What keys do, for those who are read to. */
  readonly hint: string;
  readonly controls: readonly Child[];
  readonly figure: FigureActions;
  readonly drawing: () => Drawing | null;
  /** Markup of all that is seen; empty for nothing. */
  readonly draw: (area: Area) => string;
  /** What is marked over it: moved without drawing the rest anew. */
  readonly over: (area: Area) => string;
  readonly onPoint: (at: Pixel | null, area: Area) => void;
  readonly onPick: (at: Pixel, area: Area) => void;
  /** Whether the key has meant something. */
  readonly onKey: (key: string) => boolean;
}

export interface DrawnPane {
  readonly root: HTMLElement;
  /** What is drawn is another; `summary` is said of it. */
  draw(palette: Palette, summary: string): void;
  mark(): void;
  say(what: string): void;
}

export function createDrawnPane(options: DrawnPaneOptions): DrawnPane {
  const host = element('div', { class: 'drawing', testid: `${options.testid}-drawing`, role: 'img' });
  const over = element('div', { class: 'drawing over', attributes: { 'aria-hidden': 'true' } });
  const menu = createFigureMenu({ testid: options.testid, title: options.title, drawn: options.drawing }, options.figure);
  const label = `${options.title}: ${options.hint}`;
  const frame = element('div', { class: 'chart-frame', role: 'group', label, attributes: { tabindex: '0' } }, [host, over]);
  const spoken = element('div', { class: 'visually-hidden', attributes: { 'aria-live': 'polite' } });
  const root = element('section', { class: 'chart-pane', testid: `${options.testid}-pane`, label: options.title }, [
    paneHeading(options, [], [
      ...options.controls,
      menu,
    ]),
    frame, spoken,
  ]);
  let palette: Palette | null = null;

  const area = (): Area => ({ left: 0, top: 0, width: frame.clientWidth, height: frame.clientHeight });
  const isSeen = (): boolean => frame.clientWidth > 0 && frame.clientHeight > 0;
  function fill(target: HTMLElement, markup: string): void {
    const { width, height } = area();
    const text = tag('svg', { xmlns: 'http://www.w3.org/2000/svg', width, height, 'font-family': palette?.fontFamily ?? '' }, markup === '' ? ' ' : markup);
    const { documentElement } = new DOMParser().parseFromString(text, 'image/svg+xml');
    target.replaceChildren(document.importNode(documentElement, true));
  }
  const drawNow = (): void => {
    if (!palette || !isSeen()) return;
    fill(host, options.draw(area()));
    fill(over, options.over(area()));
  };
  const drawSoon = oncePerFrame(drawNow);
  new ResizeObserver(drawSoon).observe(frame);
  const place = (event: PointerEvent | MouseEvent): Pixel => {
    const { left, top } = frame.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  frame.addEventListener('pointermove', (event) => options.onPoint(place(event), area()));
  frame.addEventListener('pointerleave', () => options.onPoint(null, area()));
  frame.addEventListener('click', (event) => options.onPick(place(event), area()));
  frame.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || !options.onKey(event.key)) return;
    event.preventDefault();
  });

  return {
    root,
    draw(theme, summary) {
      palette = theme;
      host.setAttribute('aria-label', summary);
      menu.hidden = options.drawing() === null;
      drawSoon();
    },
    mark: () => { if (palette && isSeen()) fill(over, options.over(area())); },
    say: (what) => { spoken.textContent = what; },
  };
}
