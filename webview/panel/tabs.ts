// The pages of the panel behind a row of tabs, of which one is seen.

import type { PanelPage } from '../../src/protocol/panel';
import { say } from '../../src/protocol/words';
import { element } from '../ui/element';

export interface PageTab {
  readonly id: PanelPage;
  readonly title: string;
  /** What it answers. */
  readonly tip: string;
  readonly page: HTMLElement;
}

export interface Tabs {
  readonly root: HTMLElement;
  turnTo(id: PanelPage): void;
  /** Gives the focus to the tab of the page that is seen. */
  focus(): void;
  /** Without a network there is nothing to turn to: the first page is seen, and the one that was turned to once there is a network again. */
  offer(isOffered: boolean): void;
}

export function createTabs(pages: readonly PageTab[], initial: PanelPage, onTurn: (id: PanelPage) => void): Tabs {
  const tabs = pages.map(({ id, title, tip, page }) => {
    page.id = `page-${id}`;
    page.setAttribute('role', 'tabpanel');
    page.setAttribute('aria-labelledby', `tab-${id}`);
    const tab = element('button', {
      class: 'tab', text: title, title: tip, role: 'tab', testid: `tab-${id}`, attributes: { 'type': 'button', 'id': `tab-${id}`, 'aria-controls': page.id },
    });
    tab.addEventListener('click', () => turn(id));
    return { id, tab, page };
  });
  const root = element('div', { class: 'tabs', role: 'tablist', label: say('What is shown of the network') }, tabs.map(({ tab }) => tab));
  root.addEventListener('keydown', (event) => {
    const at = tabs.findIndex(({ tab }) => tab === document.activeElement);
    const last = tabs.length - 1;
    const places: Readonly<Record<string, number>> = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at <= 0 ? last : at - 1, Home: 0, End: last };
    const next = tabs[places[event.key] ?? -1];
    if (!next) return;
    event.preventDefault();
    turn(next.id);
    next.tab.focus();
  });

  const first = pages[0]?.id ?? initial;
  let current = initial;

  function show(id: PanelPage): void {
    document.body.dataset.page = id;
    for (const each of tabs) {
      const isShown = each.id === id;
      each.page.hidden = !isShown;
      each.tab.setAttribute('aria-selected', String(isShown));
      each.tab.tabIndex = isShown ? 0 : -1;
    }
  }

  function turn(id: PanelPage): void {
    current = id;
    show(id);
    onTurn(id);
  }

  show(initial);
  return {
    root, turnTo: turn,
    focus: () => tabs.find(({ id }) => id === current)?.tab.focus(),
    offer(isOffered) {
      root.hidden = !isOffered;
      show(isOffered ? current : first);
    },
  };
}
