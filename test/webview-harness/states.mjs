/** Every state worth looking at, by name: which view, what it is told, and what is done to it. */
import { curious, deepModel, hostile, resnet } from './models.mjs';
import { previewOf } from './previews.mjs';
import { machinesAt, pretrainingView } from './machines.mjs';
import { trainedRun, trainedRuns, trainingOptions, trainingView } from './trainings.mjs';
import { chainOf, layersOf, residualOf, showGraph } from './graphs.mjs';
import { mlp, options, panelState, runsOf, schemes } from './simulations.mjs';

const ready = (report, change = {}) => ({
  kind: 'ready', report, total: report.layers.length, schemes, readOnly: null, notRunnable: null, limits: [], progress: { kind: 'finished', measured: 161, total: 161 },
  headline: { text: '3 of 55 layers will not carry a signal: layer3.1.conv2 is all zero, layer2.0.downsample.0 holds NaN, and fc is 31.2× too wide for tanh.', severity: 'error' },
  ...change,
});
const broken = { code: 'unsupported-file', message: 'resnet50.onnx ends in the middle of a tensor (byte 1,048,576 of 102,334,368). Download it again, or check that Git LFS has fetched it.' };
const empty = { ...resnet(), layers: [], diagnostics: [], parameters: 0, storedFloats: 0, storedBytes: 0 };
const convs = resnet().layers.slice(0, 53).map((layer) => layer.name);
const hides = convs.slice(20, 26);

const calm = { headline: { text: 'All 6 kernels are within 3× of the scale their layers need.', severity: 'ok' } };

export const inspectorStates = {
  'reading': { state: { kind: 'reading', file: '/models/resnet50.onnx' } },
  'failed': { state: { kind: 'failed', file: '/home/user/models/resnet50.onnx', error: broken } },
  'empty': { state: ready(empty, { headline: { text: 'There is nothing to initialize here.', severity: 'info' } }) },
  'resnet': { state: ready(resnet()) },
  'resnet-selected': { state: ready(resnet()), act: (page) => page.click('[data-layer="conv1"]') },
  'resnet-wide-weight': { state: ready(resnet()), reveal: 'fc' },
  'resnet-zero': { state: ready(resnet()), reveal: 'layer3.1.conv2' },
  'resnet-frozen': { state: ready(resnet(), { readOnly: 'The file is read-only', notRunnable: 'The workspace is not trusted' }), reveal: 'stft' },
  'resnet-filter': { state: ready(resnet()), act: async (page) => {
    await page.click('[data-testid="segment-attention"]');
    await page.click('[data-testid="override-scheme"]').catch(() => undefined);
  } },
  'resnet-menu': { state: ready(resnet()), reveal: 'fc', act: (page) => page.click('[data-testid="override-scheme"]') },
  'preview': { state: ready(resnet()), act: (page) => page.evaluate((preview) => window.tell('preview', { preview }), previewOf(resnet())) },
  'curious-lstm': { state: ready(curious(), calm), reveal: 'encoder.lstm' },
  'curious-tied': { state: ready(curious(), calm), reveal: 'token_embedding', act: (page) => page.click('[data-testid="signature"] summary') },
  'curious-quantised': { state: ready(curious(), calm), reveal: 'quantised_conv' },
  'curious-fans': { state: ready(curious(), calm), reveal: 'deconv' },
  'curious-computed': { state: ready(curious(), { ...calm, readOnly: 'What is behind "git:" can be inspected, but not written or run. To do so, open the file itself.',
    limits: ['It was loaded whole, which is done up to 256 MB; weights in other files (external data) are not followed.'] }), reveal: 'filled' },
  'hostile': { state: ready(hostile(), { ...calm, headline: { text: `1 of 7 layers: ${'x'.repeat(2 ** 16)}`, severity: 'warning' } }), reveal: '\u202egnp.exe' },
  'measuring': { state: ready(deepModel(5000), { ...calm, progress: { kind: 'running', measured: 1234, total: 5000 } }), act: (page) => page.waitForSelector('[data-testid="stop-measuring"]') },
  'stopped': { state: ready(deepModel(5000), { ...calm, progress: { kind: 'stopped', measured: 1234, total: 5000 } }) },
  'deep': { state: ready(deepModel(5000), { headline: { text: 'Every layer will carry a signal.', severity: 'ok' } }), act: async (page) => {
    await page.evaluate(() => window.tell('measured', { weights: [], assessments: [], progress: { kind: 'running', measured: 4001, total: 5000 } }));
    await page.focus('[data-testid="layer-table"]');
    await page.keyboard.press('End');
  } },
};

const learns = (change, act) => ({ state: panelState({}), training: trainingView(change), ...(act ? { act } : {}) });
const early = { verdict: null, trials: [] };
const crashed = { code: 'engine-crashed', message: 'The engine process was killed, most likely because memory ran out. Use a smaller batch, then run again.' };

/** Of the First Steps page. */
const trainingStates = {
  'training-idle': learns({ ...early, status: { kind: 'idle' }, plan: null, runs: [] }),
  'training-planning': learns({ ...early, status: { kind: 'planning' }, plan: null, runs: [] }),
  'training-finding': learns({ verdict: null, status: { kind: 'running', done: 0, total: 3000 }, runs: [] }),
  'training-running': learns({ verdict: null, status: { kind: 'running', done: 1230, total: 3000 }, runs: [...trainedRuns().slice(0, 6), trainedRun('zeros', 0, { made: 30 })] }),
  'training-held': learns({ verdict: null, status: { kind: 'held', done: 1230, total: 3000 }, runs: trainedRuns().slice(0, 6) }),
  'training-stopped': learns({ verdict: null, status: { kind: 'stopped', done: 1230, total: 3000 }, runs: trainedRuns().slice(0, 6) }),
  'training-failed': learns({ ...early, status: { kind: 'failed', error: { code: 'unsupported', message: 'labels.csv: sample 12 has the label 11, and the network knows 10 classes (0 to 9). Correct the label, or give data of its classes.' } }, plan: null, runs: [] }),
  'training-failed-late': learns({ verdict: null, status: { kind: 'failed', error: crashed }, runs: trainedRuns({ made: 150 }).map((run) => ({ ...run, end: { kind: 'crashed', step: 150, message: crashed.message } })) }),
  'training-finished': learns({}),
  'training-fixed-rate': learns({ trials: [], options: { ...trainingOptions, rate: 0.003, data: { kind: 'built-in', name: 'digits' } } }),
  'training-past': learns({ isPast: true }),
  'training-hover': learns({}, async (page) => {
    const box = await page.locator('[data-testid="cost-chart"]').boundingBox();
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2);
  }),
  'training-log': learns({}, (page) => page.click('[data-testid="log-scale"]')),
  'training-accuracy': { ...learns({}), stored: { trainingCurve: 'accuracy' } },
  'training-updates': { ...learns({}), stored: { trainingLayers: 'update' } },
  'training-gradients': { ...learns({}, async (page) => {
    await page.focus('[data-testid="scrubber"]');
    await page.keyboard.press('Home');
  }), stored: { trainingLayers: 'gradient' } },
  'training-table': { ...learns({}), stored: { trainingTable: true } },
  'training-apply': learns({}, (page) => page.click('[data-testid="apply-trained"]')),
};

const pretrains = (change, stored) => ({ state: panelState({}), pretraining: pretrainingView(change), ...(stored ? { stored } : {}) });

/** Of the Pre-training page. */
const machineStates = {
  'machines-idle': pretrains({ status: { kind: 'idle' }, plan: null, machines: [], learned: [] }),
  'machines-running': pretrains({ status: { kind: 'running', done: 34, total: 80 }, machines: machinesAt(36), learned: ['layers.0'] }),
  'machines-finished': pretrains({}),
  'machines-divergence': pretrains({}, { monitor: 'divergence' }),
  'machines-stopped': pretrains({ status: { kind: 'stopped', done: 34, total: 80 }, ended: 'Stopped in epoch 14 of layers.1.', machines: machinesAt(36), learned: ['layers.0', 'layers.1'] }),
  'machines-failed': pretrains({ status: { kind: 'failed', error: { code: 'invalid-input', message: 'data.npz: the values go from -3 to 4.1, and units that are on or off take 0 to 1. Choose Gaussian visible units, or scale them.' } }, plan: null, machines: [], learned: [] }),
};

const [small, large] = [residualOf(3, 2), residualOf(4, 6)];
const graphOf = (graph, change = {}) => panelState({
  plan: { layers: layersOf(graph), unsupported: [], runs: 15, inputs: ['x [8, 3, 32, 32] normal'], notes: [] }, runs: runsOf(layersOf(graph), options.schemes, 5, { pace: 0.5 }), ...change,
});

/** With the network as a graph. */
const graphStates = {
  'graph-chain': { state: panelState({}), act: (page) => showGraph(page, chainOf(mlp)) },
  'graph-residual': { state: graphOf(small), act: (page) => showGraph(page, small) },
  'graph-both': { state: graphOf(small), stored: { graphOpen: true, graphShown: 'both' }, act: (page) => showGraph(page, small) },
  'graph-large': { state: graphOf(large), act: async (page) => {
    await showGraph(page, large);
    await page.locator('[data-testid="graph-unfold"]').nth(1).click();
  } },
  'graph-whole': { state: graphOf(large), act: async (page) => {
    await showGraph(page, large);
    await page.click('[data-testid="graph-fit"]');
  } },
  'sweep': { state: graphOf(small), act: async (page) => {
    await showGraph(page, small);
    await page.click('[data-testid="show-sweep"]');
    for (let i = 0; i < 8; i++) await page.click('[data-testid="sweep-on"]');
  } },
};

export const panelStates = {
  ...graphStates,
  ...machineStates,
  ...trainingStates,
  'empty': { state: { kind: 'empty' } },
  'unavailable': { state: { kind: 'unavailable', file: '/models/a.onnx', error: { code: 'runtime', message: 'ONNX Runtime could not be loaded: the Visual C++ redistributable is missing. Install it from Microsoft, then run again.' } } },
  'idle': { state: panelState({ status: { kind: 'idle' }, plan: null, verdict: null, runs: [] }) },
  'planning': { state: panelState({ status: { kind: 'running', done: 0, total: 15, stage: 'planning' }, plan: null, verdict: null, runs: [] }) },
  'running': { state: panelState({ status: { kind: 'running', done: 7, total: 15, stage: 'running' }, runs: runsOf(mlp, ['current', 'recommended'], 3) }) },
  'cancelled': { state: panelState({ status: { kind: 'cancelled', done: 4, total: 15 }, runs: runsOf(mlp, ['current'], 4) }) },
  'failed': { state: panelState({ status: { kind: 'failed', error: { code: 'engine', message: 'ONNX Runtime ran out of memory while running conv_7 with a batch of 512. Lower the batch.' } }, verdict: null, runs: [] }) },
  'failed-late': { state: panelState({ status: { kind: 'failed', error: { code: 'engine', message: 'The engine process ended unexpectedly (SIGKILL). It may have run out of memory.' } }, runs: runsOf(mlp, ['current'], 2) }) },
  'finished': { state: panelState({}) },
  'finished-hover': { state: panelState({}), act: async (page) => {
    const box = await page.locator('[data-testid="activation-chart"]').boundingBox();
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2);
  } },
  'before': { state: panelState({ options: { ...options, schemes: ['current', 'recommended'] }, runs: runsOf(mlp, ['recommended'], 5).flatMap((run) => [run, { ...run, scheme: 'current' }]), earlier: { name: 'before', runs: runsOf(mlp, ['current'], 5) },
    verdict: { text: 'With the current weights the gradient stays within 1.8× over all 18 layers.', severity: 'ok', remedy: null } }) },
  'all-schemes': { state: panelState({ options: { ...options, schemes: schemes.map((scheme) => scheme.id) }, runs: runsOf(mlp, schemes.map((scheme) => scheme.id), 5, { breaksAt: 12 }) }) },
  'resnet-gap': {
    state: panelState({
      file: '/models/resnet50.onnx', options: { ...options, schemes: ['current', 'recommended', 'he-normal'] },
      plan: { layers: convs, runs: 15, inputs: ['x [8, 3, 224, 224] normal'], notes: ['Dropout is off.', 'Batch of 8 because the model leaves it open.'],
        unsupported: [{ node: '/layer3/NonZero', op: 'NonZero', reason: 'The shape of its output depends on the data.', hides }] },
      runs: runsOf(convs, ['current', 'recommended', 'he-normal'], 5, { hides, breaksAt: 40, pace: 0.3 }),
    }),
    act: async (page) => {
      await page.focus('[data-testid="activation-pane"] .chart-frame');
      for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    },
  },
  'dimensions': { state: panelState({ dimensions: ['sequence', 'past_sequence'], options: { ...options, dims: { sequence: 64 } } }) },
  'table': { state: panelState({}), act: (page) => page.click('[data-testid="show-table"]') },
  'add-menu': { state: panelState({}), act: (page) => page.click('[data-testid="add-scheme"]') },
};
