// The words by which Keras and TensorFlow.js say what variance scaling draws from, which have meant different things in their versions.

import type { Dialect } from './dialect';

/** A normal that is cut at two σ is `truncated` where it is stretched to the spread that was meant, `shortened` where 0.88 of it is left. */
export type Distribution = 'uniform' | 'untruncated' | 'truncated' | 'shortened';

export interface Vocabulary {
  /** Words that are taken; what is not among them is refused. */
  readonly read: Readonly<Record<string, Distribution>>;
  /** Words for which there is no doubt. */
  readonly written: Readonly<Partial<Record<Distribution, string>>>;
  /** Whether Glorot's, He's and LeCun's are classes under which a configuration may name them. */
  readonly hasClasses: boolean;
}

/** keras.src.initializers.random_initializers.VarianceScaling; the same since TensorFlow 2.3. */
const present: Vocabulary = {
  read: { uniform: 'uniform', normal: 'truncated', truncated_normal: 'truncated', untruncated_normal: 'untruncated' },
  written: { uniform: 'uniform', truncated: 'truncated_normal', untruncated: 'untruncated_normal' }, hasClasses: true,
};
/** tf.keras of TensorFlow 1.10 to 2.2 (tensorflow/python/ops/init_ops.py): he_normal and lecun_normal were functions. */
const early: Vocabulary = { ...present, hasClasses: false };
/** Keras 2.2 and 2.3 (keras/initializers.py), the last ones that stood alone. */
const alone: Vocabulary = { read: { uniform: 'uniform', normal: 'truncated' }, written: { uniform: 'uniform', truncated: 'normal' }, hasClasses: false };
/** Keras before 2.2.0, and tf.keras before TensorFlow 1.9. */
const short: Vocabulary = { read: { uniform: 'uniform', normal: 'shortened' }, written: { uniform: 'uniform', shortened: 'normal' }, hasClasses: false };
/** TensorFlow 1.9 and 1.10 to 1.12 call themselves alike: the one takes no "truncated_normal", which the others write where nothing is said. */
const doubtful: Vocabulary = { read: { ...present.read, normal: 'shortened' }, written: { uniform: 'uniform' }, hasClasses: false };
/** Keras 1 (keras/initializations.py) has functions alone, whose normals are not cut. */
const first: Vocabulary = { read: { uniform: 'uniform', normal: 'untruncated' }, written: {}, hasClasses: false };
/** tfjs-layers/src/initializers.ts: VarianceScaling.apply takes what is not "normal" for a uniform. */
const tfjs: Vocabulary = {
  read: { uniform: 'uniform', normal: 'shortened', truncated_normal: 'uniform', truncatedNormal: 'uniform' },
  written: { uniform: 'uniform', shortened: 'normal' }, hasClasses: false,
};

export function vocabularyOf({ library, generation, version }: Dialect): Vocabulary {
  if (library === 'tfjs') return tfjs;
  if (generation !== 2) return generation === 1 ? first : present;
  const [, minor, patch, ending] = /^2\.(\d+)\.(\d+)(-tf)?$/.exec(version) ?? [];
  if (minor === undefined || Number(minor) > 3) return present;
  if (Number(minor) < 2) return ending !== undefined && minor === '1' && patch === '6' ? doubtful : short;
  return ending === undefined ? alone : early;
}
