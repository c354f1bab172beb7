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

/**
 * Told at every change, not a moment after the last: a page that is hidden has no moment left. Scrolling changes at most once per frame.
 */
export function keepMemory({ browsing, selected, position, detailHeight }: Memory): void {
  remember({
    text: browsing.text, segment: browsing.segment, sortColumn: browsing.sort?.column ?? '', sortDescending: browsing.sort?.descending ?? false,
    selected: selected ?? '', position, detailHeight,
  } satisfies Stored);
}
