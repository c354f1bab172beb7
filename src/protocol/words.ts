/** The words that users read, in their language: English stands in the code, and is the key of its translation in `l10n/`. */
import * as l10n from '@vscode/l10n';

/** English sentences, each with its translation; without one English is said, as by the command line. */
export type Words = Readonly<Record<string, string>>;

/** What of a table of translations is a text. */
export function wordsIn(found: unknown): Words {
  if (typeof found !== 'object' || found === null) return {};
  return Object.fromEntries(Object.entries(found).flatMap(([english, said]) => (typeof said === 'string' ? [[english, said]] : [])));
}

/** To be called before anything is said: what modules hold in constants is said when they are loaded. */
export function speak(words: Words): void {
  l10n.config({ contents: { ...words } });
}

/** A whole sentence or label, whose places `{0}`, `{1}` … are filled. Never what is compared, stored or sent to be matched. */
export function say(english: string, ...values: readonly (string | number)[]): string {
  return l10n.t(english, ...values);
}

/** The same of a count, which is `{0}`: English has two forms, other languages take the second. */
export function sayOf(count: number, one: string, many: string, ...values: readonly (string | number)[]): string {
  return say(count === 1 ? one : many, grouped(count), ...values);
}

/** A text that stands in a file of ours, such as a template's description: `l10n/` has it, too. */
export const sayFound = (english: string): string => l10n.t(english);

/** "2,048,000" */
export function grouped(value: number): string {
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',');
}
