// The formats that are known, in the order in which a file is shown to them.

import { brainFormat } from './brain/format';
import { convnetjsFormat } from './convnetjs/format';
import { fdeepFormat } from './fdeep/format';
import { foreignFormat } from './foreign/format';
import type { Candidate, Format } from './format';
import { kerasArchive } from './keras/archive';
import { initscopeFormat } from './initscope/format';
import { kerasFormat } from './keras/format';
import { kerasHdf5 } from './keras/hdf5Format';
import { lwtnnFormat } from './lwtnn/format';
import { namFormat } from './nam/format';
import { onnxFormat } from './onnx/format';
import { onnxJsonFormat } from './onnxJson/format';
import { rtneuralFormat } from './rtneural/format';
import { tfgraphFormat } from './tfgraph/format';
import { tfjsFormat } from './tfjs/format';
import { tfjsTopologyFormat } from './tfjs/topology';

const formats: readonly Format[] = [
  kerasArchive, kerasHdf5, onnxJsonFormat, namFormat, rtneuralFormat, lwtnnFormat, convnetjsFormat, brainFormat, fdeepFormat,
  tfjsTopologyFormat, tfjsFormat, tfgraphFormat, kerasFormat, initscopeFormat, foreignFormat, onnxFormat,
];

/** The format of a file; the last one takes whatever nobody knows, to say what is wrong with it. */
export function formatOf(file: Candidate): Format {
  return formats.find((format) => format.recognises(file)) ?? onnxFormat;
}
