// The part of a drawing that is seen: dragged, turned by the wheel, and enlarged.

import type { Box } from './layout';

export interface Viewport {
  /** Another drawing, of which the top is seen: all of its width, or what is around a place where that could not be read. */
  fit(size: { readonly width: number; readonly height: number }, around: number): void;
  /** All of it; once more, as much as can be read. */
  fitWhole(): void;
  /** Another drawing in the place of that one, in which a point of one is where that of the other was. */
  keep(size: { readonly width: number; readonly height: number }, moved: { readonly x: number; readonly y: number }): void;
  zoom(factor: number): void;
  /** Moves as little as needed. */
  reveal(box: Box): void;
  /** It was dragged, so that the click that follows is none. */
  readonly wasDragged: boolean;
}

const [smallest, largest] = [0.2, 3];
/** Below, letters cannot be read. */
const smallestToRead = 0.72;
const step = 1.25;
export const [zoomIn, zoomOut] = [step, 1 / step];

export function createViewport(svg: SVGSVGElement, scene: SVGGElement): Viewport {
  let [x, y, scale] = [0, 0, 1];
  let size = { width: 0, height: 0 };
  let [isFitted, isWhole, wasDragged] = [true, false, false];
  let middle = 0;
  let drag: { readonly x: number; readonly y: number; readonly pointer: number } | null = null;

  const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
  /** What is left of it stays in sight. */
  function place(): void {
    const { clientWidth, clientHeight } = svg;
    const [width, height] = [size.width * scale, size.height * scale];
    x = width <= clientWidth ? (clientWidth - width) / 2 : clamp(x, clientWidth - width, 0);
    y = height <= clientHeight ? 0 : clamp(y, clientHeight - height, 0);
    scene.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${scale.toFixed(4)})`);
  }

  function zoomAt(factor: number, px: number, py: number): void {
    const next = clamp(scale * factor, smallest, largest);
    [x, y] = [px - ((px - x) * next) / scale, py - ((py - y) * next) / scale];
    scale = next;
    [isFitted, isWhole] = [false, false];
    place();
  }

  function fitWidth(): void {
    scale = clamp(svg.clientWidth / Math.max(1, size.width), smallestToRead, 1);
    [x, y] = [svg.clientWidth / 2 - middle * scale, 0];
    [isFitted, isWhole] = [true, false];
    place();
  }

  svg.addEventListener('wheel', (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      zoomAt(Math.exp(-event.deltaY / 300), event.offsetX, event.offsetY);
      return;
    }
    const [beforeX, beforeY] = [x, y];
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    x -= (event.shiftKey ? event.deltaY : event.deltaX) * unit;
    y -= (event.shiftKey ? 0 : event.deltaY) * unit;
    place();
    // At its end the page goes on.
    if (x !== beforeX || y !== beforeY) event.preventDefault();
  }, { passive: false });
  svg.addEventListener('pointerdown', (event) => {
    wasDragged = false;
    if (event.button === 0) drag = { x: event.clientX, y: event.clientY, pointer: event.pointerId };
  });
  svg.addEventListener('pointermove', (event) => {
    if (drag?.pointer !== event.pointerId) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!wasDragged && Math.hypot(dx, dy) < 4) return;
    if (!wasDragged) svg.setPointerCapture(event.pointerId);
    wasDragged = true;
    [x, y] = [x + dx, y + dy];
    drag = { ...drag, x: event.clientX, y: event.clientY };
    svg.classList.add('is-dragged');
    place();
  });
  for (const end of ['pointerup', 'pointercancel'] as const) {
    svg.addEventListener(end, () => {
      drag = null;
      svg.classList.remove('is-dragged');
    });
  }
  new ResizeObserver(() => {
    if (svg.clientWidth === 0) return;
    const from = y / scale;
    if (isFitted) fitWidth();
    // How far one has come down stays.
    y = from * scale;
    place();
  }).observe(svg);

  return {
    fit(next, around) {
      size = next;
      middle = around;
      fitWidth();
    },
    fitWhole() {
      if (isWhole) {
        fitWidth();
        return;
      }
      scale = clamp(Math.min(svg.clientWidth / Math.max(1, size.width), svg.clientHeight / Math.max(1, size.height)), smallest, 1);
      [x, y, isFitted, isWhole] = [0, 0, false, true];
      place();
    },
    keep(next, moved) {
      size = next;
      [x, y] = [x - moved.x * scale, y - moved.y * scale];
      place();
    },
    zoom: (factor) => zoomAt(factor, svg.clientWidth / 2, svg.clientHeight / 2),
    reveal({ x: cx, y: cy, width, height }) {
      const into = (at: number, middle: number, extent: number, seen: number): number => {
        // What is beside it is seen, too.
        const room = Math.min(56, seen / 5);
        const [low, high] = [(middle - extent / 2) * scale - room, (middle + extent / 2) * scale + room];
        return at + low < 0 ? -low : at + high > seen ? seen - high : at;
      };
      [x, y] = [into(x, cx, width, svg.clientWidth), into(y, cy, height, svg.clientHeight)];
      place();
    },
    get wasDragged() {
      return wasDragged;
    },
  };
}
