import type { MeasuringProgress } from '../../src/protocol/inspector';
import { say } from '../../src/protocol/words';
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
    class: 'measuring-bar', role: 'progressbar', label: say('Tensors measured'), testid: 'measuring-bar', attributes: { 'aria-valuemin': '0' },
  }, [fill]);
  const words = element('span', { class: 'muted number', testid: 'measuring' });
  const stop = button({ label: say('Stop Measuring'), icon: 'debug-stop', kind: 'icon', testid: 'stop-measuring', onClick: options.onStop });
  const resume = button({ label: say('Resume Measuring'), icon: 'debug-continue', kind: 'icon', testid: 'resume-measuring', onClick: options.onResume });
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
      milestone.textContent = say('All {0} tensors are measured.', grouped(total));
      reveal(false);
    } else if (next === 'stopped') {
      milestone.textContent = say('Stopped: {0} of {1} tensors are measured.', grouped(measured), grouped(total));
      reveal(true);
    } else {
      milestone.textContent = '';
      timer = window.setTimeout(() => {
        milestone.textContent = say('Measuring {0} tensors.', grouped(total));
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
      words.textContent = say('{0} of {1} tensors measured', grouped(measured), grouped(total));
      fill.style.transform = `scaleX(${total === 0 ? 1 : measured / total})`;
      bar.setAttribute('aria-valuemax', String(total));
      bar.setAttribute('aria-valuenow', String(measured));
      bar.classList.toggle('stopped', progress.kind === 'stopped');
      stop.hidden = progress.kind !== 'running';
      resume.hidden = progress.kind !== 'stopped';
    },
  };
}
