import { activations } from './activations';
import { convolution } from './convolution';
import { elementwise } from './elementwise';
import { indexing } from './indexing';
import { layout } from './layout';
import { matrix } from './matrix';
import { normalization } from './normalization';
import { pooling } from './pooling';
import { recurrentSamples } from './recurrent';
import { reduction } from './reduction';
import type { Sample } from './sample';
import { silent } from './silent';

export const samples: readonly Sample[] = [
  ...elementwise, ...activations, ...matrix, ...convolution, ...recurrentSamples, ...pooling, ...normalization, ...reduction, ...layout, ...indexing, ...silent,
];

/** Names a sample, also in the file of golden values. */
export const titleOf = (sample: Sample): string => `${sample.op}: ${sample.name}`;
