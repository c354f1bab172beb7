import { elementCount } from '../graph/dtype';
import type { LayerWeight } from '../layers/layer';
import { say, sayOf } from '../../protocol/words';
import type { Advice } from './advice';
import { adviseConstant } from './advice';

/** α of tanh(αx) in the place of a norm (Zhu et al. 2025, arXiv 2503.10622, section 4: the pseudocode of DyT). */
const dynamicTanh = 0.5;

/** What the authors of a learned factor start it from. */
export function gainAdvice(weight: LayerWeight): Advice | null {
  const { gain, tensor } = weight;
  if (!gain) return null;
  if (gain.of === 'tanh') {
    const reason = say('It scales what the tanh is taken of that stands in the place of a norm (DyT): its authors start from 0.5.');
    return adviseConstant(weight, dynamicTanh, { reason, source: 'Zhu et al. 2025, section 4' });
  }
  if (gain.of === 'skip') {
    const reason = say('It multiplies what passes the states of a state space by (D): at 1 that is added as it is.');
    return adviseConstant(weight, 1, { reason, source: 'Gu & Dao 2023, the authors’ code' });
  }
  if (elementCount(tensor.shape) === 1) {
    const reason = say('It multiplies a residual branch: at 0 the block starts as the identity, and the branch opens as the number grows (ReZero, SkipInit).');
    return adviseConstant(weight, 0, { reason, source: 'Bachlechner et al. 2020, eq. 1; De & Smith 2020' });
  }
  const start = layerScale(gain.depth);
  const reason = sayOf(gain.depth,
    'It multiplies each channel of a residual branch (LayerScale): {1} in a network of {0} block, so that each starts near the identity.',
    'It multiplies each channel of a residual branch (LayerScale): {1} in a network of {0} blocks, so that each starts near the identity.', start);
  return adviseConstant(weight, start, { reason, source: 'Touvron et al. 2021 (CaiT), on LayerScale' });
}

/** ε = 0.1 until depth 18, 1e-5 for depth 24 and 1e-6 for deeper networks (Touvron et al. 2021, arXiv 2103.17239, on LayerScale). */
function layerScale(depth: number): number {
  if (depth <= 18) return 0.1;
  return depth <= 24 ? 1e-5 : 1e-6;
}
