/** VS Code's own file dialog: a list of files over a field with the path. */
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { until } from './until';
import type { Workbench } from './workbench';

/** It is there once it is seen and has written the folder into its field: what was typed into the last one stands there until then. */
export async function fileDialog({ page, folder }: Workbench): Promise<Locator> {
  const dialog = page.locator('.quick-input-widget');
  await until('the file dialog', async () => {
    const isSeen = await dialog.isVisible();
    return isSeen && (await dialog.locator('input[type="text"]').inputValue()).replace(/\/$/, '').endsWith(path.basename(folder)) ? true : undefined;
  });
  return dialog;
}

/** Types a path of the folder that is open, and presses the dialog's button. */
export async function giveFile(workbench: Workbench, name: string, button: string): Promise<void> {
  const dialog = await fileDialog(workbench);
  const field = dialog.locator('input[type="text"]');
  const file = path.join(workbench.folder, name);
  await until(`the dialog to take ${name}`, async () => {
    // While it lists a folder it takes nothing, and writes that folder over what is there: pressed then, the button would take that folder.
    await field.fill(file, { timeout: 1000 }).catch(() => undefined);
    if ((await field.inputValue({ timeout: 1000 }).catch(() => '')) === file) await dialog.getByText(button).click({ timeout: 1000 }).catch(() => undefined);
    return await dialog.isHidden() ? true : undefined;
  });
}
