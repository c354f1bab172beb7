import { recall, remember } from '../messaging/connection';
import { columnIds, segments, type Browsing } from './browsing';

/** How the reader looks at the model: survives hiding the tab, reloading the page and reloading the window. */
export interface Memory {
  readonly browsing: Browsing;
  readonly selected: string | null;
  /** Row at the top of the table. */
  readonly position: number;
  readonly detailHeight: number;
}

/** What VS Code keeps has no nested fields, so that each is checked on its own. */
interface Stored {
  readonly text: string;
  readonly segment: string;
  readonly sortColumn: string;
  readonly sortDescending: boolean;
  readonly selected: string;
  readonly position: number;
  readonly detailHeight: number;
}

const initial: Stored = { text: '', segment: 'all', sortColumn: '', sortDescending: false, selected: '', position: 0, detailHeight: 280 };
const calmMs = 100;

export function recallMemory(): Memory {
  const stored = recall<Stored>(initial);
  const column = columnIds.find((id) => id === stored.sortColumn);
  return {
    browsing: {
      text: stored.text,
      segment: segments.find((known) => known === stored.segment) ?? 'all',
      sort: column === undefined ? null : { column, descending: stored.sortDescending },
    },
    selected: stored.selected === '' ? null : stored.selected,
    position: stored.position,
    detailHeight: stored.detailHeight,
  };
}

/** Returns a function that has the present state kept soon: at the latest when the page goes away. */
export function createKeeper(present: () => Memory): () => void {
  let timer = 0;
  function keep(): void {
    window.clearTimeout(timer);
    timer = 0;
    const { browsing, selected, position, detailHeight } = present();
    remember({
      text: browsing.text, segment: browsing.segment, sortColumn: browsing.sort?.column ?? '', sortDescending: browsing.sort?.descending ?? false,
      selected: selected ?? '', position, detailHeight,
    } satisfies Stored);
  }
  for (const leaving of ['pagehide', 'blur'] as const) {
    window.addEventListener(leaving, () => {
      if (timer !== 0) keep();
    });
  }
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(keep, calmMs);
  };
}
