import { rnnParameters, sequenceInputs } from './recurrent';
import { scan } from './scan';
import type { OperatorSpec, RuleContext } from './spec';
import type { Strand } from './strand';
import { inputGradient, joined, strandsOf } from './strand';

/**
 * h_t = f(a_t), a_t = W x_t + R h_{t−1} + b, in each direction. All h are known from Y, hence all a by two products of matrices. Backwards
 *   d_t = dY_t + dh,   dG_t = f'(a_t) ⊙ d_t,   dh ← Rᵀ dG_t,
 * which is the only recurrence; it starts from dY_h and ends in the gradient of initial_h. The rest are sums over all steps:
 *   dW = Σ dG_t x_tᵀ,   dR = Σ dG_t h_{t−1}ᵀ,   db = Σ dG_t,   dx_t = Wᵀ dG_t.
 */
export const RNN: OperatorSpec = {
  op: 'RNN',
  inputs: sequenceInputs,
  outputs: ['Y', 'Y_h'],
  gradient: {
    X: (r) => inputGradient(r, strands(r), gates),
    W: (r) => joined(r, 'W', strands(r), (strand) => strand.correlate(gates(strand), r.x('X'))),
    R: (r) => joined(r, 'R', strands(r), (strand) => strand.correlate(gates(strand), backward(strand)[2] ?? '')),
    B: (r) => joined(r, 'B', strands(r), (strand) => {
      const sum = r.m.sum(gates(strand), [0, 1], false);
      return r.m.concat([sum, sum], 0);
    }),
    sequence_lens: 'non-differentiable',
    initial_h: (r) => joined(r, 'initial_h', strands(r), (strand) => backward(strand)[0] ?? ''),
  },
  parameters: rnnParameters,
};

const strands = (r: RuleContext): readonly Strand[] => strandsOf(r, ['Tanh']);

/** dG [T, B, H] */
const gates = (strand: Strand): string => backward(strand)[1] ?? '';

/** Gradient of initial_h, dG, and h_{t−1}. */
function backward(strand: Strand): readonly string[] {
  return strand.onceAll('backward', () => {
    const { m, r, functions: [f], shape } = strand;
    const states = strand.states();
    const before = strand.before(states, strand.initial('initial_h'));
    const a = strand.preactivations(before);
    // An affine function's slope is a number.
    const slope = strand.within(m.expand(f?.slope(m, a, states) ?? '', shape));
    const lasting = r.has('sequence_lens') ? [strand.within(m.zeros(shape), 1)] : [];
    const [dh = '', dG = ''] = scan(m, {
      initial: [strand.lastCotangent('Y_h')],
      sequences: [strand.outputCotangent(), slope, ...lasting],
      reverse: !strand.reverse,
      step: (inner, [state = ''], [dY = '', K = '', kept]) => {
        const d = inner.add(dY, state);
        const dGate = inner.mul(K, d);
        const back = inner.matmul(dGate, strand.part('R'));
        return { states: [kept === undefined ? back : inner.add(back, inner.mul(kept, d))], emitted: [dGate] };
      },
    });
    return [dh, dG, before];
  });
}
