/** The extension in a VS Code that speaks Korean: commands, inspector, pickers, panel and settings. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from '../workbench';

const model = 'deep-tanh-mlp.onnx';
let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1280, height: 900 }, locale: 'ko-KR', language: 'ko' });
});
afterAll(() => workbench.close());

const isKorean = (text: string | null): boolean => /[가-힣]/.test(text ?? '');

test('a model is inspected in Korean', async () => {
  await workbench.chooseInExplorer(model, '모델 검사');
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"]').first().click();
  expect(await inspector.locator('html').getAttribute('lang')).toBe('ko');
  await inspector.getByTestId('headline').filter({ hasText: /이론에 따르면 현재 가중치에서 기울기가/ }).waitFor();
  expect(await inspector.getByTestId('reinitialize').textContent()).toBe('가중치 다시 초기화…');
  expect(await inspector.getByTestId('segment-attention').textContent()).toMatch(/^주의 필요/);
  expect(isKorean(await inspector.getByTestId('layer-diagnostics').first().textContent())).toBe(true);
  await workbench.screenshot('korean-1-inspector');
});

test('its pickers and the preview are Korean', async () => {
  await workbench.runCommand('Initscope: 가중치 다시 초기화…');
  await workbench.pickerStep('어느 층');
  await workbench.screenshot('korean-2-layers');
  await workbench.pick('모든 층');
  await workbench.pickerStep('방식');
  await workbench.screenshot('korean-3-schemes');
  await workbench.pick('Xavier normal');
  await workbench.pickerStep('매개 변수');
  await workbench.pick('계속');
  await workbench.pickerStep('시드');
  await workbench.page.locator('.quick-input-widget input[type="text"]:focus').waitFor();
  await workbench.page.keyboard.press('Enter');
  const inspector = await workbench.inspector();
  expect(await inspector.getByTestId('preview').locator('h2').textContent()).toMatch(/^미리 보기: Xavier normal/);
  await workbench.screenshot('korean-4-preview');
  await inspector.getByTestId('cancel-preview').click();
});

test('the panel is Korean', async () => {
  await workbench.runCommand('Initscope: 기울기 패널 보기');
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-status="finished"]').waitFor();
  await panel.getByTestId('verdict').filter({ hasText: /현재 가중치에서/ }).waitFor();
  await workbench.screenshot('korean-5-panel');
});

test('so are the pages of first steps and of pre-training', async () => {
  const panel = await workbench.gradientPanel();
  expect(await panel.locator('[role="tab"]').allTextContents()).toEqual(['신호', '첫 단계', '사전 학습']);
  await panel.getByTestId('tab-training').click();
  await panel.getByTestId('training-idle').getByText('여기서부터 학습할 수 있을까요?').waitFor();
  await panel.getByTestId('training-steps').locator('input').fill('20');
  await panel.getByTestId('training-steps').locator('input').press('Enter');
  await panel.getByTestId('train-first').click();
  await panel.getByTestId('apply-trained').waitFor();
  // The engine, a process of its own, has judged it.
  await panel.locator('.page:not([hidden]) .sentence').filter({ hasText: /비용 .*(이릅니다|못함|학습하지 못합니다)/ }).first().waitFor();
  await workbench.screenshot('korean-6-training');
  await panel.getByTestId('tab-pretraining').click();
  await panel.getByTestId('pretraining-idle').getByText('제한 볼츠만 머신').waitFor();
  await workbench.screenshot('korean-7-pretraining');
  await panel.getByTestId('tab-signal').click();
});

test('nothing is cut at 800 pixels', async () => {
  await workbench.page.setViewportSize({ width: 800, height: 900 });
  const panel = await workbench.gradientPanel();
  const inspector = await workbench.inspector();
  for (const [name, frame] of [['panel', panel], ['inspector', inspector]] as const) {
    const cut = await frame.locator('initscope-button, .segment, .tab').evaluateAll((all) => all
      .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0).map((each) => each.textContent));
    expect([name, cut]).toEqual([name, []]);
  }
  await workbench.screenshot('korean-8-narrow');
});

test('settings and the walkthrough are Korean', async () => {
  await workbench.page.setViewportSize({ width: 1280, height: 900 });
  await workbench.runCommand('Preferences: Open Settings (UI)');
  await workbench.page.locator('.settings-editor .suggest-input-container').first().click();
  await workbench.page.keyboard.type('initscope');
  await workbench.page.locator('.settings-editor').getByText('한 번 뽑은 것으로는 판정할 수 없습니다').first().waitFor();
  await workbench.screenshot('korean-9-settings');
  expect(workbench.consoleErrors).toEqual([]);
});
