// Moves through the steps at which layers were looked at: a slider, and a button that plays them.

import { grouped } from '../../format';
import { element, icon } from '../../ui/element';
import { say } from '../../../src/protocol/words';

export interface Scrubber {
  readonly root: HTMLElement;
  /** The steps there are; the last is followed as long as nobody has chosen another. */
  show(steps: readonly number[]): void;
  /** The step that is looked at; null where there is none. */
  readonly step: number | null;
}

/** A second for four steps: slow enough to see what moves. */
const playEveryMs = 250;

export function createScrubber(onStep: () => void): Scrubber {
  let steps: readonly number[] = [];
  /** Index of the chosen step; null follows the last. */
  let chosen: number | null = null;
  let playing: number | null = null;
  const slider = element('input', { testid: 'scrubber', label: say('Step at which the layers are shown'), attributes: { type: 'range', min: '0', step: '1' } });
  const said = element('span', { class: 'number', testid: 'scrubbed-step' });
  const play = element('button', { class: 'segment', testid: 'play-steps', attributes: { type: 'button' } });
  const still = window.matchMedia('(prefers-reduced-motion: reduce)');
  const root = element('div', { class: 'scrubber', role: 'group', label: say('Steps') }, [play, slider, said]);

  const index = (): number => Math.min(chosen ?? steps.length - 1, steps.length - 1);

  function draw(): void {
    root.hidden = steps.length === 0;
    const step = steps[index()];
    slider.max = String(Math.max(0, steps.length - 1));
    slider.value = String(index());
    slider.disabled = steps.length < 2;
    said.textContent = step === undefined ? '' : say('step {0}', grouped(step));
    slider.setAttribute('aria-valuetext', said.textContent);
    play.hidden = still.matches || steps.length < 2;
    const title = playing === null ? say('Play the steps') : say('Stop playing');
    if (play.title === title) return;
    play.title = title;
    play.setAttribute('aria-label', title);
    play.replaceChildren(icon(playing === null ? 'play' : 'debug-pause'));
  }

  function choose(next: number): void {
    chosen = next >= steps.length - 1 ? null : next;
    draw();
    onStep();
  }

  function stop(): void {
    if (playing !== null) window.clearInterval(playing);
    playing = null;
    draw();
  }

  function tick(): void {
    const at = index();
    if (at >= steps.length - 1) stop();
    else choose(at + 1);
  }

  slider.addEventListener('input', () => {
    const wanted = Number(slider.value);
    stop();
    choose(wanted);
  });
  play.addEventListener('click', () => {
    if (playing !== null) {
      stop();
      return;
    }
    if (index() >= steps.length - 1) choose(0);
    playing = window.setInterval(tick, playEveryMs);
    draw();
  });
  still.addEventListener('change', stop);
  draw();

  return {
    root,
    show(next) {
      if (next.length < steps.length) {
        chosen = null;
        stop();
      }
      steps = next;
      draw();
    },
    get step() {
      return steps[index()] ?? null;
    },
  };
}
