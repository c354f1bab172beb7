import { element } from '../ui/element';

const step = 24;
const least = 96;

export interface SashOptions {
  readonly height: number;
  readonly onResize: (height: number) => void;
}

export interface Sash {
  readonly root: HTMLElement;
  readonly height: number;
}

/** The line between the table and the detail, dragged or moved with the arrow keys. */
export function createSash(options: SashOptions): Sash {
  const root = element('div', {
    class: 'sash', role: 'separator', label: 'Height of the detail', testid: 'sash',
    attributes: { 'tabindex': '0', 'aria-orientation': 'horizontal' },
  });
  let height = options.height;

  function resize(next: number): void {
    const most = Math.max(least, window.innerHeight - 220);
    height = Math.round(Math.min(most, Math.max(least, next)));
    root.setAttribute('aria-valuenow', String(height));
    options.onResize(height);
  }

  root.addEventListener('pointerdown', (event) => {
    const from = event.clientY + height;
    root.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent): void => resize(from - moved.clientY);
    root.addEventListener('pointermove', move);
    root.addEventListener('lostpointercapture', () => root.removeEventListener('pointermove', move), { once: true });
    event.preventDefault();
  });
  root.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowUp') resize(height + step);
    else if (event.key === 'ArrowDown') resize(height - step);
    else return;
    event.preventDefault();
  });
  window.addEventListener('resize', () => resize(height));

  return { root, get height() { return height; } };
}
