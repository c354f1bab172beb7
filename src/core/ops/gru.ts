import { gruParameters, sequenceInputs } from './recurrent';
import { scan } from './scan';
import type { OperatorSpec, RuleContext } from './spec';
import type { Strand } from './strand';
import { inputGradient, joined, strandsOf } from './strand';

/**
 * In each direction, with W, R and b in the parts z, r and n (⊙ by element, h that of the step before):
 *   z = f(W_z x + R_z h + b_z),   r = f(W_r x + R_r h + b_r),   n = g(a),   h_t = (1 − z) ⊙ n + z ⊙ h,
 *   a = W_n x + R_n (r ⊙ h) + b_n, or with linear_before_reset a = W_n x + w_n + r ⊙ s, s = R_n h + ρ_n (w and ρ the biases of W and R).
 * All h are known from Y, hence all gates by products of matrices. Backwards, with what multiplies cotangents computed for all steps at once,
 *   δ = dY_t + dh,   dz = K_z ⊙ δ,   dn = K_n ⊙ δ,   K_z = (h − n) ⊙ f'(z),   K_n = (1 − z) ⊙ g'(n),
 *   u = R_nᵀ dn,   dr = h ⊙ f'(r) ⊙ u,   dh ← R_zᵀ dz + R_rᵀ dr + r ⊙ u + z ⊙ δ, or with linear_before_reset
 *   dr = s ⊙ f'(r) ⊙ dn,   dh ← R_zᵀ dz + R_rᵀ dr + R_nᵀ (r ⊙ dn) + z ⊙ δ.
 * It starts from dY_h and ends in the gradient of initial_h. With dG = [dz, dr, dn] the rest are sums over all steps:
 *   dW = Σ dG x_tᵀ,   dw = Σ dG,   dx_t = Wᵀ dG,   dR_z = Σ dz hᵀ,   dR_r = Σ dr hᵀ,   dR_n = Σ dn (r ⊙ h)ᵀ,   dρ = dw;
 *   with linear_before_reset dR_n = Σ (r ⊙ dn) hᵀ,   dρ_n = Σ r ⊙ dn.
 */
export const GRU: OperatorSpec = {
  op: 'GRU',
  inputs: sequenceInputs,
  outputs: ['Y', 'Y_h'],
  gradient: {
    X: (r) => inputGradient(r, strands(r), (strand) => backward(strand).dG),
    W: (r) => joined(r, 'W', strands(r), (strand) => strand.correlate(backward(strand).dG, r.x('X'))),
    R: (r) => joined(r, 'R', strands(r), recurrentGradient),
    B: (r) => joined(r, 'B', strands(r), biasGradient),
    sequence_lens: 'non-differentiable',
    initial_h: (r) => joined(r, 'initial_h', strands(r), (strand) => backward(strand).dh),
  },
  parameters: gruParameters,
};

const strands = (r: RuleContext): readonly Strand[] => strandsOf(r, ['Sigmoid', 'Tanh']);
const isLinear = ({ r }: Strand): boolean => r.int('linear_before_reset', 0) === 1;

/** Parts z and r, and part n, of a tensor whose axis has all three. */
function apart({ m, shape: [, , H] }: Strand, value: string, axis: number): readonly [string, string] {
  const [gates = '', candidate = ''] = m.graph.addMany('Split', [value, m.graph.ints([2 * H, H])], 2, { axis });
  return [gates, candidate];
}

/** R_z with R_r, and R_n. */
function recurrentParts(strand: Strand): Readonly<Record<'gates' | 'candidate', string>> {
  return strand.onceAll('recurrentParts', () => {
    const [gates, candidate] = apart(strand, strand.part('R'), 0);
    return { gates, candidate };
  });
}

/** z, r and n; s with linear_before_reset, else r ⊙ h; and the slopes of the three. */
function gatesOf(strand: Strand): Readonly<Record<'z' | 'r' | 'n' | 'inner' | 'slopeZ' | 'slopeR' | 'slopeN', string>> {
  return strand.onceAll('gates', () => {
    const { m } = strand;
    const [f, g, before, R] = [strand.activation(0), strand.activation(1), strand.before(), recurrentParts(strand)];
    const biases = strand.biases();
    const [bias, biasR] = biases === null ? [null, null] : [part(strand, biases, 0), part(strand, biases, 1)];
    const given = m.matmul(strand.r.x('X'), m.swap(strand.part('W'), 2));
    const [x, xn] = apart(strand, bias === null ? given : m.add(given, bias), 2);
    const recurrent = m.matmul(before, m.swap(R.gates, 2));
    const [rho, rhoN] = biasR === null ? [null, null] : apart(strand, biasR, 0);
    const a = m.add(x, rho === null ? recurrent : m.add(recurrent, rho));
    const [az = '', ar = ''] = m.graph.addMany('Split', [a], 2, { axis: 2, num_outputs: 2 });
    const [z, r] = [f.value(m, az), f.value(m, ar)];
    const times = (value: string): string => {
      const product = m.matmul(value, m.swap(R.candidate, 2));
      return rhoN === null ? product : m.add(product, rhoN);
    };
    const inner = isLinear(strand) ? times(before) : m.mul(r, before);
    const an = m.add(xn, isLinear(strand) ? m.mul(r, inner) : times(inner));
    const n = g.value(m, an);
    return { z, r, n, inner, slopeZ: f.slope(m, z, () => az), slopeR: f.slope(m, r, () => ar), slopeN: g.slope(m, n, () => an) };
  });
}

/** One row of b [2, 3·H]. */
const part = ({ m }: Strand, biases: string, row: number): string => m.reshape(m.slice(biases, [0], [row], [row + 1], [1]), [-1]);

function backward(strand: Strand): Readonly<Record<'dh' | 'dG', string>> {
  return strand.onceAll('backward', () => {
    const { m } = strand;
    const { z, r, n, inner, slopeZ, slopeR, slopeN } = gatesOf(strand);
    const [before, R, linear] = [strand.before(), recurrentParts(strand), isLinear(strand)];
    const Kz = strand.within(m.mul(m.sub(before, n), slopeZ));
    const Kr = strand.within(m.mul(linear ? inner : before, slopeR));
    const Kn = strand.within(m.mul(m.complement(z), slopeN));
    const [dh = '', dG = ''] = scan(m, {
      initial: [strand.lastCotangent('Y_h')],
      sequences: [strand.outputCotangent(), Kz, Kr, Kn, r, strand.within(z, 1)],
      reverse: !strand.reverse,
      step: (b, [state = ''], [dY = '', kz = '', kr = '', kn = '', reset = '', kept = '']) => {
        const delta = b.add(dY, state);
        const [dzt, dnt] = [b.mul(kz, delta), b.mul(kn, delta)];
        const u = b.matmul(linear ? b.mul(reset, dnt) : dnt, R.candidate);
        const drt = b.mul(kr, linear ? dnt : u);
        const gates = b.concat([dzt, drt], 1);
        const through = b.add(b.matmul(gates, R.gates), linear ? u : b.mul(reset, u));
        return { states: [b.add(through, b.mul(kept, delta))], emitted: [b.concat([gates, dnt], 1)] };
      },
    });
    return { dh, dG };
  });
}

function recurrentGradient(strand: Strand): string {
  const { m } = strand;
  const [gates, dn] = apart(strand, backward(strand).dG, 2);
  const { r, inner } = gatesOf(strand);
  const candidate = isLinear(strand) ? strand.correlate(m.mul(r, dn), strand.before()) : strand.correlate(dn, inner);
  return m.concat([strand.correlate(gates, strand.before()), candidate], 0);
}

function biasGradient(strand: Strand): string {
  const { m } = strand;
  const sum = m.sum(backward(strand).dG, [0, 1], false);
  if (!isLinear(strand)) return m.concat([sum, sum], 0);
  const [, dn] = apart(strand, backward(strand).dG, 2);
  const [gates] = apart(strand, sum, 0);
  return m.concat([sum, gates, m.sum(m.mul(gatesOf(strand).r, dn), [0, 1], false)], 0);
}
