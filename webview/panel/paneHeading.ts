// The line over a chart: its title, short where there is little room, and what can be done with it.

import { element, type Child } from '../ui/element';

interface Titled {
  readonly title: string;
  readonly short: string;
}

export function paneHeading({ title, short }: Titled, keys: readonly Child[], controls: readonly Child[]): HTMLElement {
  return element('div', { class: 'pane-heading' }, [
    element('h2', { class: 'cut', title }, [element('span', { class: 'at-length', text: title }), element('span', { class: 'in-short', text: short })]),
    ...keys, element('span', { class: 'spacer' }), ...controls,
  ]);
}
