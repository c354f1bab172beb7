/** Large models for measuring, written without being held in memory. */
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

import { GraphBuilder } from '../../src/core/graph/builder';
import { sampleFloat32 } from '../../src/core/initializers/sampling';
import { encodeModel } from '../../src/formats/onnx/encode';
import { emptyGraph } from '../unit/support/graphs';
import { concat, external, int, message, model, node, tensor, text, types, valueInfo, varint } from '../unit/support/protobuf';

/** A chain of `count` MatMuls of width × width; with holes for weights, or with bytes. */
export function writeChain(file: string, count: number, width: number, filled: boolean): void {
  const names = Array.from({ length: count }, (_, i) => `w${i}`);
  const size = 4 * width * width;
  const heads = names.map((name) => {
    const head = concat(int(1, width), int(1, width), int(2, 1), text(8, name), [9 * 8 + 2], varint(size));
    return concat([5 * 8 + 2], varint(head.length + size), head);
  });
  const nodes = names.map((name, i) => message(1, node('MatMul', [i === 0 ? 'x' : `h${i - 1}`, name], [`h${i}`])));
  const rest = concat(...nodes, text(2, 'main'), message(11, valueInfo('x', ['n', width])), message(12, valueInfo(`h${count - 1}`, ['n', width])));
  const length = rest.length + heads.reduce((sum, head) => sum + head.length + size, 0);
  const descriptor = openSync(file, 'w');
  let at = 0;
  const write = (bytes: Uint8Array): void => { at += writeSync(descriptor, bytes, 0, bytes.length, at); };
  write(concat(int(1, 8), message(8, text(1, ''), int(2, 17)), [7 * 8 + 2], varint(length), rest));
  const payload = new Uint8Array(size).map((_, i) => (i * 7) & 0x3f);
  for (const head of heads) {
    write(head);
    if (filled) write(payload);
    else at += size;
  }
  ftruncateSync(descriptor, at);
  closeSync(descriptor);
}

/** The same chain, with its weights in a file of holes beside it: the path of that. */
export function writeExternalChain(file: string, count: number, width: number): string {
  const data = file.replace(/\.onnx$/, '.bin');
  const size = 4 * width * width;
  const nodes = Array.from({ length: count }, (_, i) => node('MatMul', [i === 0 ? 'x' : `h${i - 1}`, `w${i}`], [`h${i}`]));
  const initializers = nodes.map((_, i) => tensor(`w${i}`, types.float32, [width, width], external({
    location: path.basename(data), offset: String(i * size), length: String(size),
  })));
  writeFileSync(file, model({ nodes, initializers, inputs: [valueInfo('x', ['n', width])], outputs: [valueInfo(`h${count - 1}`, ['n', width])] }));
  const descriptor = openSync(data, 'w');
  ftruncateSync(descriptor, count * size);
  closeSync(descriptor);
  return data;
}

/** Linear layers with ReLU between them. */
export function encodeMlp(layers: number, width: number): Uint8Array {
  const b = new GraphBuilder(emptyGraph);
  let x = b.input('x', 'float32', ['batch', width]);
  for (let i = 0; i < layers; i++) {
    b.initializer(`w${i}`, { id: '', dtype: 'float32', shape: [width, width], storage: 'raw', place: null, values: null });
    x = b.add('Relu', [b.add('Gemm', [x, `w${i}`], { transB: 1 })]);
  }
  b.output(x, 'float32');
  const std = Math.sqrt(2 / width);
  return encodeModel(b.build(), (tensorId) => {
    const blocks = [{ sampler: { kind: 'normal', mean: 0, std } }] as const;
    const data = sampleFloat32({ version: 1, tensorId, seed: 0, blocks, origin: { scheme: 'normal', title: '' } }, [width, width]);
    return new Uint8Array(data.buffer);
  });
}
