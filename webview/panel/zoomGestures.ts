// Zooming and moving a chart by the wheel, by dragging and by keys. What they do to the axes is for the chart to say.

export interface Pixel {
  readonly x: number;
  readonly y: number;
}

export interface ZoomTarget {
  /** By a factor about a place in pixels of the canvas, or (null) about the middle. */
  zoomBy(factor: number, at: Pixel | null, axis: 'x' | 'y'): void;
  moveBy(pixels: Pixel): void;
  /** To what lies between two corners in pixels. */
  zoomTo(from: Pixel, to: Pixel): void;
  /** Marks what would be zoomed to. */
  mark(from: Pixel | null, to: Pixel | null): void;
  reset(): void;
  readonly isZoomed: boolean;
}

/** A step of the wheel, and of a key. */
const perStep = 0.8;
/** Pixels of the wheel per step. */
const stepPixels = 100;
/** A hand that clicks shakes by less. */
const clickPixels = 4;
const keyPixels = 60;

/** `element` hears keys, `canvas` the pointer. A click that was no drag stays one. */
export function listenForZoom(element: HTMLElement, canvas: HTMLCanvasElement, target: ZoomTarget): void {
  canvas.addEventListener('wheel', (event) => {
    // A wheel by itself scrolls the page; a pinch comes as one with Ctrl.
    if (event.ctrlKey || event.metaKey || event.altKey) {
      event.preventDefault();
      const steps = (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * 33) / stepPixels;
      target.zoomBy(perStep ** -steps, { x: event.offsetX, y: event.offsetY }, event.altKey ? 'y' : 'x');
    } else if (target.isZoomed && (event.deltaX !== 0 || event.shiftKey)) {
      event.preventDefault();
      target.moveBy({ x: -(event.deltaX === 0 ? event.deltaY : event.deltaX), y: 0 });
    }
  }, { passive: false });

  let start: Pixel | null = null;
  let last = { x: 0, y: 0 };
  let isDragged = false;
  let isMarking = false;
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    start = { x: event.offsetX, y: event.offsetY };
    last = start;
    isDragged = false;
    isMarking = !target.isZoomed || event.shiftKey;
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!start) return;
    const here = { x: event.offsetX, y: event.offsetY };
    if (!isDragged && Math.hypot(here.x - start.x, here.y - start.y) < clickPixels) return;
    if (!isDragged) canvas.setPointerCapture(event.pointerId);
    isDragged = true;
    if (isMarking) target.mark(start, here);
    else target.moveBy({ x: here.x - last.x, y: here.y - last.y });
    last = here;
  });
  const end = (isWanted: boolean): void => {
    if (start && isDragged && isMarking) {
      target.mark(null, null);
      if (isWanted) target.zoomTo(start, last);
    }
    start = null;
  };
  canvas.addEventListener('pointerup', () => end(true));
  canvas.addEventListener('pointercancel', () => end(false));
  canvas.addEventListener('click', (event) => {
    if (isDragged) event.stopImmediatePropagation();
    isDragged = false;
  }, { capture: true });

  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey) return;
    const axis = event.altKey ? 'y' : 'x';
    const keys: Readonly<Record<string, () => void>> = {
      '+': () => target.zoomBy(perStep, null, axis), '=': () => target.zoomBy(perStep, null, axis), '-': () => target.zoomBy(1 / perStep, null, axis),
      '0': () => target.reset(), ...(event.shiftKey ? {
        ArrowLeft: () => target.moveBy({ x: keyPixels, y: 0 }), ArrowRight: () => target.moveBy({ x: -keyPixels, y: 0 }),
        ArrowUp: () => target.moveBy({ x: 0, y: keyPixels }), ArrowDown: () => target.moveBy({ x: 0, y: -keyPixels }),
      } : {}), ...(target.isZoomed ? { Escape: () => target.reset() } : {}),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  });
}
