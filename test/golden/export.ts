/** Writes the samples with a gradient as JSON, for generate.py. Bundled and run by generate.mjs. */
import { writeFileSync } from 'node:fs';

import type { AttributeLiteral } from '../../src/core/graph/builder';
import { differentiableInputs } from '../ops/differentiate';
import { loweredSamples, samples, titleOf } from '../ops/samples';
import { cotangentSequence } from '../ops/samples/sample';
import { fingerprintOf } from './fingerprint';

const file = process.argv[2];
if (file === undefined) throw new Error('Name the file to write to.');

const plain = (value: AttributeLiteral): unknown => (typeof value === 'object' && 'kind' in value ? value.value : value);

const exported = [...samples, ...loweredSamples].flatMap((sample) => {
  const differentiable = differentiableInputs(sample);
  if (differentiable.length === 0) return [];
  const attributes = Object.fromEntries(Object.entries(sample.attributes).map(([name, value]) => [name, plain(value)]));
  return [{ ...sample, title: titleOf(sample), fingerprint: fingerprintOf(sample), differentiable, attributes, inputs: Object.fromEntries(sample.inputs) }];
});
writeFileSync(file, JSON.stringify({ cotangents: cotangentSequence, samples: exported }));
