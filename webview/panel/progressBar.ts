import { element } from '../ui/element';

export interface Progress {
  readonly share: number;
  /** How much is done is not known yet. */
  readonly isPlanning: boolean;
  readonly text: string;
}

export interface ProgressBar {
  readonly root: HTMLElement;
  /** Null where nothing goes on. */
  show(progress: Progress | null): void;
}

/** A line along the upper edge, as VS Code has it. */
export function createProgressBar(testid: string, label: string): ProgressBar {
  const root = element('div', { class: 'progress', testid, role: 'progressbar', label }, [element('div', { class: 'progress-bit' })]);
  return {
    root,
    show(progress) {
      root.classList.toggle('is-running', progress !== null);
      if (!progress) {
        root.removeAttribute('aria-valuenow');
        return;
      }
      root.classList.toggle('is-planning', progress.isPlanning);
      root.setAttribute('aria-valuenow', String(Math.round(100 * progress.share)));
      root.setAttribute('aria-valuetext', progress.text);
      root.style.setProperty('--share', String(progress.share));
    },
  };
}
