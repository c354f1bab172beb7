/** Tables and folders of images as samples. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';

import { readCsv } from '../../../../src/formats/samples/csv';
import { readImages } from '../../../../src/formats/samples/images';
import { createFolder, createWriter } from '../../support/temporary';

const folder = createFolder();
const write = createWriter(folder);

describe('a table', () => {
  it('has features, and classes by name in the last column', () => {
    const table = readCsv(write('iris.csv', 'a,b,species\n1,2,rose\n3,4,lily\n\n5,"6",rose\n'), 2);
    expect(table).toMatchObject({ rows: 3, target: { names: ['lily', 'rose'], column: 'species' } });
    expect([[...table.features], [...table.target?.values ?? []]]).toEqual([[1, 2, 3, 4, 5, 6], [1, 0, 1]]);
  });

  it('has its target where the heading says so, and needs none', () => {
    const named = readCsv(write('named.csv', '\uFEFFlabel;p;q\n3;0.5;1e-3\n4;-1;2\n'), 2);
    expect([[...named.target?.values ?? []], named.target?.names]).toEqual([[3, 4], null]);
    expect(named.features[1]).toBeCloseTo(1e-3);
    expect(readCsv(write('bare.csv', '1,2,0\n3,4,1\n'), 2)).toMatchObject({ rows: 2, target: { column: 'column 3' } });
    expect(readCsv(write('all.csv', '1\t2\n3\t4\n'), 2)).toMatchObject({ rows: 2, target: null });
  });

  it('takes a label that is missing for no class', () => {
    const { target } = readCsv(write('gaps.csv', 'a,y\n1,cat\n2,\n3,n/a\n4,ant\n'), 1);
    expect(target).toEqual({ column: 'y', names: ['ant', 'cat'], values: Float32Array.of(1, NaN, NaN, 0) });
  });

  it('loses no row where there are no headings', () => {
    const table = readCsv(write('flowers.csv', '5.1,3.5,rose\n4.9,3,lily\n'), 2);
    expect([table.rows, table.target?.names, [...table.features.slice(0, 1)]]).toEqual([2, ['lily', 'rose'], [Math.fround(5.1)]]);
    expect(readCsv(write('numbered.csv', '0,1,label\n5,3,rose\n'), 2)).toMatchObject({ rows: 1, target: { column: 'label', names: ['rose'] } });
  });

  it.each([
    ['a,b,y\n1,x,0\n', 'line 2: b is "x", and a number is needed.'], ['a,b,y\n1,2,0\n1,,0\n', 'line 3: b is nothing, and a number is needed.'],
    ['a,b,y\n1,2,0\n1,0\n', 'line 3: 2 cells are there, and 3 in the lines before.'],
    ['a,b,c,d\n1,2,3,4\n', 'has 1 row of 4 columns; 2 are expected'], ['', 'has 0 rows of 0 columns'],
    ['a,"b\n1,2', 'cannot be read as CSV'], ['a,b,y\n', 'has headings and no rows below them.'],
    ['NaN,2,0\n3,4,1\n', 'line 1: column 1 is "NaN", and a number is needed.'], ['1,2,0\n\n\n,4,1\n', 'line 4: column 1 is nothing'],
    ['a;b;y\n0,5;1;0\n', 'line 2: a is "0,5", and a number is needed. Write it with a point.'],
  ])('%j is refused with the place, if it is no table', (text, said) => {
    expect(() => readCsv(write('odd.csv', text), 2)).toThrow(said);
  });
});

/** A picture of one colour, its upper left quarter black. */
function colours(size: number, [red, green, blue]: readonly [number, number, number]): Buffer {
  return Buffer.from(Array.from({ length: size * size }, (_, i) => {
    const isDark = i % size < size / 2 && Math.floor(i / size) < size / 2;
    return isDark ? [0, 0, 0, 255] : [red, green, blue, 255];
  }).flat());
}

function png(size: number, colour: readonly [number, number, number]): Buffer {
  const image = new PNG({ width: size, height: size });
  colours(size, colour).copy(image.data);
  return PNG.sync.write(image);
}

describe('a folder of images', () => {
  const images = path.join(folder, 'images');
  for (const label of ['cat', 'dog']) mkdirSync(path.join(images, label), { recursive: true });
  writeFileSync(path.join(images, 'cat', '1.png'), png(4, [255, 0, 0]));
  writeFileSync(path.join(images, 'dog', '1.jpg'), jpeg.encode({ width: 16, height: 16, data: colours(16, [0, 0, 255]) }, 100).data);
  writeFileSync(path.join(images, 'dog', 'notes.txt'), 'no image');

  it('has a label for each folder, and every image in one size', () => {
    const { data, count, labels, names } = readImages(images, { height: 2, width: 2, channels: 3 });
    expect([count, [...labels], names]).toEqual([2, [0, 1], ['cat', 'dog']]);
    expect([...data.slice(0, 12)]).toEqual([0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(data[12 + 9]).toBeCloseTo(1, 1);
    expect(data[12]).toBeCloseTo(0, 1);
  });

  it('is grey for one channel, and larger where that is asked for', () => {
    const { data } = readImages(images, { height: 8, width: 8, channels: 1 });
    expect(data[63]).toBeCloseTo(0.299, 5);
    expect(data[0]).toBe(0);
  });

  it('takes what systems leave behind for no label, and a picture for what its bytes say', () => {
    const left = path.join(folder, 'left');
    for (const label of ['.ipynb_checkpoints', '__MACOSX', 'cat']) mkdirSync(path.join(left, label), { recursive: true });
    writeFileSync(path.join(left, '.ipynb_checkpoints', '1.png'), png(4, [1, 2, 3]));
    writeFileSync(path.join(left, 'cat', '._1.jpg'), 'a resource fork');
    writeFileSync(path.join(left, 'cat', '1.jpg'), png(4, [255, 0, 0]));
    const { names, count, data } = readImages(left, { height: 2, width: 2, channels: 1 });
    expect([names, count]).toEqual([['cat'], 1]);
    expect(data[3]).toBeCloseTo(0.299, 5);
  });

  it('does not follow links out of it', () => {
    const outside = path.join(folder, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'secret.png'), png(4, [9, 9, 9]));
    symlinkSync(outside, path.join(images, 'linked'));
    expect(readImages(images, { height: 2, width: 2, channels: 3 }).names).toEqual(['cat', 'dog']);
  });

  it('is refused where it has none, or one that is broken', () => {
    const empty = path.join(folder, 'empty');
    mkdirSync(path.join(empty, 'label'), { recursive: true });
    expect(() => readImages(empty, { height: 2, width: 2, channels: 3 })).toThrow('has no images');
    const broken = path.join(folder, 'broken');
    mkdirSync(path.join(broken, 'one'), { recursive: true });
    writeFileSync(path.join(broken, 'one', 'a.png'), png(4, [1, 2, 3]).subarray(0, 40));
    expect(() => readImages(broken, { height: 2, width: 2, channels: 3 })).toThrow(/a\.png cannot be read as an image/);
  });
});
