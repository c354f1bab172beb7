/** node test/webview-harness/behaviour.mjs: what both views ask of the host, remember, and put into their tables. */
import assert from 'node:assert/strict';
import { launchBrowser } from '../../scripts/chromium.mjs';
import { bundle, openView, serve } from './browser.mjs';
import { mlp, panelState, simulate } from './simulations.mjs';
import { inspectorStates } from './states.mjs';
import { themes } from './themes.mjs';

await bundle();
const server = await serve();
const browser = await launchBrowser();
const calls = (page) => page.evaluate(() => window.posted.filter(({ kind }) => kind === 'call').map(({ method, params }) => [method, params]));
const lastCall = async (page) => (await calls(page)).at(-1);
/** What is asked of the host behind a pause. */
const called = async (page, wanted, act) => {
  const before = (await calls(page)).length;
  await act();
  await page.waitForFunction(([method, known]) => (
    window.posted.filter(({ kind }) => kind === 'call').slice(known).some((call) => call.method === method)), [wanted, before]);
  return (await calls(page)).findLast(([method]) => method === wanted)[1];
};
const complaints = [];

{
  const opened = await openView(browser, server, { view: 'inspector', ...inspectorStates.resnet });
  const { page } = opened;
  await page.click('[data-testid="fix"]');
  assert.deepEqual(await lastCall(page), ['reinitialize', { layers: ['layer2.0.downsample.0', 'layer3.1.conv2', 'fc'], scheme: null }]);
  await page.click('[data-testid="reinitialize"]');
  assert.deepEqual(await lastCall(page), ['reinitialize', { layers: null, scheme: null }]);
  await page.click('[data-testid="layer-row"][data-layer="conv1"]');
  await page.click('[data-testid="override-scheme"]');
  await page.click('[data-testid="override-zeros"]');
  assert.deepEqual(await lastCall(page), ['reinitialize', { layers: ['conv1'], scheme: 'zeros' }]);
  const answer = (response) => page.evaluate((value) => {
    const { id, params } = window.posted.findLast(({ kind, method }) => kind === 'call' && method === 'foresee');
    window.postMessage({ kind: 'result', id, value }, '*');
    return params;
  }, response);
  assert.equal(await page.locator('[data-testid="layer-response"]').count(), 0);
  const response = { perpendicular: 0.84, parallel: 0.46, depthScale: 5.74, fixedPoint: { variance: 0.52, isStable: true }, stack: 'towards zero',
    toInput: 0.1, toOutput: 2, spread: 0.1 };
  assert.deepEqual(await answer({ response, throughTime: null }), { layer: 'conv1' });
  await page.locator('[data-testid="layer-response"]').getByText('variance 0.840× per layer (χ⊥), e-fold in 5.74 layers').waitFor();
  const change = { layers: [], assessments: [], general: [], headline: { text: 'All well.', severity: 'ok' }, forgotten: [],
    progress: { kind: 'finished', measured: 161, total: 161 } };
  await page.evaluate((params) => window.tell('changed', params), change);
  await page.waitForFunction(() => window.posted.filter(({ method }) => method === 'foresee').length === 2);
  assert.equal(await page.locator('[data-testid="layer-response"]').count(), 1, 'what is known stands until it is answered anew');
  await answer({ response: null, throughTime: { steps: 64, arrived: 2.5e-5, perStep: 0.845, reach: 27 } });
  await page.locator('[data-testid="layer-through-time"]').getByText('after 27 of 64 steps').waitFor();
  assert.equal(await page.locator('[data-testid="layer-response"]').count(), 0);
  await page.focus('[data-testid="layer-table"]');
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.getAttribute('[data-testid="layer-detail"]', 'data-layer'), 'layer1.0.conv1');
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'filter');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'layer-table');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  assert.equal(await page.isVisible('[data-testid="layer-detail"]'), false);
  await page.click('[data-testid="sort-fanIn"]');
  await page.click('[data-testid="sort-fanIn"]');
  await page.locator('[data-testid="filter"]').locator('input').fill('layer4');
  assert.equal(await page.locator('[data-testid="layer-row"]').first().getAttribute('data-layer'), 'layer4.0.conv2');
  await page.click('[data-testid="layer-row"][data-layer="layer4.2.conv3"]');
  await page.evaluate(() => window.tell('measured', { weights: [{ id: '/layer4.2.conv3.weight', statistics: { count: 9, mean: 0, std: 3, min: -9, max: 9, zeros: 0, nonFinite: 0 }, looksLike: 'normal(0, 3)' }],
    assessments: [{ layer: 'layer4.2.conv3', diagnostics: [{ severity: 'warning', code: 'wrong-scale', layer: 'layer4.2.conv3', message: 'too wide', remedy: '' }] }], progress: { kind: 'running', measured: 157, total: 161 } }));
  await page.waitForSelector('[data-layer="layer4.2.conv3"][data-health="warning"]');
  assert.equal(await page.textContent('[data-testid="measuring"]'), '157 of 161 tensors measured');
  await page.getByText('normal(0, 3)').waitFor();
  await page.click('[data-testid="stop-measuring"]');
  assert.deepEqual(await lastCall(page), ['stopMeasuring', {}]);
  await page.evaluate(() => window.tell('changed', { layers: [], assessments: [{ layer: 'layer4.2.conv3', diagnostics: [] }], general: [],
    headline: { text: 'All well.', severity: 'ok' }, forgotten: ['/layer4.2.conv3.weight'], progress: { kind: 'stopped', measured: 156, total: 161 } }));
  await page.waitForSelector('[data-layer="layer4.2.conv3"]:not([data-health="warning"])');
  await page.click('[data-testid="resume-measuring"]');
  assert.deepEqual(await lastCall(page), ['resumeMeasuring', {}]);
  assert.equal(await page.getAttribute('[data-testid="headline"]', 'data-severity'), 'ok');
  await page.waitForFunction(() => window.stored?.selected === 'layer4.2.conv3');
  const stored = await page.evaluate(() => window.stored);
  complaints.push(...opened.complaints);
  await opened.close();
  const again = await openView(browser, server, { view: 'inspector', stored, ...inspectorStates.resnet });
  assert.equal(await again.page.getAttribute('[data-testid="layer-detail"]', 'data-layer'), 'layer4.2.conv3');
  assert.equal(await again.page.locator('[data-testid="filter"]').locator('input').inputValue(), 'layer4');
  assert.equal(await again.page.locator('[data-testid="layer-row"]').first().getAttribute('data-layer'), 'layer4.0.conv2');
  await again.page.evaluate(() => window.tell('reveal', { layer: 'conv1' }));
  await again.page.waitForSelector('[data-testid="layer-row"][data-layer="conv1"][aria-selected="true"]');
  await again.close();
}

{
  const opened = await openView(browser, server, { view: 'inspector', ...inspectorStates.hostile });
  const { page } = opened;
  assert.equal(await page.locator('img, #app script').count(), 0, 'names are text');
  assert.equal(await page.evaluate(() => window.attacked), undefined);
  const longest = await page.evaluate(() => Math.max(...[...document.querySelectorAll('#app *')].flatMap((found) => [found.title?.length ?? 0,
    ...[...found.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE).map((child) => child.length)])));
  assert.ok(longest <= 4000, `a text of ${longest} characters`);
  assert.doesNotMatch(await page.textContent('#app'), /\u202e/);
  complaints.push(...opened.complaints);
  await opened.close();
}

{
  const opened = await openView(browser, server, { view: 'panel', height: 320, state: panelState({}) });
  const { page } = opened;
  assert.deepEqual(await page.evaluate(() => [document.body.dataset.state, document.body.dataset.status]), ['model', 'finished']);
  const cells = await page.$$eval('[data-testid="gradient-table"] td[data-scheme="zeros"]', (found) => found.map((cell) => cell.dataset.value));
  assert.equal(cells.length, mlp.length);
  assert.equal(cells[0], '0');
  const runs = panelState({}).runs.filter((run) => run.scheme === 'current').map((run) => run.layers[3].activation.variance).sort((a, b) => a - b);
  assert.equal(await page.getAttribute(`[data-testid="activation-table"] td[data-scheme="current"][data-layer="${mlp[3]}"]`, 'data-value'), String(runs[2]));
  await page.click('[data-testid="chip-zeros"]');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="gradient-table"] td[data-scheme="zeros"]').length === 0);
  assert.equal((await lastCall(page))[0], 'ready', 'hiding a scheme needs no run');
  const { options } = await called(page, 'simulate', async () => {
    await page.click('[data-testid="add-scheme"]');
    await page.click('[data-testid="add-he-normal"]');
  });
  assert.deepEqual(options.schemes, ['current', 'recommended', 'he-normal']);
  await page.evaluate((state) => window.tell('show', state), panelState({ options, runs: [], verdict: null, status: { kind: 'running', done: 0, total: 1, stage: 'running' } }));
  await page.click('[data-testid="stop"]');
  assert.equal((await lastCall(page))[0], 'cancel');
  await page.evaluate((run) => window.tell('ran', { run, verdict: null, status: { kind: 'finished', elapsedMs: 5 } }), simulate(mlp, 'he-normal', 0));
  await page.waitForFunction(() => document.body.dataset.status === 'finished');
  await page.waitForSelector('[data-testid="activation-table"] td[data-scheme="he-normal"]', { state: 'attached' });
  const lossy = await called(page, 'simulate', async () => {
    await page.locator('#page-signal [data-testid="loss"]').click();
    await page.getByRole('option', { name: 'MSE' }).click();
  });
  assert.equal(lossy.options.loss, 'mse');
  await page.click('[data-testid="scheme-he-normal"]');
  const applied = await called(page, 'apply', () => page.click('[data-testid="apply-he-normal"]'));
  assert.deepEqual(applied, { scheme: 'he-normal', options: {}, seed: 0 });
  const seeds = page.locator('[data-testid="seeds"]').locator('input');
  await seeds.fill('x');
  await seeds.press('Tab');
  await page.locator('[data-testid="seeds-message"]').getByText('This takes a whole number').waitFor();
  const fewer = await called(page, 'simulate', async () => {
    await seeds.fill('3');
    await seeds.press('Tab');
  });
  assert.equal(fewer.options.seeds, 3);
  await page.focus('[data-testid="gradient-pane"] .chart-frame');
  for (const key of ['Home', 'ArrowRight']) await page.keyboard.press(key);
  assert.equal(await page.getAttribute('[data-testid="layer-pane"]', 'data-layer'), mlp[1]);
  await page.click('[data-testid="reveal-layer"]');
  assert.deepEqual(await lastCall(page), ['reveal', { layer: mlp[1] }]);
  const ink = () => page.evaluate(() => document.querySelector('[data-testid="activation-chart"]').toDataURL());
  const dark = await ink();
  await page.evaluate((theme) => window.dress(theme), themes.light);
  await page.waitForTimeout(200);
  assert.notEqual(await ink(), dark, 'the charts follow the theme');
  complaints.push(...opened.complaints);
  await opened.close();
}

await browser.close();
server.close();
assert.deepEqual(complaints, []);
console.log('Both views behave.');
