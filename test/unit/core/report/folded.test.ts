import { describe, expect, it } from 'vitest';

import { detectLayers } from '../../../../src/core/layers/detect';
import { foldedFindings } from '../../../../src/core/report/folded';
import { NetworkBuilder } from '../../support/graphs';

function findingsOf(build: (b: NetworkBuilder) => string): readonly string[] {
  const builder = new NetworkBuilder();
  const graph = builder.finish(build(builder));
  return foldedFindings(graph, detectLayers(graph)).map(({ code, message }) => `${code}: ${message}`);
}

/** A convolution with these names, and an ordinary one behind it. */
const found = (kernel: string, bias: string, node = '/c1/Conv'): readonly string[] => findingsOf((b) => {
  const inputs = [b.input('x', 'float32', [1, 4, 8, 8]), b.weight(kernel, [4, 4, 3, 3]), ...(bias === '' ? [] : [b.weight(bias, [4])])];
  b.append({ name: node, domain: '', op: 'Conv', inputs, outputs: ['h'], attributes: {} });
  return b.add('Conv', ['h', b.weight('c2.weight', [4, 4, 3, 3]), b.weight('c2.bias', [4])]);
});

describe('batch norms that were folded into kernels', () => {
  it.each([
    ['PyTorch’s TorchScript exporter, which names kernel and bias anew', 'onnx::Conv_31', 'onnx::Conv_32', '/c1/Conv'],
    ['the same, quantised', 'onnx::Conv_31_quantized', 'onnx::Conv_32_quantized', '/c1/Conv'],
    ['TensorFlow, which names a kernel it multiplies', 'net/c1/convolution/merged_input:0', '', 'c1'],
    ['TensorFlow, whose product bears the name of the norm', 'kernel', 'const_fold_opt__5', 'net/b1/batchnorm/mul_1'],
    ['TensorFlow 1', 'kernel', 'const_fold_opt__5', 'net/b1/FusedBatchNormV3'],
  ])('are told by the names of %s', (_, kernel, bias, node) => {
    const [message, ...others] = found(kernel, bias, node);
    expect(message).toContain('inference-export: This was exported for inference: a batch norm was folded into a kernel');
    expect(message).toContain(kernel);
    expect(others).toEqual([]);
  });

  it.each([
    ['names are the author’s', 'c1.weight', 'c1.bias', '/c1/Conv'], ['only the kernel was made anew', 'onnx::Conv_31', 'c1.bias', '/c1/Conv'],
    ['there is no bias, which a norm would leave', 'onnx::Conv_31', '', '/c1/Conv'], ['a layer is called so', 'kernel', 'bias', 'net/batchnorm/Conv2D'],
  ])('are not claimed where %s', (_, kernel, bias, node) => {
    expect(found(kernel, bias, node)).toEqual([]);
  });
});

describe('batch norms that no kernel has taken in', () => {
  it('are told by the name of their factor', () => {
    const [message, ...others] = findingsOf((b) => {
      const scaled = b.add('Mul', [b.input('x', 'float32', ['n', 4]), b.weight('net/b1/batchnorm/mul:0', [4])]);
      return b.add('MatMul', [b.add('Add', [scaled, b.weight('const_fold_opt__5', [4])]), b.weight('w', [4, 3])]);
    });
    expect(message).toBe('inference-export: This was exported for inference: a batch norm is a product with a constant (as the names that its exporter '
      + 'gives tell: net/b1/batchnorm/mul:0). Such constants are not reset.');
    expect(others).toEqual([]);
  });
});
