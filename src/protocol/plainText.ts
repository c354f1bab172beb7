/**
 * Characters that do something else than being seen: controls, among them those of terminals, ends of lines, and what hides or reorders text
 * (Unicode Technical Report 36, 2.10; Annex 9). Joiners are left: scripts and emoji need them.
 */
const unseen = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** As JSON and JavaScript write them. */
const escaped = (character: string): string => (
  Array.from({ length: character.length }, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''));

/** Text of one line in which everything is seen, and that has an end: names come from the model. */
export function plainText(text: string, longest: number): string {
  if (text.length <= longest) return text.replace(unseen, escaped);
  const tail = Math.floor(longest / 3);
  return `${text.slice(0, longest - tail)}…${tail > 0 ? text.slice(-tail) : ''}`.replace(unseen, escaped);
}

/** The same of many lines. JSON stays JSON: what is escaped stands in its strings only. */
export function plainLines(text: string): string {
  return text.replace(unseen, (character, at: number, all: string) => (
    character === '\n' || (character === '\r' && all[at + 1] === '\n') ? character : escaped(character)));
}

/** Longer notifications are cut by VS Code. */
const longestNotice = 1000;
/** Nothing is seen of it (Unicode: WORD JOINER). */
const apart = '\u2060';

/** VS Code makes links of `[text](command:…)` in whatever it notifies of, and has nothing to escape them by: what is taken apart stays text. */
export function unlinkedText(text: string): string {
  return plainText(text, longestNotice).replaceAll('](', `]${apart}(`);
}
