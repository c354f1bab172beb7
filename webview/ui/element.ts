import { legible } from '../format';

export interface ElementOptions {
  readonly class?: string;
  /** Set as text, never as markup: names in a model are not trusted. */
  readonly text?: string;
  readonly title?: string;
  readonly testid?: string;
  readonly role?: string;
  readonly label?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What a page shows of one text, and what a tooltip does: names in a model have any length. */
const longestText = 1000;
const longestTitle = 4000;

export type Child = Node | string | null;

function decorate(target: Element, options: ElementOptions, children: readonly Child[]): void {
  if (options.class !== undefined) target.setAttribute('class', options.class);
  if (options.text !== undefined) target.textContent = legible(options.text, longestText);
  if (options.title !== undefined) target.setAttribute('title', legible(options.title, longestTitle));
  if (options.testid !== undefined) target.setAttribute('data-testid', options.testid);
  if (options.role !== undefined) target.setAttribute('role', options.role);
  if (options.label !== undefined) target.setAttribute('aria-label', legible(options.label, longestText));
  for (const [name, value] of Object.entries(options.attributes ?? {})) target.setAttribute(name, value);
  for (const child of children) if (child !== null) target.append(typeof child === 'string' ? legible(child, longestText) : child);
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, options: ElementOptions = {}, children: readonly Child[] = [],
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  decorate(created, options, children);
  return created;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K, attributes: Readonly<Record<string, string | number>> = {}, children: readonly SVGElement[] = [],
): SVGElementTagNameMap[K] {
  const created = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, String(value));
  created.append(...children);
  return created;
}

/** A glyph of VS Code's icon font; decoration unless it is given a label. */
export function icon(name: string, label?: string): HTMLElement {
  const glyph = element('i', { class: `codicon codicon-${name}` });
  if (label === undefined) glyph.setAttribute('aria-hidden', 'true');
  else decorate(glyph, { role: 'img', label, title: label }, []);
  return glyph;
}

export function replaceChildren(target: Element, children: readonly Child[]): void {
  target.replaceChildren(...children.filter((child) => child !== null));
}
