import { activations } from './activations';
import { convolution } from './convolution';
import { einsum } from './einsum';
import { elementwise } from './elementwise';
import { indexing } from './indexing';
import { layout } from './layout';
import { loweredShort } from './lowered';
import { loweredAttention } from './loweredAttention';
import { matrix } from './matrix';
import { normalization } from './normalization';
import { pooling } from './pooling';
import { quantization } from './quantization';
import { rearrangement } from './rearrangement';
import { recurrentSamples } from './recurrent';
import { reduction } from './reduction';
import { resampling } from './resampling';
import type { Sample } from './sample';
import { silent } from './silent';
import { transposedConvolution } from './transposedConvolution';

export const samples: readonly Sample[] = [
  ...elementwise, ...activations, ...matrix, ...einsum, ...convolution, ...transposedConvolution, ...recurrentSamples, ...pooling, ...normalization,
  ...reduction, ...layout, ...rearrangement, ...indexing, ...resampling, ...quantization, ...silent,
];

/** Of operators that are put together from others. */
export const loweredSamples: readonly Sample[] = [...loweredShort, ...loweredAttention];

/** Names a sample, also in the file of golden values. */
export const titleOf = ({ domain, op, name }: Sample): string => `${domain === undefined ? '' : `${domain}.`}${op}: ${name}`;
