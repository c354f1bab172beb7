import type { Call, LoweredOperator } from './lowering';

const ml = 'ai.onnx.ml';
const always = (): boolean => true;

/** Numbers of an attribute, as a vector that is the same for all rows; one for all columns, or one for each. */
function vector({ node, m }: Call, name: string, otherwise: number): string {
  const attribute = node.attributes[name];
  const values = attribute?.kind === 'floats' && attribute.value.length > 0 ? attribute.value : [otherwise];
  return m.graph.constant('float32', [values.length], values);
}

/** x over the size of its row, itself where that is 0. */
function overSize({ m }: Call, x: string, size: string): string {
  return m.div(x, m.where(m.equal(size, m.constant(0)), m.constant(1), size));
}

/** What scikit-learn's pipelines have in front of a network, by ai.onnx.ml (its Operators-ml.md). What they read may be whole numbers. */
export const loweredPreprocessing: readonly LoweredOperator[] = [
  {
    op: 'Scaler', domain: ml, inputs: ['X'], outputs: ['Y'], shapeless: always, outputType: () => 'float32',
    lower: (c) => ({ Y: c.m.mul(c.m.sub(c.m.cast(c.x('X'), 'float32'), vector(c, 'offset', 0)), vector(c, 'scale', 1)) }),
  },
  {
    op: 'Normalizer', domain: ml, inputs: ['X'], outputs: ['Y'], shapeless: always, outputType: () => 'float32',
    lower: (c) => {
      const { m } = c;
      const x = m.cast(c.x('X'), 'float32');
      const norm = c.string('norm', 'MAX');
      const size = norm === 'L1' ? m.sum(m.abs(x), [-1]) : norm === 'L2' ? m.sqrt(m.sum(m.square(x), [-1])) : m.reduce('ReduceMax', x, [-1], true);
      return { Y: overSize(c, x, size) };
    },
  },
  // Columns of X by their places Y.
  {
    op: 'ArrayFeatureExtractor', domain: ml, inputs: ['X', 'Y'], outputs: ['Z'],
    lower: ({ m, x, shape }) => {
      const picked = m.graph.add('Gather', [x('X'), m.reshape(x('Y'), [-1])], { axis: -1 });
      return { Z: shape('X').length > 1 ? picked : m.reshape(picked, [1, -1]) };
    },
  },
];
