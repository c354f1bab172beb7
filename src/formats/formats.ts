// The formats that are known, in the order in which a file is shown to them.

import { Failure } from '../protocol/failure';
import type { Candidate, Format } from './format';
import { initscopeFormat } from './initscope/format';
import { looksLikeJson, scanJson } from './json/scan';
import { kerasFormat } from './keras/format';
import { onnxFormat } from './onnx/format';
import { tfjsFormat } from './tfjs/format';

const formats: readonly Format[] = [kerasFormat, tfjsFormat, initscopeFormat];

/** The format of a file. Throws a Failure for a text that none knows; any other file is shown to ONNX, which says what is wrong with it. */
export function formatOf(file: Candidate): Format {
  const found = formats.find((format) => format.recognises(file));
  if (found) return found;
  if (!looksLikeJson(file.head)) return onnxFormat;
  // What is wrong with it, if it is no JSON after all.
  scanJson(file.source);
  throw new Failure('foreign-file',
    `${file.source.name} is JSON, and no model that Initscope knows. Name a model of Keras or TensorFlow.js, one exported to ONNX, or a network of our own.`);
}
