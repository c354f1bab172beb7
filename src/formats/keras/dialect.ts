// Which library a configuration is of, and where its versions mean different things by the same words.

export interface Dialect {
  readonly library: 'keras' | 'tfjs';
  /** Of the Keras API: 1, 2 or 3; TensorFlow.js follows 2. */
  readonly generation: 1 | 2 | 3;
  /** As the file says it; empty where it does not. */
  readonly version: string;
  /** Keras 3.15 tells initialisers which axes of the kernels of attention and EinsumDense are inputs; 3.14 takes them for convolutions. */
  readonly knowsAxes: boolean;
}

/** Keras 3 names the module of every object; before, nothing does, and `keras_version` tells 1 from 2. */
export function kerasDialect(version: string, isModern: boolean, knowsAxes: boolean): Dialect {
  const generation = version.startsWith('1.') || version.startsWith('0.') ? 1 : isModern || /^3[.]/.test(version) ? 3 : 2;
  return { library: 'keras', generation, version, knowsAxes };
}
