/** Sooner than this nobody wants to read that something is going on. */
const patienceMs = 500;

export interface Progress {
  /** Called with the fraction done, as often as one likes. */
  readonly tell: (fraction: number) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

/** One line on a terminal that says how far long work is; nothing where standard error goes elsewhere. */
export function startProgress(what: string): Progress {
  const { stderr } = process;
  const began = performance.now();
  let shown = -1;
  return {
    tell(fraction) {
      const percent = Math.floor(fraction * 100);
      if (!stderr.isTTY || percent === shown || performance.now() - began < patienceMs) return;
      shown = percent;
      stderr.write(`\r\x1b[K${what}: ${percent} %`);
    },
    end() {
      if (shown >= 0) stderr.write('\r\x1b[K');
      shown = -1;
    },
  };
}
