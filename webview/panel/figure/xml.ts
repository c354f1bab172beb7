// SVG as text: elements with attributes, of which every one is escaped.

import { legible } from '../../format';

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Of names of a model, characters that are written. */
const longest = 300;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const withEntities = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? '');
export const escaped = (text: string): string => withEntities(legible(text, longest));

/** An element; `inside` is markup already. A path is as long as it is: what is shortened is text. */
export function tag(name: string, attributes: Attributes, inside = ''): string {
  const written = Object.entries(attributes).filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${withEntities(legible(String(value), Infinity))}"`).join('');
  return inside === '' ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>`;
}

export const text = (said: string, attributes: Attributes): string => tag('text', attributes, escaped(said));

/** A coordinate: a hundredth of a pixel is seen by nobody. */
export const pixel = (value: number): string => String(Number(value.toFixed(2)));
