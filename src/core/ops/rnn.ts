import { rnnParameters, sequenceInputs } from './recurrent';
import { scan } from './scan';
import type { OperatorSpec, RuleContext } from './spec';
import type { Strand } from './strand';
import { gateGradients, joined, strandsOf } from './strand';

/**
 * h_t = f(a_t), a_t = W x_t + R h_{t−1} + b, in each direction. All h are known from Y, hence all a by two products of matrices, if f' needs them.
 * Backwards
 *   d_t = dY_t + dh,   dG_t = f'(a_t) ⊙ d_t,   dh ← Rᵀ dG_t,
 * which is the only recurrence; it starts from dY_h and ends in the gradient of initial_h. The rest are sums over all steps:
 *   dW = Σ dG_t x_tᵀ,   dR = Σ dG_t h_{t−1}ᵀ,   db = Σ dG_t,   dx_t = Wᵀ dG_t.
 */
export const RNN: OperatorSpec = {
  op: 'RNN',
  inputs: sequenceInputs,
  outputs: ['Y', 'Y_h'],
  gradient: {
    ...gateGradients((r) => strands(r), (strand) => backward(strand).dG),
    sequence_lens: 'non-differentiable',
    initial_h: (r) => joined(r, 'initial_h', strands(r), (strand) => backward(strand).dh),
  },
  parameters: rnnParameters,
};

const strands = (r: RuleContext): readonly Strand[] => strandsOf(r, ['Tanh']);

function backward(strand: Strand): Readonly<Record<'dh' | 'dG', string>> {
  return strand.onceAll('backward', () => {
    const { m, shape } = strand;
    const slope = strand.activation(0).slope(m, strand.states(), () => strand.preactivations());
    const [dh = '', dG = ''] = scan(m, {
      initial: [strand.lastCotangent('Y_h')],
      // An affine function's slope is a number.
      sequences: [strand.outputCotangent(), strand.within(m.expand(slope, shape)), ...strand.beyond()],
      reverse: !strand.reverse,
      step: (inner, [state = ''], [dY = '', K = '', kept]) => {
        const d = inner.add(dY, state);
        const dGate = inner.mul(K, d);
        const back = inner.matmul(dGate, strand.part('R'));
        return { states: [kept === undefined ? back : inner.add(back, inner.mul(kept, d))], emitted: [dGate] };
      },
    });
    return { dh, dG };
  });
}
