// The player of a sweep: plays, steps and scrubs the way of a signal through the network, with what it has come to.

import { say } from '../../../src/protocol/words';
import { element, icon } from '../../ui/element';
import { select } from '../../ui/kit';
import { segment } from '../toolbarParts';
import { pauseOf, stepAt, stepsOf, type SweepStep } from './sweepSteps';

export interface SweepBar {
  readonly root: HTMLElement;
  /** The layers there are, and whether it is there at all. */
  show(layers: readonly string[], isShown: boolean): void;
  /** The numbers are others. */
  renew(): void;
}

export interface SweepBarOptions {
  /** Null where it is closed. */
  readonly onStep: (step: SweepStep | null) => void;
  readonly onClose: () => void;
  /** "σ² 0.0031", of the scheme that is shown. */
  readonly said: (step: SweepStep) => string;
}

const speeds = [{ value: '0.5', title: '½×' }, { value: '1', title: '1×' }, { value: '2', title: '2×' }] as const;

export function createSweepBar({ onStep, onClose, said }: SweepBarOptions): SweepBar {
  let layers: readonly string[] = [];
  let [at, speed] = [0, 1];
  let playing: number | null = null;
  const slider = element('input', { testid: 'sweep-scrubber', label: say('Where the sweep is'), attributes: { type: 'range', min: '0', step: '1' } });
  const readout = element('output', { class: 'number sweep-readout cut', testid: 'sweep-readout' });
  const play = element('button', { class: 'segment', testid: 'sweep-play', attributes: { type: 'button' } });
  const still = window.matchMedia('(prefers-reduced-motion: reduce)');
  const pace = select({
    label: say('Speed'), options: speeds, value: '1', testid: 'sweep-speed',
    onChange(value) {
      speed = Number(value);
      if (playing !== null) start();
    },
  });
  const root = element('div', { class: 'sweep', role: 'group', testid: 'sweep', label: say('Sweep through the layers') }, [
    play, segment('debug-step-back', say('One layer back'), 'sweep-back', () => go(at - 1)),
    segment('debug-step-over', say('One layer on'), 'sweep-on', () => go(at + 1)), slider, readout, pace,
    segment('close', say('Close the sweep'), 'sweep-close', onClose),
  ]);
  root.hidden = true;

  function draw(): void {
    slider.max = String(Math.max(0, stepsOf(layers) - 1));
    slider.value = String(at);
    play.hidden = still.matches;
    pace.hidden = still.matches;
    const title = playing === null ? say('Play') : say('Pause');
    if (play.title !== title) {
      play.title = title;
      play.setAttribute('aria-label', title);
      play.replaceChildren(icon(playing === null ? 'play' : 'debug-pause'));
    }
    const step = stepAt(layers, at);
    const arrow = step?.direction === 'backward' ? '←' : '→';
    readout.textContent = step ? `${arrow} ${say('layer {0} of {1}', step.index + 1, layers.length)} · ${said(step)}` : '';
    readout.title = step?.layer ?? '';
    slider.setAttribute('aria-valuetext', step ? `${step.layer}, ${readout.textContent}` : '');
  }

  function move(next: number): void {
    at = Math.max(0, Math.min(stepsOf(layers) - 1, next));
    draw();
    onStep(stepAt(layers, at));
  }

  function pause(): void {
    if (playing !== null) window.clearInterval(playing);
    playing = null;
    draw();
  }

  function go(next: number): void {
    pause();
    move(next);
  }

  function start(): void {
    if (playing !== null) window.clearInterval(playing);
    playing = window.setInterval(() => {
      // Nobody sees it behind another tab of the panel.
      if (at >= stepsOf(layers) - 1 || root.offsetParent === null) pause();
      else move(at + 1);
    }, pauseOf(layers.length, speed));
    draw();
  }

  slider.addEventListener('input', () => go(Number(slider.value)));
  play.addEventListener('click', () => {
    if (playing !== null) {
      pause();
      return;
    }
    if (at >= stepsOf(layers) - 1) move(0);
    start();
  });
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    onClose();
  });
  still.addEventListener('change', pause);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) pause();
  });

  return {
    root,
    show(next, isShown) {
      const isOther = next.length !== layers.length || next.some((layer, i) => layer !== layers[i]);
      const isOpened = isShown && root.hidden;
      if (!isShown && root.hidden) return;
      layers = next;
      root.hidden = !isShown;
      if (!isShown) {
        pause();
        onStep(null);
      } else if (isOpened || isOther) {
        pause();
        move(0);
      }
    },
    renew: draw,
  };
}
