// What if kernels were wider or narrower: of all layers, or of the one under the cursor. Theory answers while the hand moves, and a run when it rests.

import type { SchemeDescription, SimulatedScheme } from '../../src/protocol/schemes';
import type { SimulationOptions, WhatIf } from '../../src/protocol/simulation';
import { say } from '../../src/protocol/words';
import { element, icon } from '../ui/element';
import { select } from '../ui/kit';
import { trimmed } from '../format';

export interface WhatIfActions {
  /** While the hand moves; null where nothing is asked any more. */
  readonly onDrag: (whatIf: WhatIf | null) => void;
  /** Where it rests. */
  readonly onRest: (whatIf: WhatIf | null) => void;
  /** So many more of the block are wanted. */
  readonly onDepth: (copies: number) => void;
}

export interface WhatIfBar {
  readonly root: HTMLElement;
  show(file: string, schemes: readonly SchemeDescription[], options: Pick<SimulationOptions, 'whatIf' | 'deepen'>, block: string | null): void;
  /** The layer under the cursor. */
  point(layer: string | null): void;
}

/** Decades either way. */
const reach = 2;
const step = 0.01;
/** Of the block, beside those that the network has: what the slider reaches. */
const mostBlocks = 50;
/** A hand that rests for so long has arrived. */
const restMs = 350;

export function createWhatIfBar(actions: WhatIfActions): WhatIfBar {
  let scheme: SimulatedScheme = 'current';
  let all = 1;
  let layers: Readonly<Record<string, number>> = {};
  let layer: string | null = null;
  let isSingle = false;
  let resting = 0;
  /** What is shown of before does not take back what is on its way. */
  let isMoving = false;
  let drawn = '';
  let asking = '';

  const slider = element('input', {
    class: 'gain', testid: 'what-if-gain', label: say('Factor on the standard deviation of kernels'),
    attributes: { type: 'range', min: String(-reach), max: String(reach), step: String(step), value: '0' },
  });
  const value = element('output', { class: 'number gain-value', testid: 'what-if-value' });
  const schemeSlot = element('span', {});
  const target = element('button', { class: 'segment cut', testid: 'what-if-layer', attributes: { type: 'button' } });
  const reset = element('button', {
    class: 'segment', testid: 'what-if-reset', title: say('As they are'), label: say('Kernels as they are'), attributes: { type: 'button' },
  }, [icon('discard')]);
  const depth = createDepth((copies) => {
    reset.disabled = asked() === null && copies === 0;
    actions.onDepth(copies);
  });
  const root = element('div', { class: 'what-if', testid: 'what-if', role: 'group', label: say('What if kernels were wider or narrower') }, [
    element('span', { class: 'muted', text: say('What if') }), schemeSlot, element('span', { class: 'muted', text: say('had kernels of') }), target,
    element('span', { class: 'muted', text: '×' }), slider, value, depth.root, reset,
  ]);

  const factor = (): number => (isSingle && layer !== null ? layers[layer] ?? 1 : all);
  const asked = (): WhatIf | null => (all === 1 && Object.keys(layers).length === 0 ? null : { scheme, all, layers });

  const offered = (schemes: readonly SchemeDescription[]): string => JSON.stringify([schemes.map(({ id }) => id), scheme]);

  function draw(): void {
    slider.value = String(Math.log10(factor()));
    value.textContent = trimmed(factor());
    slider.setAttribute('aria-valuetext', say('{0} times', trimmed(factor())));
    target.textContent = isSingle && layer !== null ? layer : say('all layers');
    target.title = isSingle ? say('The layer under the cursor; press for all') : say('All layers; press for the one under the cursor alone');
    target.setAttribute('aria-pressed', String(isSingle));
    reset.disabled = asked() === null && depth.copies() === 0;
  }

  function change(next: number): void {
    const rounded = Number((10 ** next).toPrecision(3));
    if (isSingle && layer !== null) {
      const others = Object.entries(layers).filter(([name]) => name !== layer);
      layers = Object.fromEntries(rounded === 1 ? others : [...others, [layer, rounded]]);
    } else all = rounded;
    draw();
    tell();
  }

  function tell(): void {
    isMoving = true;
    actions.onDrag(asked());
    clearTimeout(resting);
    resting = window.setTimeout(() => {
      isMoving = false;
      actions.onRest(asked());
    }, restMs);
  }

  slider.addEventListener('input', () => change(Number(slider.value)));
  target.addEventListener('click', () => {
    isSingle = !isSingle;
    draw();
  });
  reset.addEventListener('click', () => {
    const isAsked = asked() !== null;
    all = 1;
    layers = {};
    depth.reset();
    draw();
    if (isAsked) tell();
  });
  root.addEventListener('dblclick', ({ target: at }) => { if (at === slider) change(0); });

  return {
    root,
    show(file, schemes, { whatIf, deepen }, block) {
      depth.show(file, deepen, block);
      // What was on its way to one network is not for the next.
      if (file !== asking) {
        clearTimeout(resting);
        isMoving = false;
      }
      asking = file;
      if (!isMoving) [scheme, all, layers] = [whatIf?.scheme ?? scheme, whatIf?.all ?? 1, whatIf?.layers ?? {}];
      if (!schemes.some(({ id }) => id === scheme)) scheme = schemes[0]?.id ?? 'current';
      const key = offered(schemes);
      if (key !== drawn) {
        drawn = key;
        schemeSlot.replaceChildren(select({
          label: say('Scheme whose kernels are changed'), options: schemes.map(({ id, title }) => ({ value: id, title })), value: scheme,
          testid: 'what-if-scheme',
          onChange(id) {
            scheme = schemes.find((each) => each.id === id)?.id ?? scheme;
            // It shows so itself: a new one would not have the focus.
            drawn = offered(schemes);
            if (asked()) tell();
          },
        }));
      }
      draw();
    },
    point(next) {
      layer = next;
      if (isSingle) draw();
    },
  };
}

interface Depth {
  readonly root: HTMLElement;
  readonly copies: () => number;
  show(file: string, copies: number, block: string | null): void;
  reset(): void;
}

/** How many more of the block that the network repeats: told where the hand rests. */
function createDepth(onDepth: (copies: number) => void): Depth {
  let asking = '';
  let resting = 0;
  const slider = element('input', {
    class: 'gain depth', testid: 'what-if-depth', attributes: { type: 'range', min: '0', max: String(mostBlocks), step: '1', value: '0' },
  });
  const value = element('output', { class: 'number gain-value', testid: 'what-if-depth-value' });
  const name = element('span', { class: 'muted cut block-name' });
  const root = element('span', { class: 'deeper' }, [name, slider, value]);
  const draw = (): void => { value.textContent = `+${slider.value}`; };
  const copies = (): number => Number(slider.value);
  const change = (pause: number): void => {
    draw();
    clearTimeout(resting);
    resting = window.setTimeout(() => {
      resting = 0;
      onDepth(copies());
    }, pause);
  };
  slider.addEventListener('input', () => change(restMs));
  return {
    root, copies,
    show(file, deepen, block) {
      if (file !== asking) {
        clearTimeout(resting);
        resting = 0;
      }
      asking = file;
      root.hidden = block === null;
      name.textContent = say('and more of {0}', block ?? '');
      name.title = say('The block that the network repeats: so many more are run behind it, drawn anew by each scheme');
      slider.ariaLabel = say('How many more of {0} are run', block ?? '');
      // What is on its way is not taken back.
      if (resting === 0) slider.value = String(deepen);
      draw();
    },
    reset() {
      if (copies() === 0) return;
      slider.value = '0';
      change(0);
    },
  };
}
