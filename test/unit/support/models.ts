import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../../..');

/** The networks that ship with the extension. */
export const samples = ['deep-tanh-mlp.onnx', 'deep-sigmoid-mlp.onnx', 'residual-cnn.onnx', 'transformer-block.onnx']
  .map((name) => path.join(root, 'media/samples', name));

const [deepTanh = '', deepSigmoid = '', residualCnn = '', transformerBlock = ''] = samples;
export { deepTanh, deepSigmoid, residualCnn, transformerBlock };

const folder = path.resolve(root, '../shared/models');
/** Networks written by others, which are not part of the project: there on the machines it is developed on. */
export const hasRealModels = existsSync(path.join(folder, 'README.md'));
if (!hasRealModels) console.warn(`SKIPPED: tests on real models, because there is no ${folder}.`);

export const realModel = (name: string): string => path.join(folder, name);
/** All of them that are ONNX, beside others; where a test is about these alone, `realModelCases` keeps it from being empty. */
export const realModelFiles: readonly string[] = hasRealModels
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx')).sort().map(realModel) : [];
/** For `it.skipIf(!hasRealModels).each`: a suite that comes out empty is an error, one that is skipped is counted. */
export const realModelCases: readonly string[] = hasRealModels ? realModelFiles : ['no model'];
