import type { Algebra } from './algebra';
import { lstmParameters, sequenceInputs } from './recurrent';
import { scan } from './scan';
import type { OperatorSpec, RuleContext } from './spec';
import type { Strand } from './strand';
import { gateGradients, joined, strandsOf } from './strand';

/**
 * In each direction, with a = W x_t + R h_{t−1} + b in four parts (⊙ by element, p the peepholes):
 *   i = f(a_i + p_i ⊙ c_{t−1}),   φ = f(a_f + p_f ⊙ c_{t−1}) or 1 − i,   g = γ(a_c),   c_t = φ ⊙ c_{t−1} + i ⊙ g,
 *   o = f(a_o + p_o ⊙ c_t),   h_t = o ⊙ η(c_t).
 * All h are known from Y, hence all a by two products of matrices; the cells c by a recurrence without any product. Backwards everything is
 * linear in the cotangents δ of h_t and ε of c_t, so all that multiplies them is computed for all steps at once:
 *   δ = dY_t + dh,   ε = dc + A ⊙ δ,   dG_t = K ⊙ [ε, δ, ε, ε],   dh ← Rᵀ dG_t,   dc ← F ⊙ ε,
 *   K = [g ⊙ f'(i), η(c_t) ⊙ f'(o), c_{t−1} ⊙ f'(φ), i ⊙ γ'],   A = o ⊙ η' + p_o ⊙ K_o,   F = φ + p_i ⊙ K_i + p_f ⊙ K_f,
 * and with φ = 1 − i: K_i = (g − c_{t−1}) ⊙ f'(i), K_f = 0. It starts from dY_h and dY_c and ends in the gradients of initial_h and initial_c.
 * The rest are sums over all steps:
 *   dW = Σ dG_t x_tᵀ,   dR = Σ dG_t h_{t−1}ᵀ,   db = Σ dG_t,   dx_t = Wᵀ dG_t,   dp = Σ [dG_i ⊙ c_{t−1}, dG_o ⊙ c_t, dG_f ⊙ c_{t−1}].
 * (ONNX Runtime does not clip the input of η.)
 */
export const LSTM: OperatorSpec = {
  op: 'LSTM',
  inputs: [...sequenceInputs, 'initial_c', 'P'],
  outputs: ['Y', 'Y_h', 'Y_c'],
  gradient: {
    ...gateGradients((r) => strands(r), (strand) => backward(strand).dG),
    sequence_lens: 'non-differentiable',
    initial_h: (r) => joined(r, 'initial_h', strands(r), (strand) => backward(strand).dh),
    initial_c: (r) => joined(r, 'initial_c', strands(r), (strand) => backward(strand).dc),
    P: (r) => joined(r, 'P', strands(r), peepholeGradient),
  },
  parameters: lstmParameters,
};

const strands = (r: RuleContext): readonly Strand[] => strandsOf(r, ['Sigmoid', 'Tanh', 'Tanh'], 2);

/** p ⊙ c added to a pre-activation, where there are peepholes. */
const peeping = (m: Algebra, a: string, p: string | undefined, c: string): string => (p === undefined ? a : m.add(a, m.mul(p, c)));

/** p_i, p_o and p_f, if any. */
function peepholesOf(strand: Strand): Readonly<Record<'i' | 'o' | 'f', string>> | null {
  if (!strand.r.has('P')) return null;
  return strand.onceAll('peepholes', () => {
    const [i = '', o = '', f = ''] = strand.m.graph.addMany('Split', [strand.part('P')], 3, { axis: 0, num_outputs: 3 });
    return { i, o, f };
  });
}

/** The parts of a. */
function gatesOf(strand: Strand): Readonly<Record<'i' | 'o' | 'f' | 'c', string>> {
  return strand.onceAll('gates', () => {
    const [i = '', o = '', f = '', c = ''] = strand.m.graph.addMany('Split', [strand.preactivations()], 4, { axis: 2, num_outputs: 4 });
    return { i, o, f, c };
  });
}

/** c after and before each step, i, φ and g. */
function cellsOf(strand: Strand): Readonly<Record<'after' | 'before' | 'i' | 'forget' | 'g', string>> {
  return strand.onceAll('cells', () => {
    const { m, r } = strand;
    const [f, a, p] = [strand.activation(0), gatesOf(strand), peepholesOf(strand)];
    const g = strand.activation(1).value(m, a.c);
    const initial = strand.initial('initial_c');
    const [, after = '', i = '', forget = ''] = scan(m, {
      initial: [initial],
      sequences: [a.i, a.f, g, ...(r.has('sequence_lens') ? [strand.valid()] : [])],
      reverse: strand.reverse,
      step: (inner, [c = ''], [ai = '', af = '', gt = '', valid]) => {
        const open = f.value(inner, peeping(inner, ai, p?.i, c));
        const kept = coupled(r) ? inner.complement(open) : f.value(inner, peeping(inner, af, p?.f, c));
        const next = inner.add(inner.mul(kept, c), inner.mul(open, gt));
        const state = valid === undefined ? next : inner.where(valid, next, c);
        return { states: [state], emitted: [state, open, kept] };
      },
    });
    return { after, before: strand.delayed(after, initial), i, forget, g };
  });
}

const coupled = (r: RuleContext): boolean => r.int('input_forget', 0) === 1;

/** K [T, B, 4·H], A and F. */
function factorsOf(strand: Strand): Readonly<Record<'K' | 'A' | 'F', string>> {
  return strand.onceAll('factors', () => {
    const { m, r, shape } = strand;
    const [f, gamma, eta] = [strand.activation(0), strand.activation(1), strand.activation(2)];
    const [a, p, { after, before, i, forget, g }] = [gatesOf(strand), peepholesOf(strand), cellsOf(strand)];
    const shown = eta.value(m, after);
    const ao = peeping(m, a.o, p?.o, after);
    const o = f.value(m, ao);
    const Ki = m.mul(coupled(r) ? m.sub(g, before) : g, f.slope(m, i, () => peeping(m, a.i, p?.i, before)));
    const Ko = m.mul(shown, f.slope(m, o, () => ao));
    const Kf = coupled(r) ? m.zeros(shape) : m.mul(before, f.slope(m, forget, () => peeping(m, a.f, p?.f, before)));
    const Kc = m.mul(i, gamma.slope(m, g, () => a.c));
    const A = m.mul(o, eta.slope(m, shown, () => after));
    const K = strand.within(m.concat([Ki, Ko, Kf, Kc], 2));
    if (!p) return { K, A: strand.within(A), F: strand.within(forget, 1) };
    const F = m.add(forget, m.add(m.mul(p.i, Ki), m.mul(p.f, Kf)));
    return { K, A: strand.within(m.add(A, m.mul(p.o, Ko))), F: strand.within(F, 1) };
  });
}

function backward(strand: Strand): Readonly<Record<'dh' | 'dc' | 'dG', string>> {
  return strand.onceAll('backward', () => {
    const { K, A, F } = factorsOf(strand);
    const [dh = '', dc = '', dG = ''] = scan(strand.m, {
      initial: [strand.lastCotangent('Y_h'), strand.lastCotangent('Y_c')],
      sequences: [strand.outputCotangent(), K, A, F, ...strand.beyond()],
      reverse: !strand.reverse,
      step: (m, [h = '', c = ''], [dY = '', Kt = '', At = '', Ft = '', beyond]) => {
        const delta = m.add(dY, h);
        const epsilon = m.add(c, m.mul(At, delta));
        const gates = m.mul(Kt, m.concat([epsilon, delta, epsilon, epsilon], 1));
        const back = m.matmul(gates, strand.part('R'));
        return { states: [beyond === undefined ? back : m.add(back, m.mul(beyond, delta)), m.mul(Ft, epsilon)], emitted: [gates] };
      },
    });
    return { dh, dc, dG };
  });
}

function peepholeGradient(strand: Strand): string {
  const { m } = strand;
  const { after, before } = cellsOf(strand);
  const [i = '', o = '', f = ''] = m.graph.addMany('Split', [backward(strand).dG], 4, { axis: 2, num_outputs: 4 });
  return m.concat([m.mul(i, before), m.mul(o, after), m.mul(f, before)].map((each) => m.sum(each, [0, 1], false)), 0);
}
