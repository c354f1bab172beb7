import type { Sample } from './sample';
import { noise, sample } from './sample';

const equations: readonly (readonly [string, ...(readonly number[])[]])[] = [
  ['ij,jk->ik', [3, 4], [4, 2]],
  ['bhqd,bhkd->bhqk', [2, 2, 3, 4], [2, 2, 5, 4]],
  ['bqhd,bkhd->bhqk', [2, 3, 2, 4], [2, 2, 2, 4]],
  ['bhqk,bkhd->bqhd', [1, 2, 3, 4], [1, 4, 2, 2]],
  ['bi,oi->bo', [3, 4], [2, 4]],
  ['bi,oij,bj->bo', [2, 3], [4, 3, 2], [2, 2]],
  ['i,j->ij', [3], [4]],
  ['ij,ij->i', [2, 3], [2, 3]],
  ['ij->ji', [2, 3]],
  ['ij->j', [2, 3]],
  ['ij->', [2, 3]],
  ['ij,ij->', [2, 3], [2, 3]],
  ['ij,k->i', [2, 3], [4]],
  ['ii->i', [3, 3]],
  ['ii->', [3, 3]],
  ['bii,i->b', [2, 3, 3], [3]],
  ['ij,jk', [2, 3], [3, 2]],
  ['ba', [2, 3]],
  ['i,->i', [3], []],
  [',->', [], []],
  ['...ij,...jk->...ik', [2, 3, 4], [2, 4, 2]],
  ['...ij,jk->...ik', [2, 2, 3, 4], [4, 2]],
  ['...ij,...jk', [3, 2, 4], [3, 4, 2]],
  ['b...d,d->b...', [2, 3, 2, 4], [4]],
  ['i...->...', [3, 2]],
  ['bn ... , bn -> b ...', [2, 3, 2], [2, 3]],
];

export const einsum: readonly Sample[] = [
  ...equations.map(([equation, ...shapes]) => sample('Einsum', equation, { Inputs: shapes.map((shape) => noise(shape)) }, { equation })),
  sample('Einsum', 'an axis of one is broadcast', { Inputs: [noise([2, 1]), noise([2, 3])] }, { equation: 'ij,ij->ij' }),
  sample('Einsum', 'an ellipsis is broadcast', { Inputs: [noise([1, 2, 3]), noise([2, 1, 3])] }, { equation: '...i,...i->...' }),
];
