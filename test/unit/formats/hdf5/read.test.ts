/** What is read of HDF5 files, against what h5py reads. */

import { describe, expect, it } from 'vitest';

import { offsetOf } from '../../../../src/formats/files/slice';
import type { Hdf5Dataset } from '../../../../src/formats/hdf5/dataset';
import type { Hdf5Group } from '../../../../src/formats/hdf5/read';
import { datasetsOf, readHdf5 } from '../../../../src/formats/hdf5/read';
import { readElements } from '../../../../src/formats/tensors/elements';
import { present } from '../../support/graphs';
import { files, goldens, hdf5In } from './files';

/** Everything by all its paths. */
function tree(group: Hdf5Group, path = '/'): { groups: Map<string, Hdf5Group>; datasets: Map<string, Hdf5Dataset> } {
  const below = (name: string): string => `${path === '/' ? '' : path}/${name}`;
  const groups = new Map([[path, group]]);
  const datasets = new Map([...group.datasets].map(([name, dataset]) => [below(name), dataset]));
  for (const [name, child] of group.groups) {
    const inner = tree(child, below(name));
    for (const entry of inner.groups) groups.set(...entry);
    for (const entry of inner.datasets) datasets.set(...entry);
  }
  return { groups, datasets };
}

/** NumPy's names of element types that are called otherwise here, or not known. */
const called: Readonly<Record<string, string | null>> = {
  '>f4': 'float32', '>i8': 'int64', complex64: null, '|S5': 'string', '|V3': null, '|V2': 'bfloat16', object: 'string', float128: null,
  "[('a', '<f4'), ('b', '<i2')]": null,
};
/** What is said of datasets by their names; all others have a place. */
const problems: Readonly<Record<string, RegExp>> = {
  '/c8': /^its elements are compounds$/, '/record': /compounds/, '/S5': /^its elements are text$/, '/words': /text/, '/V3': /^its elements are 3 bytes of no type$/,
  '/extended': /^its elements are floats of 128 bits of a form of their own$/, '/big-f4': /^its elements are big-endian$/, '/big-i8': /big-endian/,
  '/empty': /^it has no elements$/, '/null': /^it has no elements$/, '/unwritten': /^nothing has been written into it$/,
  '/gzip': /^it is stored in chunks, packed by gzip$/, '/shuffle': /packed by shuffle and gzip$/, '/lzf': /packed by lzf$/, '/chunks': /^it is stored in chunks$/,
  '/holes': /in chunks$/, '/virtual': /a virtual one/, '/outside': /^its elements are in other files$/,
};
const toNumbers = (elements: ReturnType<typeof readElements>): readonly number[] => Array.from(elements ?? [], Number);

describe.each(files)('%s', (name) => {
  const { archive, source } = hdf5In(name);
  const { groups, datasets } = tree(readHdf5(source));
  const golden = present(goldens[name]);
  it('has all groups, with their children in the order of h5py', () => {
    expect([...groups.keys()].sort()).toEqual(Object.keys(golden.groups).sort());
    for (const [path, { children }] of Object.entries(golden.groups)) {
      const group = present(groups.get(path));
      const parts = [group.groups, group.datasets, group.others].map((part) => [...part.keys()].filter((key) => children.includes(key)));
      expect(parts).toEqual(parts.map((part) => children.filter((child) => part.includes(child))));
      expect(parts.flat().sort()).toEqual([...children].sort());
    }
  });
  it('has their attributes', () => {
    for (const [path, { attributes }] of Object.entries(golden.groups)) {
      expect(Object.fromEntries(present(groups.get(path)).attributes)).toEqual(attributes);
    }
  });
  it.each(Object.entries(golden.datasets))('has the dataset %s', (path, wanted) => {
    const dataset = present(datasets.get(path));
    if (typeof wanted === 'string') {
      expect(dataset).toBe(datasets.get(wanted));
      return;
    }
    expect(dataset.path).toBe(path);
    expect(dataset.shape).toEqual(wanted.shape ?? [0]);
    expect(dataset.dtype).toBe(wanted.dtype in called ? called[wanted.dtype] : wanted.dtype);
    expect(Object.fromEntries(dataset.attributes)).toEqual(wanted.attributes);
    const isNewer = name === 'latest-storage.h5' && ['/gzip', '/shuffle', '/lzf', '/chunks', '/holes'].includes(path);
    const problem = isNewer ? /^it is stored in chunks with an index of the newer kind.*: h5py writes the older one by libver="earliest"$/
      : name === 'packed.h5' && dataset.shape.length > 0 ? /packed by shuffle and gzip$/ : problems[path];
    if (problem) expect([dataset.place, dataset.problem]).toEqual([null, expect.stringMatching(problem)]);
    else {
      const place = present(dataset.place);
      expect(dataset.problem).toBeUndefined();
      // H5Dget_offset knows none of what lies in a header.
      if (path !== '/compact') expect(place.offset).toBe(offsetOf(source) + present(wanted.offset));
      const dtype = present(dataset.dtype);
      const values = toNumbers(readElements(archive, { dtype, shape: dataset.shape, place: { ...place, file: '', encoding: 'contiguous' } }));
      if (wanted.values) expect(values.slice(0, wanted.values.length)).toEqual(wanted.values.map(Number));
      else expect(values.every(Number.isFinite)).toBe(true);
    }
  });
  it('has each dataset once', () => {
    const all = [...datasetsOf(present(groups.get('/')))];
    expect(new Set(all)).toEqual(new Set(datasets.values()));
    expect(all).toHaveLength(new Set(all).size);
  });
});

describe('particular datasets', () => {
  it('of bfloat16 are what Keras says beside them', () => {
    const { archive, source } = hdf5In('types.h5');
    const { dtype, shape, place } = present(readHdf5(source).datasets.get('bfloat16'));
    expect(dtype).toBe('bfloat16');
    const values = toNumbers(readElements(archive, { dtype: 'bfloat16', shape, place: { ...present(place), file: '', encoding: 'contiguous' } }));
    expect(values).toEqual([-3, -2.75, -2.5, -2.25, -2, -1.75]);
  });
  it('that soft links lead to are those; what no link leads to is said', () => {
    for (const name of ['links.h5', 'latest.h5', 'v108.h5', 'userblock.h5']) {
      const root = readHdf5(hdf5In(name).source);
      const group = present(root.groups.get('group'));
      expect(root.groups.get('again')).toBe(group);
      for (const link of ['same', 'soft', 'relative']) expect(group.datasets.get(link)).toBe(root.datasets.get('kernel'));
      expect(Object.fromEntries(group.others)).toEqual({
        dangling: 'is a link to /nowhere, where no dataset was found', upwards: 'is a link to /group, which is not followed, because it is a group',
        loop: 'is a group that it is itself in, which is not followed',
        elsewhere: 'is a link to /kernel in the file other.h5, which is not followed',
      });
    }
  });
  it('that are compact lie in a header, which has a checksum in the newer form', () => {
    const compact = (name: string): Hdf5Dataset => present(readHdf5(hdf5In(name).source).datasets.get('compact'));
    expect(compact('storage.h5').checksummed).toBeUndefined();
    const { place, checksummed } = compact('latest-storage.h5');
    expect(present(checksummed).offset).toBeLessThan(present(place).offset);
    expect(present(place).offset + present(place).length).toBeLessThanOrEqual(present(checksummed).offset + present(checksummed).length);
  });
});
