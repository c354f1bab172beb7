// Which known word somebody may have meant by one that is not known.

/** Words of PyTorch, Keras and textbooks for what is called otherwise here. */
const otherWords: Readonly<Record<string, string>> = {
  linear: 'dense', fc: 'dense', fullyconnected: 'dense', gemm: 'dense', conv1d: 'conv', conv2d: 'conv', conv3d: 'conv', convolution: 'conv',
  deconv: 'transposed-conv', convtranspose: 'transposed-conv', conv2dtranspose: 'transposed-conv', convtranspose2d: 'transposed-conv',
  depthwiseconv2d: 'depthwise-conv', simplernn: 'rnn', multiheadattention: 'attention', selfattention: 'attention', multihead: 'attention',
  maxpool2d: 'max-pool', maxpooling2d: 'max-pool', avgpool: 'average-pool', avgpool2d: 'average-pool', averagepooling2d: 'average-pool',
  globalavgpool: 'global-average-pool', gap: 'global-average-pool', globalaveragepooling2d: 'global-average-pool', batchnorm1d: 'batch-norm',
  batchnorm2d: 'batch-norm', batchnormalization: 'batch-norm', layernormalization: 'layer-norm', groupnormalization: 'group-norm', swish: 'silu',
  hardswish: 'hard-silu', leakyrelu: 'leaky-relu', none: 'linear', identity: 'linear', concatenate: 'concat', sum: 'add', skip: 'residual',
  times: 'repeat', units: 'dense', filters: 'conv', heads: 'attention', glorot: 'xavier', glorotuniform: 'xavier-uniform',
  glorotnormal: 'xavier-normal', kaiming: 'he', kaimingnormal: 'he-normal', kaiminguniform: 'he-uniform', randomnormal: 'normal',
  randomuniform: 'uniform', zero: 'zeros', one: 'ones', kernelsize: 'kernel', strides: 'stride', pad: 'padding', usebias: 'bias',
  kernelinitializer: 'initializer', init: 'initializer', initialiser: 'initializer', inputs: 'input', sequencelength: 'length', vocabulary: 'tokens',
  gaussian: 'normal', data: 'distribution', stddev: 'std', sigma: 'std', positionembedding: 'position-table', tied: 'unembed',
};

const plain = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Longer words are no misspelt ones. */
const longest = 40;

/** Letters that are put in, left out, replaced, or swapped with their neighbour (Damerau 1964, optimal string alignment). */
function distance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost, swapped));
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

/** The known word that is nearest, if one is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | null {
  const own = plain(word);
  if (own === '' || own.length > longest) return null;
  const other = Object.hasOwn(otherWords, own) ? otherWords[own] : undefined;
  if (other !== undefined && known.includes(other)) return other;
  const ranked = known.map((each) => ({ each, away: distance(own, plain(each)) })).sort((a, b) => a.away - b.away);
  const [best] = ranked;
  return best && best.away <= Math.max(1, Math.floor(own.length / 3)) ? best.each : null;
}

/** 'Did you mean "dense"?', or all that there are. */
export function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === null ? `There are ${known.map((each) => `"${each}"`).join(', ')}.` : `Did you mean "${near}"?`;
}
