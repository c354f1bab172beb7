/**
 * The only importer of the archived @vscode/webview-ui-toolkit: its components leave here as plain elements with neutral events,
 * registered under a prefix of our own, so that another library can take its place in this file.
 */
import {
  Button, Checkbox, Dropdown, Option, ProgressRing, TextField, provideVSCodeDesignSystem,
  vsCodeButton, vsCodeCheckbox, vsCodeDropdown, vsCodeOption, vsCodeProgressRing, vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { icon } from './element';

provideVSCodeDesignSystem().withPrefix('initscope').register(
  vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption(), vsCodeProgressRing(), vsCodeTextField(),
);

function create<T extends HTMLElement>(tag: string, type: new () => T): T {
  const created = document.createElement(`initscope-${tag}`);
  if (!(created instanceof type)) throw new Error(`initscope-${tag} is not registered.`);
  return created;
}

interface Common {
  readonly testid?: string;
  readonly title?: string;
  readonly disabled?: boolean;
}

function applyCommon(target: HTMLElement & { disabled: boolean }, options: Common): void {
  if (options.testid !== undefined) target.dataset.testid = options.testid;
  if (options.title !== undefined) target.title = options.title;
  if (options.disabled === true) target.disabled = true;
}

/** The toolkit names some of its elements after their kind ("Text field") each time they come into the page. */
function keepName(target: HTMLElement, label: string): void {
  const set = (): void => {
    if (target.getAttribute('aria-label') !== label) target.setAttribute('aria-label', label);
  };
  set();
  new MutationObserver(set).observe(target, { attributes: true, attributeFilter: ['aria-label'] });
}

export interface ButtonOptions extends Common {
  readonly label: string;
  readonly kind?: 'primary' | 'secondary' | 'icon';
  readonly icon?: string;
  readonly onClick: () => void;
}

/** An icon button shows its icon and is named by its label. */
export function button(options: ButtonOptions): HTMLElement {
  const created = create('button', Button);
  const kind = options.kind ?? 'secondary';
  created.appearance = kind;
  if (options.icon !== undefined) {
    const glyph = icon(options.icon);
    if (kind !== 'icon') glyph.slot = 'start';
    created.append(glyph);
  }
  if (kind === 'icon') {
    keepName(created, options.label);
    created.title = options.label;
  } else {
    created.append(options.label);
  }
  applyCommon(created, options);
  created.addEventListener('click', () => {
    if (!created.disabled) options.onClick();
  });
  return created;
}

export interface SelectOptions extends Common {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly title: string }[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function select(options: SelectOptions): HTMLElement {
  const created = create('dropdown', Dropdown);
  for (const { value, title } of options.options) {
    const entry = create('option', Option);
    entry.setAttribute('value', value);
    entry.value = value;
    entry.textContent = title;
    if (value === options.value) entry.setAttribute('selected', '');
    created.append(entry);
  }
  keepName(created, options.label);
  created.title = options.label;
  created.dataset.value = options.value;
  applyCommon(created, options);
  created.addEventListener('change', () => {
    if (created.value === created.dataset.value) return;
    created.dataset.value = created.value;
    options.onChange(created.value);
  });
  return created;
}

export interface TextFieldOptions extends Common {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly icon?: string;
  /** Characters the field is wide enough for. */
  readonly size?: number;
  /** While typing. */
  readonly onInput?: (value: string) => void;
  /** When typing is done. */
  readonly onChange?: (value: string) => void;
  /** Why a text cannot be meant, or null; one that cannot is never announced as changed. */
  readonly refuse?: (value: string) => string | null;
  /** Called with what is wrong, and with null once that is mended. */
  readonly onRefused?: (reason: string | null) => void;
}

export function textField(options: TextFieldOptions): HTMLElement {
  const created = create('text-field', TextField);
  keepName(created, options.label);
  created.value = options.value;
  if (options.placeholder !== undefined) created.placeholder = options.placeholder;
  if (options.size !== undefined) created.size = options.size;
  if (options.icon !== undefined) {
    const glyph = icon(options.icon);
    glyph.slot = 'start';
    created.append(glyph);
  }
  applyCommon(created, options);
  const check = (): boolean => {
    const reason = options.refuse?.(created.value) ?? null;
    created.classList.toggle('invalid', reason !== null);
    if (reason === null) created.removeAttribute('aria-invalid');
    else created.setAttribute('aria-invalid', 'true');
    options.onRefused?.(reason);
    return reason === null;
  };
  created.addEventListener('input', () => {
    if (check()) options.onInput?.(created.value);
  });
  created.addEventListener('change', () => {
    if (check()) options.onChange?.(created.value);
  });
  return created;
}

/** Replaces what a text field holds, without announcing it. */
export function setText(field: HTMLElement, value: string): void {
  if (field instanceof TextField) field.value = value;
}

export interface CheckboxOptions extends Common {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function checkbox(options: CheckboxOptions): HTMLElement {
  const created = create('checkbox', Checkbox);
  created.checked = options.checked;
  created.append(options.label);
  applyCommon(created, options);
  // Setting `checked` above announces a change as well.
  let last = options.checked;
  created.addEventListener('change', () => {
    if (created.checked === last) return;
    last = created.checked;
    options.onChange(last);
  });
  return created;
}

export function spinner(label: string): HTMLElement {
  const created = create('progress-ring', ProgressRing);
  keepName(created, label);
  return created;
}
