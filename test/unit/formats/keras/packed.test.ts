/** A whole model in HDF5 whose weights are stored in compressed chunks: what its twin is that stores them whole, but for writing. */
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { openFile } from '../../../../src/formats/files/byteSource';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { openModel } from '../../../../src/formats/openModel';
import { refuseWrite } from '../../../../src/formats/saving/tensorWrite';
import { FilePool, readFloat32 } from '../../../../src/formats/tensors/content';
import { isMeasurable } from '../../../../src/formats/tensors/weightChunks';
import { root } from '../../support/models';

const pool = new FilePool();
const open = (name: string): OpenedModel => openModel(openFile(path.join(root, 'test/fixtures/hdf5', name)), { size: 0, mtimeMs: 0 });
const valuesOf = ({ layers }: OpenedModel): Readonly<Record<string, readonly number[]>> => Object.fromEntries(layers.flatMap(({ weights }) => (
  weights.map(({ name, tensor }) => [name, [...readFloat32(pool, tensor, {})]]))));

describe('weights in compressed chunks', () => {
  const [whole, packed] = [open('network.h5'), open('packed.h5')];
  it('have their values', () => {
    const values = valuesOf(packed);
    expect(values).toEqual(valuesOf(whole));
    expect(Object.values(values).flat()).toHaveLength(3 * 3 * 3 * 2 + 2 + 4 * 2 + 2 * 5 + 5);
  });
  it('are measured, advised and not written, which is said', () => {
    const weights = packed.layers.flatMap((layer) => layer.weights);
    expect(weights.every(isMeasurable)).toBe(true);
    expect(weights.map(({ frozen }) => frozen)).toEqual(whole.layers.flatMap((layer) => layer.weights.map(({ frozen }) => frozen)));
    const said = 'it is stored in chunks of a file whose structure is not written here: load the model in Keras and save it, which stores it whole';
    expect(weights.map(({ tensor }) => refuseWrite(tensor))).toEqual(weights.map(() => said));
  });
});
