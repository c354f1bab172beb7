import type { Layer, LayerWeight } from '../layers/layer';
import { isStepped } from '../layers/layer';
import { fanConventions } from '../layers/conventions';
import type { Fans } from '../ops/spec';
import { say } from '../../protocol/words';
import type { Distribution } from './distributions';
import { normal, truncatedNormal, truncatedStd, uniform } from './distributions';

/** A known way to draw a tensor. */
export interface Candidate {
  /** "He normal", "PyTorch's default, U(±1/√fan_in)" */
  readonly title: string;
  readonly distribution: Distribution;
  /** The fans it was counted with, where those are not the operator's own, and the standard deviations of these and of its own. */
  readonly miscounted: { readonly library: string; readonly fans: Fans; readonly drawn: number; readonly meant: number } | null;
}

interface Rule {
  readonly title: string;
  readonly draw: (fans: Fans) => Distribution;
}

const average = ({ fanIn, fanOut }: Fans): number => (fanIn + fanOut) / 2;
/** Keras and JAX divide by the truncated normal's own standard deviation; TF.js does not, and is 12 % too narrow. */
const corrected = (std: number): Distribution => truncatedNormal(std / truncatedStd);

/** Of the two schemes of the papers, in every form in which libraries draw them. */
const common: readonly Rule[] = [
  { title: 'Xavier normal', draw: (fans) => normal(1 / Math.sqrt(average(fans))) },
  { title: 'Xavier uniform', draw: (fans) => uniform(Math.sqrt(3 / average(fans))) },
  { title: 'He normal', draw: ({ fanIn }) => normal(Math.sqrt(2 / fanIn)) },
  { title: 'He uniform', draw: ({ fanIn }) => uniform(Math.sqrt(6 / fanIn)) },
  { title: 'LeCun normal', draw: ({ fanIn }) => normal(1 / Math.sqrt(fanIn)) },
  { title: 'LeCun uniform', draw: ({ fanIn }) => uniform(Math.sqrt(3 / fanIn)) },
  { title: 'He normal, fan_out', draw: ({ fanOut }) => normal(Math.sqrt(2 / fanOut)) },
  { title: 'He uniform, fan_out', draw: ({ fanOut }) => uniform(Math.sqrt(6 / fanOut)) },
];
const torch: readonly Rule[] = [
  { title: say('PyTorch’s default, U(±1/√fan_in)'), draw: ({ fanIn }) => uniform(1 / Math.sqrt(fanIn)) },
  { title: 'Xavier normal, tanh gain 5/3', draw: (fans) => normal(5 / 3 / Math.sqrt(average(fans))) },
  { title: 'Xavier uniform, tanh gain 5/3', draw: (fans) => uniform((5 / 3) * Math.sqrt(3 / average(fans))) },
];
const keras: readonly Rule[] = [
  { title: say('Keras’ default, Glorot uniform'), draw: (fans) => uniform(Math.sqrt(3 / average(fans))) },
  { title: say('Keras’ Glorot normal (truncated)'), draw: (fans) => corrected(1 / Math.sqrt(average(fans))) },
  { title: say('Keras’ He normal (truncated)'), draw: ({ fanIn }) => corrected(Math.sqrt(2 / fanIn)) },
  { title: say('Keras’ or Flax’ LeCun normal (truncated)'), draw: ({ fanIn }) => corrected(1 / Math.sqrt(fanIn)) },
  { title: say('TF.js’ default, Glorot normal 12 % too narrow'), draw: (fans) => truncatedNormal(1 / Math.sqrt(average(fans))) },
  { title: say('TF.js’ He normal, 12 % too narrow'), draw: ({ fanIn }) => truncatedNormal(Math.sqrt(2 / fanIn)) },
  { title: say('TF.js’ LeCun normal, 12 % too narrow'), draw: ({ fanIn }) => truncatedNormal(1 / Math.sqrt(fanIn)) },
];

/** Without fans: BERT and GPT-2, timm, AlexNet, Keras' RandomNormal and RandomUniform (and its embeddings), torch.nn.Embedding. */
const fixed: readonly Candidate[] = [
  fixedCandidate(say('normal(0, 0.02), as BERT and GPT-2'), normal(0.02)),
  fixedCandidate(say('normal(0, 0.02) cut at 2 σ, as BERT and ViT'), truncatedNormal(0.02)),
  fixedCandidate(say('normal(0, 0.01), as AlexNet'), normal(0.01)),
  fixedCandidate(say('Keras’ RandomNormal, normal(0, 0.05)'), normal(0.05)),
  fixedCandidate(say('Keras’ RandomUniform, U(±0.05)'), uniform(0.05)),
  fixedCandidate(say('standard normal, as PyTorch’s embeddings'), normal(1)),
];

function fixedCandidate(title: string, distribution: Distribution): Candidate {
  return { title, distribution, miscounted: null };
}

/** Everything a weight may have been drawn from, the most telling first. */
export function candidatesFor(layer: Layer, weight: LayerWeight): readonly Candidate[] {
  const { role } = weight;
  if (role === 'bias') return biasCandidates(layer);
  if (role !== 'kernel' && role !== 'recurrent' && role !== 'embedding') return [];
  return [...recurrentCandidates(layer, weight), ...fanCandidates(layer, weight), ...fixed];
}

function fanCandidates(layer: Layer, weight: LayerWeight): readonly Candidate[] {
  const { fans } = weight;
  if (!fans || weight.role === 'embedding') return [];
  const own = (rules: readonly Rule[]): readonly Candidate[] => rules.map(({ title, draw }) => ({ title, distribution: draw(fans), miscounted: null }));
  const counted = fanConventions(layer.node, weight).flatMap(({ library, fanIn, fanOut }) => (
    [...common, ...(library === 'PyTorch' ? torch : keras)].map(({ title, draw }): Candidate => ({
      title, distribution: draw({ fanIn, fanOut }),
      miscounted: { library, fans: { fanIn, fanOut }, drawn: draw({ fanIn, fanOut }).std, meant: draw(fans).std },
    }))));
  return [...own(torch), ...own(common), ...own(keras), ...counted];
}

/** torch.nn.LSTM, GRU and RNN draw everything from U(±1/√H). */
function recurrentCandidates(layer: Layer, { fans, role }: LayerWeight): readonly Candidate[] {
  if (!isStepped(layer) || !fans || role === 'embedding') return [];
  return [fixedCandidate(say('PyTorch’s default for recurrent layers, U(±1/√hidden)'), uniform(1 / Math.sqrt(fans.fanOut)))];
}

/** torch.nn.Linear and Conv draw biases from U(±1/√fan_in), with the fan_in of their kernel. */
function biasCandidates(layer: Layer): readonly Candidate[] {
  const kernel = layer.weights.find(({ role, fans }) => (role === 'kernel' || role === 'recurrent') && fans !== null);
  if (!kernel?.fans) return [];
  const recurrent = recurrentCandidates(layer, kernel);
  if (recurrent.length > 0) return recurrent;
  const counted = fanConventions(layer.node, kernel).find(({ library }) => library === 'PyTorch')?.fanIn ?? kernel.fans.fanIn;
  return [...new Set([kernel.fans.fanIn, counted])].map((fanIn) => fixedCandidate(say('PyTorch’s default, U(±1/√fan_in)'), uniform(1 / Math.sqrt(fanIn))));
}
