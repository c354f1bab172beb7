import { elementCount } from '../graph/dtype';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { ParameterUse } from '../ops/spec';
import { say } from '../../protocol/words';
import type { Computation, Leaf } from './computed';
import { computationOf } from './computed';
import type { ComputedFrom, LayerWeight } from './layer';
import { lowRankFactor, wholeWeight } from './layer';

/** What a kernel is computed from, each tensor in its role, and the nodes that look it up. */
export interface ComputedKernel {
  readonly weights: readonly LayerWeight[];
  readonly gathers: readonly Node[];
}

/**
 * The tensors behind a kernel that the graph computes: weight normalisation (Salimans & Kingma 2016, eq. 2), weight standardisation (Qiao et al.
 * 2019), spectral normalisation (Miyato et al. 2018, eq. 8), a scale at run time (Karras et al. 2018, section 4.1), low-rank updates (Hu et al.
 * 2021, section 4.1), fake quantisation, experts that are looked up. Null where the value is not computed from stored tensors.
 */
export function computedKernel(index: GraphIndex, node: Node, value: string, use: ParameterUse, position: number): ComputedKernel | null {
  const computation = computationOf(index, value);
  const main = computation && mainLeaf(computation);
  if (!main) return null;
  const { shape, gathers } = computation;
  const fans = shape ? use.fans?.(shape, node, position) ?? null : null;
  const make = ({ name, tensor }: Leaf, own: Partial<LayerWeight> & Pick<LayerWeight, 'role'>): LayerWeight => (
    { ...wholeWeight({ name, tensor, shape: tensor.shape }, own.role), ...own });
  const others = [...computation.leaves.values()].filter((leaf) => leaf !== main);
  const estimates = others.filter(({ degree }) => degree < 0);
  const kernel = { role: 'kernel', fans, seenShape: shape ?? main.tensor.shape } as const;
  if (estimates.length > 0) {
    const parts = others.map((leaf) => make(leaf, { role: 'frozen', frozen: estimateReason }));
    return { gathers, weights: [make(main, { ...kernel, frozen: spectralReason }), ...parts] };
  }
  const factors = computation.marks.has('multiplied') ? others.filter(({ degree, tensor }) => degree === 1 && tensor.shape.length === 2) : [];
  if (factors.length === 2 && computation.marks.has('added') && fans) {
    const [left, right] = factors;
    const isOutFirst = shape?.[0] === fans.fanOut && left?.tensor.shape[0] === fans.fanOut && !(node.op === 'MatMul');
    const [down, up] = isOutFirst ? [right, left] : [left, right];
    const low = down && make(down, { role: 'kernel', fans: { fanIn: fans.fanIn, fanOut: Math.min(...down.tensor.shape) }, computed: lowRankFactor });
    const update = up && make(up, { role: 'update', ...(down ? { firstFactor: down.tensor.id } : {}) });
    return { gathers, weights: [make(main, kernel), ...(low ? [low] : []), ...(update ? [update] : [])] };
  }
  const computed = computedFrom(computation, main, factors);
  if (factors.length === 1 && factors[0]) {
    return { gathers, weights: [make(main, { ...kernel, computed }), make(factors[0], { ...kernel, seenShape: factors[0].tensor.shape, computed })] };
  }
  return { gathers, weights: [make(main, { ...kernel, computed }), ...others.map((leaf) => make(leaf, besides(computation, leaf, main)))] };
}

/** The largest of those that have the kernel's elements; of experts all. */
function mainLeaf({ leaves }: Computation): Leaf | null {
  const kernels = [...leaves.values()].filter(({ degree }) => degree === 0 || degree === 1);
  return kernels.sort((a, b) => elementCount(b.tensor.shape) - elementCount(a.tensor.shape))[0] ?? null;
}

function computedFrom({ factor, marks }: Computation, main: Leaf, factors: readonly Leaf[]): ComputedFrom {
  const inner = Math.min(...main.tensor.shape, ...factors.flatMap(({ tensor }) => tensor.shape));
  if (factors.length === 1) return { power: 2, factor: Math.sqrt(inner), says: say('the kernel is its product with another matrix of rank {0}', inner) };
  if (main.degree === 0) return { power: 0, factor: 1, says: say('the graph normalises it, so that its own scale makes no difference') };
  const quantised = marks.has('quantised') ? [say('the graph rounds it to what a quantiser can hold, whose scale is stored')] : [];
  const selected = marks.has('selected') ? [say('it is several kernels, one of which is looked up')] : [];
  const scaled = factor !== null && Math.abs(factor) !== 1 ? [say('the graph multiplies it with {0}', Number(factor.toPrecision(3)))] : [];
  return { power: 1, factor: factor === null || factor === 0 ? 1 : Math.abs(factor), says: both([...scaled, ...quantised, ...selected]) };
}

const both = (said: readonly string[]): string => said.reduce((all, each) => (all === '' ? each : say('{0}, and {1}', all, each)), '');

/** The length of each kernel under weight normalisation; anything else keeps what it holds. */
function besides({ marks }: Computation, leaf: Leaf, main: Leaf): Partial<LayerWeight> & Pick<LayerWeight, 'role'> {
  if (leaf.statistic !== undefined) return { role: leaf.statistic };
  if (marks.has('standardised')) return { role: 'frozen', frozen: standardisedReason };
  return leaf.degree === 1 && main.degree === 0 ? { role: 'magnitude' } : { role: 'frozen', frozen: say('the kernel is computed from it, too') };
}

const spectralReason = say('the graph divides it by an estimate of its largest singular value (spectral normalisation), which is stored and belongs to these '
  + 'values. Take the parametrisation away before the export');
const estimateReason = say('it belongs to an estimate of the largest singular value of the kernel (spectral normalisation)');
const standardisedReason = say('it is the gain or a statistic of a kernel that the graph standardises');
