import { loweredActivations } from './activations';
import { loweredAttentions } from './attention';
import { loweredGates } from './gated';
import { loweredGroupedAttentions } from './groupedAttention';
import { loweredLosses } from './losses';
import type { LoweredOperator } from './lowering';
import { loweredNormalizations } from './normalization';
import { loweredPackedAttentions } from './packedAttention';
import { loweredPreprocessing } from './preprocessing';
import { loweredProducts } from './products';
import { loweredRotations } from './rotary';

/** Every operator that is put together from others. */
export const loweredOperators: readonly LoweredOperator[] = [
  ...loweredActivations, ...loweredGates, ...loweredProducts, ...loweredNormalizations, ...loweredRotations, ...loweredAttentions, ...loweredPackedAttentions,
  ...loweredGroupedAttentions, ...loweredLosses, ...loweredPreprocessing,
];
