import { styleText } from 'node:util';

/** Whether a stream shows colours: as the user says by FORCE_COLOR (https://force-color.org) or NO_COLOR (https://no-color.org), else on a terminal. */
export function isColoured(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: terminal } = env;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if (none !== undefined && none !== '') return false;
  return stream.isTTY === true && terminal !== 'dumb';
}

export type Tone = 'error' | 'warning' | 'info' | 'ok' | 'quiet';

const styles = { error: ['bold', 'red'], warning: ['bold', 'yellow'], info: ['blue'], ok: ['green'], quiet: ['dim'] } as const;

/** What `tint` may have put into a text. */
const colours = /(\u001b\[\d+m)/;

/** Changes all of a text but its colours. */
export function betweenColours(text: string, change: (part: string) => string): string {
  if (!isColoured(process.stdout)) return change(text);
  return text.split(colours).map((part, i) => (i % 2 === 0 ? change(part) : part)).join('');
}

/** Colours text for standard output, where that shows any. */
export function tint(tone: Tone, text: string): string {
  if (!isColoured(process.stdout)) return text;
  return styles[tone].reduce<string>((styled, style) => styleText(style, styled, { validateStream: false }), text);
}
