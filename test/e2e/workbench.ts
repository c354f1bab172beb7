/** VS Code with the packaged extension in a browser, as a user has it before them. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Frame, Locator, Page } from 'playwright-core';
import { inject } from 'vitest';
import { launchBrowser } from '../../scripts/chromium.mjs';
import { startApplication, type Server, type Settings } from '../../scripts/code-server.mjs';
import { createTemporaryFolder, removeFolder } from '../../scripts/temporary.mjs';
import { isOurs } from './complaints';
import { forgetEvidence, recordEvidence } from './evidence';
import { begunWebview, themeOf, type WebviewName } from './frames';
import { until } from './until';

const root = path.resolve(import.meta.dirname, '../..');

/** What the settings call a theme, and the file that the workbench's class names. */
const themes = {
  'dark': { name: 'Dark Modern', file: 'dark_modern' }, 'light': { name: 'Light Modern', file: 'light_modern' },
  'high-contrast': { name: 'Default High Contrast', file: 'hc_black' },
  'high-contrast-light': { name: 'Default High Contrast Light', file: 'hc_light' },
};
export type Theme = keyof typeof themes;

/** The command whose presence says that the extension is there, by the language of VS Code. */
const firstCommands = { en: 'Initscope: Inspect Model', ko: 'Initscope: 모델 검사' };

export interface WorkbenchOptions {
  /** Files or folders to copy into the opened folder, beside the samples. */
  readonly extra?: readonly string[];
  /** Files to write there before VS Code looks, by name. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  /** User settings, over the quiet ones. */
  readonly settings?: Settings;
  /** Opens the folder in Restricted Mode. */
  readonly restricted?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** BCP 47; what the browser says it prefers. */
  readonly locale?: string;
  /** Of VS Code for extensions; its own texts stay English. */
  readonly language?: keyof typeof firstCommands;
}

/** Starts a server and a browser of its own, on a copy of the samples; all goes with `close()`. */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const folder = path.join(createTemporaryFolder(), 'models');
  cpSync(path.join(root, 'media/samples'), folder, { recursive: true });
  for (const source of options.extra ?? []) cpSync(source, path.join(folder, path.basename(source)), { recursive: true });
  for (const [name, content] of Object.entries(options.files ?? {})) writeFileSync(path.join(folder, name), content);
  const settings = {
    'workbench.colorTheme': themes.dark.name,
    'files.exclude': { '**/.vscode': true }, // Where changeSettings() writes.
    'security.workspace.trust.startupPrompt': 'never',
    ...options.settings,
  };
  const browser = await launchBrowser();
  const { language = 'en', restricted = false } = options;
  const server = await startApplication({ extensions: inject('extensions'), settings, restricted, language });
  const context = await browser.newContext({ viewport: options.viewport ?? { width: 1280, height: 800 }, locale: options.locale ?? 'en-US' });
  const workbench = new Workbench(folder, server, browser, context, await context.newPage(), firstCommands[language]);
  try {
    await workbench.load();
    return workbench;
  } catch (error) {
    await workbench.screenshot('not-ready');
    await workbench.close();
    throw error;
  }
}

export class Workbench {
  /** The folder that is open: a copy, to be changed at will. */
  readonly folder: string;
  readonly page: Page;
  readonly server: Server;
  readonly context: BrowserContext;
  /** What the page, the webviews and the extension host complained of, without what VS Code complains of itself. */
  readonly consoleErrors: string[] = [];
  private readonly browser: Browser;
  private readonly firstCommand: string;

  constructor(folder: string, server: Server, browser: Browser, context: BrowserContext, page: Page, firstCommand: string) {
    [this.folder, this.server, this.browser, this.context, this.page, this.firstCommand] = [folder, server, browser, context, page, firstCommand];
    // A busy machine is no failure: only what hangs is.
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      if (message.type() === 'error' && isOurs(message.text(), message.location().url)) this.consoleErrors.push(message.text());
    });
    page.on('pageerror', (error) => {
      if (isOurs(error.message, error.stack ?? '')) this.consoleErrors.push(error.message);
    });
    // A page that is left asks only while VS Code has not backed changes up: a user who wants to keep them stays.
    page.on('dialog', (dialog) => void dialog.dismiss());
    recordEvidence(this);
  }

  /** Opens, or reloads, the page; returns once the extension's commands are there. */
  async load(): Promise<void> {
    await this.page.goto(`${this.server.address}/?folder=${encodeURIComponent(toUrlPath(this.folder))}`);
    await this.ready();
  }

  /** Reloads the window as a user does, and again if VS Code asks whether to lose changes it has not backed up yet. */
  async reload(): Promise<void> {
    await until('VS Code to reload without asking whether to lose changes', async () => {
      const outcome = Promise.race([
        this.page.waitForEvent('domcontentloaded').then(() => true as const),
        this.page.waitForEvent('dialog').then(() => undefined),
      ]);
      await this.runCommand('Developer: Reload Window');
      return outcome;
    });
    await this.ready();
  }

  private async ready(): Promise<void> {
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
    await until(`the command "${this.firstCommand}"`, () => this.hasCommand(this.firstCommand), 60);
  }

  async close(): Promise<void> {
    forgetEvidence(this);
    await this.browser.close();
    await this.server.stop();
    removeFolder(path.dirname(this.folder));
  }

  read(file: string): Buffer {
    return readFileSync(path.join(this.folder, file));
  }

  /** The row of a file or folder in the explorer; its folder has to be expanded. */
  explorerRow(name: string): Locator {
    return this.page.locator('.explorer-folders-view .monaco-list-row').filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** Right-clicks a file in the explorer and chooses an item of its menu. */
  async chooseInExplorer(name: string, item: string): Promise<void> {
    await this.chooseInMenu(this.explorerRow(name), item);
  }

  /** Right-clicks anything and chooses an item of its menu. */
  async chooseInMenu(target: Locator, item: string): Promise<void> {
    await target.click({ button: 'right' });
    const entry = this.page.getByRole('menuitem', { name: item });
    await entry.waitFor();
    // A menu takes no click in its first tenth of a second, and stays open then.
    await until(`the item "${item}" of the menu`, async () => {
      if ((await entry.count()) > 0) await entry.click({ timeout: 1000 }).catch(() => undefined);
      return (await entry.count()) === 0 ? true : undefined;
    });
  }

  async openFromExplorer(name: string): Promise<void> {
    await this.explorerRow(name).dblclick();
  }

  /** Runs a command by its full title in the palette, such as `Initscope: Inspect Model`. */
  async runCommand(title: string): Promise<void> {
    await this.showPalette(title);
    await this.paletteRow(title).first().click();
  }

  /** Chooses an item in the list that a command shows; typing brings up one that would have to be scrolled to. */
  async pick(label: string): Promise<void> {
    await this.page.locator('.quick-input-widget input[type="text"]').fill(label);
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: label }).first().click();
  }

  /** Goes through the pickers of *Reinitialize Weights*, which have been asked for; the preview follows. */
  async previewScope(layers: string, scheme: string): Promise<void> {
    await this.pickerStep('which layers');
    await this.pick(layers);
    await this.previewScheme(scheme);
  }

  /** Of a text that declares how weights start, which no seed draws: the preview of a scheme without parameters follows at once. */
  async previewDeclared(layers: string, scheme: string): Promise<void> {
    await this.pickerStep('which layers');
    await this.pick(layers);
    await this.pickerStep('scheme');
    await this.pick(scheme);
    const inspector = await this.inspector();
    await inspector.getByTestId('preview').waitFor();
  }

  /** The same, and applies what the preview shows. */
  async chooseScheme(layers: string, scheme: string): Promise<void> {
    await this.previewScope(layers, scheme);
    const inspector = await this.inspector();
    await inspector.getByTestId('apply-preview').click();
  }

  /** Picks the scheme, as it is and with the seed 0; the preview follows. */
  async previewScheme(scheme: string): Promise<void> {
    await this.pickerStep('scheme');
    await this.pick(scheme);
    await this.previewAsIs();
  }

  /** Leaves the parameters, where there are any, and the seed as they are; the preview follows. */
  async previewAsIs(): Promise<void> {
    await this.pickerStep(/parameters|seed/);
    if (await this.page.locator('.quick-input-title').getByText('parameters').isVisible()) await this.pick('Continue');
    await this.pickerStep('seed');
    // A field that is just taking the place of a list has no focus yet, and a key would go elsewhere.
    await this.page.locator('.quick-input-widget input[type="text"]:focus').waitFor();
    await this.page.keyboard.press('Enter');
    const inspector = await this.inspector();
    await inspector.getByTestId('preview').waitFor();
  }

  /** Waits for a picker, by a part of its title. */
  async pickerStep(title: string | RegExp): Promise<void> {
    await this.page.locator('.quick-input-title').getByText(title).waitFor();
  }

  /** Presses a button of VS Code's modal dialog. */
  async answerDialog(button: string): Promise<void> {
    await this.page.locator('.monaco-dialog-box').getByRole('button', { name: button }).click();
  }

  notification(text: string): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text });
  }

  tab(name: string): Locator {
    return this.page.locator('.tabs-container .tab').filter({ hasText: name });
  }

  /** Waits until the tab's file has, or no longer has, changes that are not saved. */
  async waitForDirty(name: string, dirty: boolean): Promise<void> {
    await this.page.locator(`.tabs-container .tab${dirty ? '.dirty' : ':not(.dirty)'}`).filter({ hasText: name }).waitFor();
  }

  inspector(): Promise<Frame> {
    return this.webview('inspector');
  }

  gradientPanel(): Promise<Frame> {
    return this.webview('panel');
  }

  private webview(name: WebviewName): Promise<Frame> {
    return begunWebview(this.page, name, () => this.runCommand('Developer: Reload Webviews'));
  }

  /** Writes settings of the opened folder; VS Code applies them while it runs. */
  changeSettings(settings: Settings): void {
    mkdirSync(path.join(this.folder, '.vscode'), { recursive: true });
    writeFileSync(path.join(this.folder, '.vscode/settings.json'), JSON.stringify(settings));
  }

  async setTheme(theme: Theme): Promise<void> {
    const { name, file } = themes[theme];
    this.changeSettings({ 'workbench.colorTheme': name });
    await this.page.locator(`.monaco-workbench.vscode-theme-defaults-themes-${file}-json`).waitFor();
    await until(`the theme "${name}" in the webviews`, async () => {
      const shown = await Promise.all(this.page.frames().map(themeOf));
      return shown.every((theme) => theme === undefined || theme === name) ? true : undefined;
    });
  }

  /** Saves a picture of the window below .artifacts/screenshots/ for a person to look at; returns its path. */
  async screenshot(name: string): Promise<string> {
    const file = path.join(root, '.artifacts/screenshots', `${name}.png`);
    rmSync(file, { force: true });
    await this.page.screenshot({ path: file });
    return file;
  }

  private async hasCommand(title: string): Promise<true | undefined> {
    await this.showPalette(title);
    const found = (await this.paletteRow(title).count()) > 0;
    await this.page.keyboard.press('Escape');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    return found ? true : undefined;
  }

  private async showPalette(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input[type="text"]');
    // A page that is just being loaded into a webview with the focus swallows the key, or takes the focus from a palette that is there, which closes it.
    await until('the palette', async () => {
      await this.page.keyboard.press('F1');
      return input.waitFor({ timeout: 2000 }).then(() => input.fill(`>${title}`, { timeout: 2000 })).then(() => true as const, () => undefined);
    });
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
  }

  private paletteRow(title: string): Locator {
    return this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${title}"]`);
  }
}

/** `C:\models` is `/C:/models` to VS Code. */
function toUrlPath(folder: string): string {
  const slashes = folder.split(path.sep).join('/');
  return slashes.startsWith('/') ? slashes : `/${slashes}`;
}
