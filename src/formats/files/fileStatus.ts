import { execFile } from 'node:child_process';
import { chmod, chown, stat } from 'node:fs/promises';
import { platform } from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Permissions, owner, access list and extended attributes of the file that is replaced; a new file has the permissions of its source, and may
 * be written even if that is read-only. To be called before anything is written: the times are those of the writing.
 */
export async function keepStatus({ source, target }: { readonly source: string; readonly target: string }, beside: string): Promise<void> {
  const replaced = await stat(target).catch(() => null);
  if (!replaced) {
    await chmod(beside, (await stat(source)).mode & 0o7777 | 0o200);
    return;
  }
  await copyAttributes(target, beside);
  const own = await stat(beside);
  // Only a superuser may give a file away; for others it is theirs anyway.
  if (replaced.uid !== own.uid || replaced.gid !== own.gid) await chown(beside, replaced.uid, replaced.gid).catch(() => undefined);
  await chmod(beside, replaced.mode & 0o7777);
}

/**
 * Node knows no extended attributes: GNU's cp(1) copies them, and the access list with the mode. Where there is another cp they stay behind.
 * (On macOS `copyFile` takes them along, on Windows a file has the access list of its folder.)
 */
async function copyAttributes(from: string, to: string): Promise<void> {
  if (platform !== 'linux') return;
  const options = ['--attributes-only', '--preserve=all', '--no-preserve=timestamps,links'];
  await run('cp', [...options, '--', from, to], { timeout: 10_000 }).catch(() => undefined);
}
