/** Whether what is there can be read: by eye, in every theme, and by a screen reader; and whether a low panel still shows its charts. */
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from '../workbench';

let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1400, height: 1000 } });
});
afterAll(() => workbench.close());

test('both views are there', async () => {
  await workbench.chooseInExplorer('deep-tanh-mlp.onnx', 'View Gradient Panel');
  await (await workbench.gradientPanel()).locator('body[data-status="finished"]').waitFor();
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"]').nth(2).click();
  await inspector.getByTestId('layer-detail').getByText('layers.2.weight').first().waitFor();
});

/** Texts that can be read against their background by less than 4.5 : 1 (WCAG 2.2, 1.4.3), but for those of what is disabled. */
function faintTexts(frame: Frame): Promise<readonly string[]> {
  return frame.evaluate(() => {
    type Colour = readonly [number, number, number, number];
    const parse = (text: string): Colour => {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
      return text.startsWith('color(srgb') ? [red * 255, green * 255, blue * 255, alpha] : [red, green, blue, alpha];
    };
    const over = ([r, g, b, a]: Colour, [R, G, B]: Colour): Colour => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
    const luminance = ([r, g, b]: Colour): number => [[r, 0.2126] as const, [g, 0.7152] as const, [b, 0.0722] as const]
      .reduce((sum, [value, weight]) => sum + weight * (value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4), 0);
    const parents = (element: Element): Element[] => {
      const root = element.getRootNode();
      const parent = element.assignedSlot ?? element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
      return parent ? [element, ...parents(parent)] : [element];
    };
    // What a webview leaves transparent is the editor.
    const probe = document.body.appendChild(document.createElement('div'));
    probe.style.background = 'var(--vscode-editor-background)';
    const page = parse(getComputedStyle(probe).backgroundColor);
    probe.remove();
    const all = (root: Document | ShadowRoot): Element[] => (
      [...root.querySelectorAll('*')].flatMap((element) => [element, ...(element.shadowRoot ? all(element.shadowRoot) : [])]));
    return all(document).flatMap((element) => {
      const text = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent?.trim() ?? '').join('');
      const { width, height } = element.getBoundingClientRect();
      const around = parents(element);
      const isSeen = width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true });
      const isIcon = element.classList.contains('codicon') || element.tagName === 'STYLE' || element.tagName === 'SCRIPT';
      if (text === '' || !isSeen || isIcon || around.some((each) => each.matches('[disabled], :disabled, .visually-hidden'))) return [];
      const layers = around.toReversed().map((each) => parse(getComputedStyle(each).backgroundColor));
      const background = layers.reduce((under, own) => over(own, under), page);
      const opacity = around.reduce((product, each) => product * Number(getComputedStyle(each).opacity), 1);
      const [red, green, blue, alpha] = parse(getComputedStyle(element).color);
      const [a, b] = [luminance(over([red, green, blue, alpha * opacity], background)), luminance(background)];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return ratio < 4.5 ? [`${ratio.toFixed(2)} "${text.slice(0, 40)}" <${element.tagName.toLowerCase()} class="${element.className}">`] : [];
    });
  });
}

test.each(['dark', 'light', 'high-contrast', 'high-contrast-light'] as const)('every text can be read in the theme %s', async (theme) => {
  await workbench.setTheme(theme);
  expect(await faintTexts(await workbench.inspector())).toEqual([]);
  expect(await faintTexts(await workbench.gradientPanel())).toEqual([]);
  await workbench.screenshot(`reading-${theme}`);
});

test('every field is announced by what it is for', async () => {
  const [inspector, panel] = [await workbench.inspector(), await workbench.gradientPanel()];
  expect(await inspector.getByRole('textbox', { name: 'Filter layers' }).count()).toBe(1);
  for (const name of ['Seeds per scheme', 'Samples per run; empty leaves it to the model']) {
    expect(await panel.getByRole('textbox', { name, exact: true }).count(), name).toBe(1);
  }
  for (const frame of [inspector, panel]) expect(await frame.getByRole('textbox', { name: 'Text field' }).count()).toBe(0);
});

test('a number that cannot be meant stays, and says what is expected', async () => {
  const panel = await workbench.gradientPanel();
  const seeds = panel.getByTestId('seeds').locator('input');
  for (const text of ['0', 'abc', '1.5']) {
    await seeds.fill(text);
    await seeds.press('Tab');
    await panel.getByTestId('seeds-message').waitFor();
    expect(await panel.getByTestId('seeds-message').textContent()).toBe('This takes a whole number from 1 to 65,536, or nothing.');
    expect(await seeds.inputValue()).toBe(text);
    expect(await panel.getByTestId('seeds').getAttribute('aria-invalid')).toBe('true');
  }
  await workbench.screenshot('reading-invalid');
  await seeds.fill('2');
  await panel.getByTestId('seeds-message').waitFor({ state: 'hidden' });
  await seeds.press('Tab');
  await panel.getByTestId('layer-pane').getByText('2 seeds').first().waitFor();
});

test('only conditions that the network has are offered', async () => {
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('more-conditions').click();
  await panel.getByTestId('input-variance').waitFor();
  expect([await panel.getByTestId('batch-norm').count(), await panel.getByTestId('dropout').count()]).toEqual([0, 0]);
  await workbench.chooseInExplorer('residual-cnn.onnx', 'View Gradient Panel');
  await panel.getByTestId('file').getByText('residual-cnn.onnx').waitFor();
  await panel.getByTestId('batch-norm').waitFor();
  expect(await panel.getByTestId('dropout').count()).toBe(0);
});

test('a low panel shows its charts, and its conditions when they are asked for', async () => {
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-status="finished"]').waitFor();
  await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  for (const width of [1400, 750, 450]) {
    await workbench.page.setViewportSize({ width, height: 700 });
    await panel.waitForFunction(() => window.innerHeight < 360);
    const seen = await panel.evaluate(() => {
      const canvas = document.querySelector('canvas')?.getBoundingClientRect();
      return canvas ? Math.min(canvas.bottom, window.innerHeight) - Math.max(0, canvas.top) : 0;
    });
    expect(seen, `${width} px wide`).toBeGreaterThan(80);
    await workbench.screenshot(`reading-low-${width}`);
  }
  expect(await panel.getByTestId('seeds').isVisible()).toBe(false);
  await panel.getByTestId('show-conditions').click();
  await panel.getByTestId('seeds').waitFor();
  expect(workbench.consoleErrors).toEqual([]);
});
