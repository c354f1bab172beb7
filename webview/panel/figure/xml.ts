// SVG as text: elements with attributes, of which every one is escaped.

import { legible } from '../../format';

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Of names of a model, characters that are written. */
const longest = 300;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escaped = (text: string): string => legible(text, longest).replace(/[&<>"]/g, (character) => entities[character] ?? '');

/** An element; `inside` is markup already. */
export function tag(name: string, attributes: Attributes, inside = ''): string {
  const written = Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${escaped(String(value))}"`])).join('');
  return inside === '' ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>`;
}

export const text = (said: string, attributes: Attributes): string => tag('text', attributes, escaped(said));

/** A coordinate: a hundredth of a pixel is seen by nobody. */
export const pixel = (value: number): string => String(Number(value.toFixed(2)));
