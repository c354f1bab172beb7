// What a network is called in two or three words, where there is room for no more: after the verdict, or what its weights show.

import type { Headline } from '../../protocol/inspector';
import type { Verdict, VerdictKind } from '../../protocol/verdict';
import { say } from '../../protocol/words';

const words: Readonly<Record<VerdictKind, string>> = {
  'fine': say('Can learn'), 'vanishing': say('Gradient vanishes'), 'exploding': say('Gradient explodes'), 'signal-vanishing': say('Signal vanishes'),
  'signal-exploding': say('Signal explodes'), 'one-layer': say('One layer out of scale'), 'dead': say('Dead units'), 'saturated': say('Saturated units'),
  'alike': say('Samples become alike'), 'slow-kernel': say('One kernel learns slowly'), 'vanishing-through-time': say('Gradient vanishes through time'),
  'exploding-through-time': say('Gradient explodes through time'), 'not-finite': say('Not finite'), 'signal-lost': say('Signal lost'),
    'gradient-lost': say('Gradient lost'),
  'zero-head': say('Output starts at zero'), 'unknown': say('Gradient unknown'),
};
const otherwise: Readonly<Record<Headline['severity'],
  string>> = { ok: say('Can learn'), info: say('Inspected'), warning: say('Weights to mend'), error: say('Cannot learn') };

/** `headline` is what is said of the whole; its words are the verdict's where it speaks of the same. */
export function statusWords({ severity, text }: Headline, verdict: Verdict | null, isTrained: boolean): string {
  if (verdict?.severity === severity && severity !== 'ok' && text.includes(verdict.text)) return words[verdict.kind];
  return isTrained && severity === 'info' ? say('Trained') : otherwise[severity];
}
