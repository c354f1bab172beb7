/** VS Code nests a webview in frames that tell nothing of what is in them: the one that loaded our script is ours. */
import type { Frame, Page } from 'playwright-core';
import { until } from './until';

export type WebviewName = 'inspector' | 'panel';

export function webviewOf(page: Page, name: WebviewName, seconds = 30): Promise<Frame> {
  return until(`the webview "${name}"`, async () => {
    for (const frame of page.frames()) if (await loadedScript(frame, `webview/${name}.js`)) return frame;
    return undefined;
  }, seconds);
}

/** Milliseconds in which a frame says what is in it: one that VS Code is still loading says nothing until it has. */
const answerMs = 3000;

/** A frame that is being replaced cannot be asked: it is not the one looked for. */
function loadedScript(frame: Frame, script: string): Promise<boolean> {
  const asked = frame.evaluate((end) => [...document.scripts].some(({ src }) => src.endsWith(end)), script).catch(() => false);
  return Promise.race([asked, new Promise<false>((resolve) => { setTimeout(() => resolve(false), answerMs); })]);
}

/** Whether our script draws something within a quarter of a minute, which takes it milliseconds once it is loaded. */
function hasBegun(frame: Frame): Promise<boolean> {
  return frame.locator('[data-testid]').first().waitFor({ state: 'attached', timeout: 15_000 }).then(() => true, () => false);
}

/** A webview is loaded again so often, before that is the fault of what it loads. */
const mostReloads = 4;

/** It is there within so many seconds, or VS Code has left its frame without a page. */
const patience = 20;

/** VS Code's service worker now and then loses the request for a webview's script, or for its page: it answers 408 half a minute later, or never. */
export async function begunWebview(page: Page, name: WebviewName, reload: () => Promise<void>): Promise<Frame> {
  for (let i = 0; i < mostReloads; i++) {
    const frame = await webviewOf(page, name, patience).catch(() => null);
    if (frame && await hasBegun(frame)) return frame;
    await reload();
    // Until it is taken away, the empty one would be found again.
    if (frame) await until(`the empty webview "${name}" to be replaced`, () => (frame.isDetached() ? true : undefined));
  }
  throw new Error(`The webview "${name}" is empty, however often it is loaded again: our script draws nothing, or VS Code does not load it.`);
}

/** What VS Code told a webview; nothing for a frame that is none. */
export function themeOf(frame: Frame): Promise<string | undefined> {
  return frame.evaluate(() => document.body.dataset.vscodeThemeId).catch(() => undefined);
}
