import { element } from '../ui/element';
import { say } from '../../src/protocol/words';

const step = 24;
const least = 96;

export interface SashOptions {
  readonly height: number;
  /** The height to draw. */
  readonly onResize: (height: number) => void;
  /** The user has chosen another. */
  readonly onChoose: () => void;
}

export interface Sash {
  readonly root: HTMLElement;
  /** The height the user has chosen; a small window may have room for less. */
  readonly height: number;
}

/** The line between the table and the detail, dragged or moved with the arrow keys. */
export function createSash(options: SashOptions): Sash {
  const root = element('div', {
    class: 'sash', role: 'separator', label: say('Height of the detail'), testid: 'sash',
    attributes: { 'tabindex': '0', 'aria-orientation': 'horizontal' },
  });
  let chosen = options.height;

  function fitting(height: number): number {
    const most = Math.max(least, window.innerHeight - 220);
    return Math.round(Math.min(most, Math.max(least, height)));
  }
  function draw(): void {
    const height = fitting(chosen);
    root.setAttribute('aria-valuenow', String(height));
    options.onResize(height);
  }
  function choose(height: number): void {
    chosen = fitting(height);
    draw();
    options.onChoose();
  }

  root.addEventListener('pointerdown', (event) => {
    const from = event.clientY + fitting(chosen);
    root.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent): void => choose(from - moved.clientY);
    root.addEventListener('pointermove', move);
    root.addEventListener('lostpointercapture', () => root.removeEventListener('pointermove', move), { once: true });
    event.preventDefault();
  });
  root.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowUp') choose(fitting(chosen) + step);
    else if (event.key === 'ArrowDown') choose(fitting(chosen) - step);
    else return;
    event.preventDefault();
  });
  window.addEventListener('resize', draw);
  draw();

  return { root, get height() { return chosen; } };
}
