// A Keras network of whatever file as a model of ours.

import type { Model } from '../../core/graph/graph';
import type { Diagnostic, FormatId } from '../../protocol/report';
import type { ReadModel } from '../format';
import type { LoweredNetwork } from './network';

/** The operator set that graphs are written in. */
const opset = 21;
/** The IR version that goes with it. */
const irVersion = 10;

export interface KerasFile {
  readonly file: string;
  readonly format: FormatId;
  readonly producer: string;
  readonly metadata?: ReadonlyMap<string, string>;
  readonly external?: Model['external'];
  readonly findings?: readonly Diagnostic[];
}

export function modelOf({ graph, notes }: LoweredNetwork, { file, format, producer, metadata = new Map(), external = [],
  findings = [] }: KerasFile): ReadModel {
  const model: Model = {
    file, format, producer, irVersion, opsets: new Map([['', opset]]), metadata, graph, learned: null, functions: [], external,
  };
  return {
    model, graph,
    findings: [...findings, ...notes.map((message): Diagnostic => ({ severity: 'info', code: 'keras-note', layer: null, message, remedy: '' }))],
  };
}
