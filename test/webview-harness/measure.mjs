/** node test/webview-harness/measure.mjs: how fast both views are with 5,000 layers, and the panel with 1,000 under eight schemes. */
import { launchBrowser } from '../../scripts/chromium.mjs';
import { bundle, openView, serve } from './browser.mjs';
import { deepModel } from './models.mjs';
import { panelState, runsOf, simulate } from './simulations.mjs';
import { inspectorStates } from './states.mjs';

/** Playwright's way of handing data over is too slow for histograms; the charts do not draw them. */
function lean(run) {
  return JSON.parse(JSON.stringify(run, (key, value) => (key === 'histogram' ? undefined : value)));
}

await bundle();
const server = await serve();
const browser = await launchBrowser();

const { page } = await openView(browser, server, { view: 'inspector', state: { kind: 'reading', file: '/models/deep.onnx' } });
const report = deepModel(5000);
const shown = await page.evaluate(async (state) => {
  const start = performance.now();
  window.tell('show', state);
  await new Promise((resolve) => {
    const check = () => (document.querySelector('[data-testid="layer-row"]') ? requestAnimationFrame(resolve) : requestAnimationFrame(check));
    check();
  });
  return performance.now() - start;
}, { ...inspectorStates.resnet.state, report });
console.log(`inspector: 5,000 layers shown after ${shown.toFixed(0)} ms`);

const devtools = await page.context().newCDPSession(page);
await devtools.send('Performance.enable');
/** Seconds the page has spent so far, by kind of work. */
async function spent() {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return Object.fromEntries(metrics.filter(({ name }) => /^(Script|Layout|RecalcStyle|Task)Duration$/.test(name)).map(({ name, value }) => [name, value]));
}

const before = await spent();
const scrolling = await page.evaluate(async () => {
  const table = document.querySelector('[data-testid="layer-table"]');
  const frames = [];
  let rows = 0;
  let bare = 0;
  let last = performance.now();
  for (let frame = 0; frame < 180; frame += 1) {
    table.scrollTop += 720; // 43,000 px/s at 60 Hz: a hard flick.
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
    const drawn = document.querySelectorAll('[data-testid="layer-row"]');
    rows = Math.max(rows, drawn.length);
  }
  await new Promise(requestAnimationFrame);
  const box = table.getBoundingClientRect();
  for (let y = box.top + 40; y < box.bottom - 10; y += 26) if (!document.elementFromPoint(box.left + 60, y)?.closest('[data-testid="layer-row"]')) bare += 1;
  frames.sort((a, b) => a - b);
  return { median: frames[90], p95: frames[171], worst: frames[179], rows, bare };
});
const after = await spent();
const work = Object.fromEntries(Object.entries(after).map(([name, value]) => [name, Number(((value - before[name]) / 0.18).toFixed(1))]));
console.log('inspector: scrolling, ms per frame', scrolling, 'of which main thread', work);

const keys = await page.evaluate(() => {
  const table = document.querySelector('[data-testid="layer-table"]');
  table.focus();
  const start = performance.now();
  for (let press = 0; press < 200; press += 1) table.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
  return (performance.now() - start) / 200;
});
console.log(`inspector: ${keys.toFixed(2)} ms per arrow key`);

const layers = report.layers.map((layer) => layer.name);
const panel = await openView(browser, server, { view: 'panel', height: 320, state: panelState({
  plan: { layers, unsupported: [], runs: 15, inputs: [], notes: [] }, runs: runsOf(layers, ['current', 'recommended', 'zeros'], 2, { pace: 0.004 }).map(lean),
}) });
const drawing = await panel.page.evaluate(async (runs) => {
  const times = [];
  for (const run of runs) {
    const start = performance.now();
    window.tell('ran', { run, verdict: null, status: { kind: 'running', done: 1, total: 2, stage: 'running' } });
    await new Promise((resolve) => setTimeout(resolve, 0));
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    times.push(Math.round(performance.now() - start));
  }
  return times;
}, [lean(simulate(layers, 'current', 9, { pace: 0.004 })), lean(simulate(layers, 'recommended', 9, { pace: 0.004 }))]);
console.log('panel: 5,000 layers, ms per run that arrives', drawing);

const wide = deepModel(1000).layers.map((layer) => layer.name);
const schemes = ['current', 'recommended', 'zeros', 'xavier-normal', 'he-normal', 'lecun-normal', 'orthogonal', 'normal'];
const many = await openView(browser, server, { view: 'panel', height: 320, state: panelState({
  plan: { layers: wide, unsupported: [], runs: 24, inputs: [], notes: [] }, runs: runsOf(wide, schemes, 2, { pace: 0.004 }).map(lean),
  options: { ...panelState({}).options, schemes, seeds: 3 },
}) });
const work8 = await many.page.evaluate(async (run) => {
  const frame = () => new Promise(requestAnimationFrame);
  const timed = async (act) => {
    const start = performance.now();
    act();
    await frame();
    await new Promise((resolve) => setTimeout(resolve, 0));
    return Math.round(performance.now() - start);
  };
  const canvas = document.querySelector('[data-testid="gradient-chart"]');
  const box = canvas.getBoundingClientRect();
  const point = (share) => canvas.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + box.width * share, clientY: box.top + 40, bubbles: true }));
  const drawn = [];
  for (let i = 0; i < 5; i += 1) {
    drawn.push(await timed(() => window.tell('ran', { run: { ...run, seed: 10 + i }, verdict: null, status: { kind: 'running', done: 1, total: 24, stage: 'running' } })));
  }
  const hovered = [];
  for (let i = 0; i < 40; i += 1) hovered.push(await timed(() => point(0.1 + i * 0.02)));
  hovered.sort((a, b) => a - b);
  return { drawn, hovered: { median: hovered[20], p95: hovered[38] } };
}, lean(simulate(wide, 'he-normal', 9, { pace: 0.004 })));
console.log('panel: 1,000 layers x 8 schemes, ms until the frame of one more result, and of a hover', work8);
await browser.close();
server.close();
