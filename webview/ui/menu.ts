import { element, icon } from './element';

export interface MenuItem {
  readonly title: string;
  readonly detail: string;
  readonly onSelect: () => void;
  readonly testid?: string;
  /** It stays there, so that its detail can say why. */
  readonly isDisabled?: boolean;
}

export interface MenuOptions {
  readonly label: string;
  readonly icon?: string;
  readonly title: string;
  readonly testid: string;
  readonly disabled?: boolean;
  /** Asked for each time it opens, where they change. */
  readonly items: readonly MenuItem[] | (() => readonly MenuItem[]);
}

/** A button that opens a list of actions beside it. */
export function menuButton(options: MenuOptions): HTMLElement {
  const trigger = element('button', {
    class: 'menu-button', title: options.title, testid: options.testid,
    attributes: { type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': 'false' },
  }, [
    options.icon === undefined ? null : icon(options.icon),
    options.label === '' ? null : element('span', { text: options.label }),
    options.icon === undefined ? icon('chevron-down') : null,
  ]);
  if (options.label === '') trigger.setAttribute('aria-label', options.title);
  const { items } = options;
  const offered = (): readonly MenuItem[] => (typeof items === 'function' ? items() : items);
  trigger.disabled = options.disabled === true || offered().length === 0;
  trigger.addEventListener('click', () => open(trigger, offered()));
  trigger.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown') return;
    event.preventDefault();
    open(trigger, offered());
  });
  return trigger;
}

function open(trigger: HTMLElement, items: readonly MenuItem[]): void {
  const entries = items.map((item) => element('button', {
    class: 'menu-item', role: 'menuitem',
    attributes: { type: 'button', tabindex: '-1', ...(item.isDisabled === true ? { 'aria-disabled': 'true' } : {}) },
    ...(item.testid === undefined ? {} : { testid: item.testid }),
  }, [element('span', { text: item.title }), element('span', { class: 'menu-detail', text: item.detail })]));
  const menu = element('div', { class: 'menu', role: 'menu', attributes: { tabindex: '-1' } }, entries);
  const closing = new AbortController();

  function close(refocus: boolean): void {
    closing.abort();
    menu.remove();
    trigger.setAttribute('aria-expanded', 'false');
    if (refocus) trigger.focus();
  }
  function focusEntry(index: number): void {
    entries[(index + entries.length) % entries.length]?.focus();
  }

  entries.forEach((entry, index) => entry.addEventListener('click', () => {
    const item = items[index];
    if (item?.isDisabled === true) return;
    close(true);
    item?.onSelect();
  }));
  menu.addEventListener('keydown', (event) => {
    const at = entries.findIndex((entry) => entry === document.activeElement);
    if (event.key === 'ArrowDown') focusEntry(at + 1);
    else if (event.key === 'ArrowUp') focusEntry(at - 1);
    else if (event.key === 'Home') focusEntry(0);
    else if (event.key === 'End') focusEntry(-1);
    else if (event.key === 'Escape') close(true);
    else {
      if (event.key === 'Tab') close(false);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  const { signal } = closing;
  document.addEventListener('pointerdown', (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) close(false);
  }, { signal, capture: true });
  window.addEventListener('blur', () => close(false), { signal });
  window.addEventListener('resize', () => close(false), { signal });

  document.body.append(menu);
  place(menu, trigger.getBoundingClientRect());
  trigger.setAttribute('aria-expanded', 'true');
  focusEntry(0);
}

/** Below the trigger where there is room, else above it; never outside the page. */
function place(menu: HTMLElement, anchor: DOMRect): void {
  const gap = 4;
  const { width, height } = menu.getBoundingClientRect();
  const below = window.innerHeight - anchor.bottom - 2 * gap;
  const above = anchor.top - 2 * gap;
  const upward = below < height && above > below;
  menu.style.maxHeight = `${Math.max(below, above)}px`;
  menu.style.top = `${upward ? Math.max(gap, anchor.top - gap - Math.min(height, above)) : anchor.bottom + gap}px`;
  menu.style.left = `${Math.max(gap, Math.min(anchor.left, window.innerWidth - width - gap))}px`;
}
