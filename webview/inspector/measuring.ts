import type { MeasuringProgress } from '../../src/protocol/inspector';
import { grouped } from '../format';
import { element } from '../ui/element';
import { button } from '../ui/kit';

/** What takes less time than this is not worth a moving picture. */
const patienceMs = 300;

export interface MeasuringOptions {
  readonly onStop: () => void;
  readonly onResume: () => void;
}

export interface Measuring {
  /** Line along the top of the table. */
  readonly bar: HTMLElement;
  /** Words and buttons for the toolbar. */
  readonly root: HTMLElement;
  show(progress: MeasuringProgress): void;
}

/** How far the statistics have come, while they are on their way; the user may stop them and have them go on. */
export function createMeasuring(options: MeasuringOptions): Measuring {
  const fill = element('div', { class: 'measuring-fill' });
  const bar = element('div', {
    class: 'measuring-bar', role: 'progressbar', label: 'Tensors measured', testid: 'measuring-bar', attributes: { 'aria-valuemin': '0' },
  }, [fill]);
  const words = element('span', { class: 'muted number', testid: 'measuring' });
  const stop = button({ label: 'Stop Measuring', icon: 'debug-stop', kind: 'icon', testid: 'stop-measuring', onClick: options.onStop });
  const resume = button({ label: 'Resume Measuring', icon: 'debug-continue', kind: 'icon', testid: 'resume-measuring', onClick: options.onResume });
  const milestone = element('span', { class: 'visually-hidden', role: 'status', testid: 'measuring-status' });
  const shown = element('div', { class: 'measuring' }, [words, stop, resume]);
  let kind: MeasuringProgress['kind'] | null = null;
  let timer = 0;

  function reveal(isShown: boolean): void {
    shown.hidden = !isShown;
    bar.hidden = !isShown;
  }
  reveal(false);

  /** Read out when something begins or ends, not at every tensor. */
  function announce({ measured, total }: MeasuringProgress, next: MeasuringProgress['kind']): void {
    if (next === kind) return;
    kind = next;
    window.clearTimeout(timer);
    if (next === 'finished') {
      milestone.textContent = `All ${grouped(total)} tensors are measured.`;
      reveal(false);
    } else if (next === 'stopped') {
      milestone.textContent = `Stopped: ${grouped(measured)} of ${grouped(total)} tensors are measured.`;
      reveal(true);
    } else {
      milestone.textContent = '';
      timer = window.setTimeout(() => {
        milestone.textContent = `Measuring ${grouped(total)} tensors.`;
        reveal(true);
      }, patienceMs);
    }
  }

  return {
    bar,
    root: element('div', { class: 'measuring-root' }, [shown, milestone]),
    show(progress) {
      const { measured, total } = progress;
      announce(progress, progress.kind);
      words.textContent = `${grouped(measured)} of ${grouped(total)} tensors measured`;
      fill.style.transform = `scaleX(${total === 0 ? 1 : measured / total})`;
      bar.setAttribute('aria-valuemax', String(total));
      bar.setAttribute('aria-valuenow', String(measured));
      bar.classList.toggle('stopped', progress.kind === 'stopped');
      stop.hidden = progress.kind !== 'running';
      resume.hidden = progress.kind !== 'stopped';
    },
  };
}
