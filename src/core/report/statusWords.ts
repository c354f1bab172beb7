// What a network is called in two or three words, where there is room for no more: after the verdict, or what its weights show.

import type { Headline } from '../../protocol/inspector';
import type { Verdict, VerdictKind } from '../../protocol/verdict';

const words: Readonly<Record<VerdictKind, string>> = {
  'fine': 'Can learn', 'vanishing': 'Gradient vanishes', 'exploding': 'Gradient explodes', 'signal-vanishing': 'Signal vanishes',
  'signal-exploding': 'Signal explodes', 'one-layer': 'One layer out of scale', 'dead': 'Dead units', 'saturated': 'Saturated units',
  'alike': 'Samples become alike', 'slow-kernel': 'One kernel learns slowly', 'vanishing-through-time': 'Gradient vanishes through time',
  'exploding-through-time': 'Gradient explodes through time', 'not-finite': 'Not finite', 'signal-lost': 'Signal lost', 'gradient-lost': 'Gradient lost',
  'zero-head': 'Output starts at zero', 'unknown': 'Gradient unknown',
};
const otherwise: Readonly<Record<Headline['severity'], string>> = { ok: 'Can learn', info: 'Inspected', warning: 'Weights to mend', error: 'Cannot learn' };

/** `headline` is what is said of the whole; its words are the verdict's where it speaks of the same. */
export function statusWords({ severity, text }: Headline, verdict: Verdict | null, isTrained: boolean): string {
  if (verdict?.severity === severity && severity !== 'ok' && text.includes(verdict.text)) return words[verdict.kind];
  return isTrained && severity === 'info' ? 'Trained' : otherwise[severity];
}
