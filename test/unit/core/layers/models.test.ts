import { describe, expect, it } from 'vitest';

import type { ModelReport } from '../../../../src/protocol/report';
import { createReport } from '../../../../src/core/report/report';
import { openModelFile } from '../../../../src/formats/openModel';
import { present } from '../../support/graphs';
import { hasRealModels, realModel, samples } from '../../support/models';

function reportOn(file: string): ModelReport {
  return createReport({ ...openModelFile(file), statistics: new Map(), applied: new Map() });
}

describe.each(samples)('the sample %s', (file) => {
  it('is known in every part', () => {
    const report = reportOn(file);
    expect(report.layers.length).toBeGreaterThan(5);
    expect(report.diagnostics.map(({ code }) => code)).toEqual(file.includes('sigmoid') ? ['sigmoid-chain'] : []);
    expect(report.layers.filter((layer) => layer.weights.some((weight) => weight.frozen?.includes('no initialisation rule') ?? false))).toEqual([]);
    expect(report.parameters).toBeGreaterThan(1000);
  });
});

describe.skipIf(!hasRealModels)('networks written by others', () => {
  /** Parameters and floats counted by an independent program with the `onnx` Python package. */
  it.each([
    ['face/version-RFB-320.onnx', 276_292, 307_624, 9], ['mnist/opt-mnist.onnx', 5994, 5994, 8],
    ['marabou/ACASXU_experimental_v2a_1_1.onnx', 13_305, 13_310, 8], ['marabou/mnist5x20_leaky_relu.onnx', 18_010, 18_010, 11],
    ['marabou/tanh_test.onnx', 68_124, 68_124, 9], ['policy/Ships.onnx', 47_554, 47_554, 9],
    ['silero/silero_vad_16k_op15.onnx', 309_635 - 258 * 256 - 2, 309_635, 15], ['onnx-light/light_squeezenet.onnx', 1_235_496, 640, 9],
  ])('%s has its parameters', (name, parameters, storedFloats, opset) => {
    const report = reportOn(realModel(name));
    expect({ parameters: report.parameters, storedFloats: report.storedFloats, opset: report.opset }).toEqual({ parameters, storedFloats, opset });
  });
  it.each([['dtln/model_1.onnx', 363_393], ['gtcrn/gtcrn_simple.onnx', 48_228]])('%s has its floats', (name, storedFloats) => {
    expect(reportOn(realModel(name)).storedFloats).toBe(storedFloats);
  });
  it.each([
    ['face/version-RFB-320.onnx', { Conv: 52, BatchNormalization: 35 }], ['mnist/opt-mnist.onnx', { Conv: 2, Gemm: 1 }],
    ['marabou/ACASXU_experimental_v2a_1_1.onnx', { MatMul: 7 }], ['marabou/mnist5x20_leaky_relu.onnx', { Gemm: 7 }],
    ['marabou/tanh_test.onnx', { MatMul: 5 }], ['policy/Ships.onnx', { Gemm: 3 }], ['silero/silero_vad_16k_op15.onnx', { Conv: 6 }],
    ['gtcrn/gtcrn_simple.onnx', { Conv: 11, MatMul: 12, BatchNormalization: 11, PRelu: 15 }],
  ])('%s has its layers', (name, expected) => {
    const { layers } = reportOn(realModel(name));
    const counts = Object.fromEntries(Object.keys(expected).map((op) => [op, layers.filter((layer) => layer.op === op).length]));
    expect(counts).toEqual(expected);
    expect(new Set(layers.map((layer) => layer.name)).size).toBe(layers.length);
  });
  it.each([
    ['face/version-RFB-320.onnx', 'base_net.0.0', '3×3, stride 2', 27, 36, 'Relu', 'BatchNormalization'],
    ['face/version-RFB-320.onnx', 'base_net.1.0', '3×3, depthwise', 9, 9, 'Relu', 'BatchNormalization'],
    ['face/version-RFB-320.onnx', 'base_net.2.0', '3×3, stride 2, depthwise', 9, 2.25, 'Relu', 'BatchNormalization'],
    ['mnist/opt-mnist.onnx', 'Parameter5', '5×5', 25, 200, 'Relu', null],
    ['mnist/opt-mnist.onnx', 'Parameter87', '5×5', 200, 400, 'Relu', null],
    ['mnist/opt-mnist.onnx', 'Parameter193_reshape1', '', 256, 10, 'linear', null],
    ['marabou/ACASXU_experimental_v2a_1_1.onnx', 'Operation_1', '', 5, 50, 'Relu', null],
    ['marabou/ACASXU_experimental_v2a_1_1.onnx', 'linear_7', '', 50, 5, 'linear', null],
    ['marabou/tanh_test.onnx', 'model/model/fc_2', '', 256, 256, 'Tanh', null],
    ['marabou/mnist5x20_leaky_relu.onnx', 'fc1', '', 784, 20, 'LeakyRelu', null],
    ['policy/Ships.onnx', 'mlp_extractor.policy_net.0', '', 675, 64, 'Tanh', null],
    ['silero/silero_vad_16k_op15.onnx', 'model.encoder.1.reparam_conv', '3, stride 2', 384, 96, 'Relu', null],
  ])('in %s, %s (%s) has its fans', (name, layerName, detail, fanIn, fanOut, activation, normalization) => {
    const layer = present(reportOn(realModel(name)).layers.find((each) => each.name === layerName));
    expect(layer).toMatchObject({ detail, activation, normalization });
    expect(layer.weights.find((weight) => weight.role === 'kernel')).toMatchObject({ fanIn, fanOut });
  });
  it('the STFT basis of silero is left alone', () => {
    const [stft] = reportOn(realModel('silero/silero_vad_16k_op15.onnx')).layers;
    expect(stft?.weights[0]?.frozen).toContain('fixed transform');
  });
});
