// Which of two models that VS Code compares is the left one: it tells extensions neither of a diff of custom editors nor of its sides.

/** What is known of one of them: its address, and when it was opened. */
export interface Candidate {
  readonly scheme: string;
  readonly path: string;
  /** Of Git's addresses JSON with the revision: "HEAD", a commit, "~" or nothing for what is staged. */
  readonly query: string;
  /** Counts editors as they are opened. */
  readonly order: number;
}

/** Versions of a file that are older than the file itself. */
const earlier = new Set(['git', 'initscope-disk', 'gitlens', 'pr', 'review', 'vscode-local-history']);

/** By what the tab is called, "left ↔ right"; by what is a version of a file; else the one that was opened first, as VS Code opens the left one first. */
export function isLeft(label: string, one: Candidate, other: Candidate): boolean {
  return byLabel(label, one, other) ?? byAge(one, other) ?? one.order < other.order;
}

function byLabel(label: string, one: Candidate, other: Candidate): boolean | null {
  const [a, b] = [placeOf(label, one), placeOf(label, other)];
  return a < 0 || b < 0 || a === b ? null : a < b;
}

/** Of a commit, where its first letters are; of a file, its name, if nothing longer is there. */
function placeOf(label: string, { path, query }: Candidate): number {
  const commit = /^[0-9a-f]{7,}/.exec(revisionOf(query))?.[0].slice(0, 7);
  const at = commit === undefined ? -1 : label.indexOf(commit);
  if (at >= 0) return at;
  const name = path.replace(/^.*\//, '');
  const [before, after] = label.split(' ↔ ');
  if (before === name && after === name) return -1;
  return before === name || before?.startsWith(`${name} `) ? 0 : after === name || after?.startsWith(`${name} `) ? before?.length ?? 0 : -1;
}

function byAge(one: Candidate, other: Candidate): boolean | null {
  const [a, b] = [earlier.has(one.scheme), earlier.has(other.scheme)];
  if (a !== b) return a;
  // Of two of Git's, what is staged is later than any commit.
  const [isStaged, isOtherStaged] = [one, other].map(({ query }) => ['', '~'].includes(revisionOf(query)));
  return a && isStaged !== isOtherStaged ? isOtherStaged === true : null;
}

function revisionOf(query: string): string {
  try {
    const read: unknown = JSON.parse(query);
    return typeof read === 'object' && read !== null && 'ref' in read ? String(read.ref) : '-';
  } catch {
    return '-';
  }
}
