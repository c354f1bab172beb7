// The one sentence on a document, as far as its weights have been measured.

import { headline } from '../core/report/headline';
import type { Headline } from '../protocol/inspector';
import type { ModelReport } from '../protocol/report';
import type { ModelDocument } from './modelDocument';

export function headlineOf({ judgement, measurement }: ModelDocument, { layers, diagnostics }: ModelReport): Headline {
  const isMeasuring = measurement.progress.kind === 'running';
  return headline(layers, diagnostics, { isMeasuring, verdict: judgement.verdict, remedies: () => judgement.remedies });
}
