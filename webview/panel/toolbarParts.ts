// What the toolbars of the panel's pages share.

import { element, icon, replaceChildren } from '../ui/element';
import type { Child } from '../ui/element';

/** A button of one glyph. */
export function segment(glyph: string, title: string, testid: string, onClick: () => void): HTMLElement {
  const created = element('button', { class: 'segment', testid, title, label: title, attributes: { type: 'button' } }, [icon(glyph)]);
  created.addEventListener('click', onClick);
  return created;
}

/** New controls, of which the one has the focus that had it before. */
export function replaceKeepingFocus(root: HTMLElement, children: readonly Child[]): void {
  const focused = document.activeElement?.getAttribute('data-testid');
  replaceChildren(root, children);
  if (focused) [...root.querySelectorAll<HTMLElement>('[data-testid]')].find((control) => control.dataset.testid === focused)?.focus();
}
