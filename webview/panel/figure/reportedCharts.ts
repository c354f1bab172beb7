// The charts of a report: what is seen by layer, and by residual block where there are any.

import { say } from '../../../src/protocol/words';
import { blocksOf } from '../blocks/blocks';
import { contentOf, type Shown } from '../chartContents';
import type { ReportedChart } from './runReport';

const quantities = [
  ['activation', say('Variance of activations, forward →')], ['gradient-activation', say('Variance of gradients, ← backward')],
  ['gradient-weights', say('Variance of the gradients of weights')],
] as const;

export function reportedCharts(shown: Shown): readonly ReportedChart[] {
  const { blocks, plots } = blocksOf(shown);
  return [
    ...quantities.map(([quantity, title]) => ({ title, content: contentOf(shown, quantity) })),
    ...(blocks.length === 0 ? [] : plots.map(({ title, content }) => ({ title: say('Residual blocks: {0}', title), content }))),
  ];
}
