/** VS Code's own file dialog: a list of files over a field with the path. */
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { until } from './until';
import type { Workbench } from './workbench';

/** It is there once it has written the folder into its field, over what is there. */
export async function fileDialog({ page }: Workbench): Promise<Locator> {
  const dialog = page.locator('.quick-input-widget');
  await until('the file dialog', async () => ((await dialog.locator('input[type="text"]').inputValue()).includes('/models') ? true : undefined));
  return dialog;
}

/** Types a path of the folder that is open, and presses the dialog's button. */
export async function giveFile(workbench: Workbench, name: string, button: string): Promise<void> {
  const dialog = await fileDialog(workbench);
  await until(`the dialog to take ${name}`, async () => {
    await dialog.locator('input[type="text"]').fill(path.join(workbench.folder, name), { timeout: 1000 }).catch(() => undefined);
    await dialog.getByText(button).click({ timeout: 1000 }).catch(() => undefined);
    return await dialog.isHidden() ? true : undefined;
  });
}
