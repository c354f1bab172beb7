import type * as vscode from 'vscode';

import type { OpenedModel } from '../formats/openModel';
import { externalFiles } from '../formats/openModel';
import { isSameStamp, stampIfThere } from '../formats/files/stamp';
import type { NewContent } from '../formats/saving/save';
import type { RestoredPayload } from '../protocol/engine';
import type { Recipe } from '../protocol/recipe';
import type { Cancellation } from '../protocol/rpc';

/** How a document is to be saved. `mayForget` is asked where the disk has no room for so many bytes that undo would need. */
export interface DocumentSave {
  readonly target: vscode.Uri;
  readonly record: boolean;
  /** Called with the fraction done. */
  readonly progress: (fraction: number) => void;
  readonly cancellation: Cancellation;
  readonly mayForget: (bytes: number) => Promise<boolean>;
}

type Progress = DocumentSave['progress'];

/** Progress of two parts of one task, by the bytes of each. */
export function inTurn(first: number, second: number, progress: Progress): readonly [Progress, Progress] {
  const share = first / Math.max(1, first + second);
  return [(fraction) => progress(share * fraction), (fraction) => progress(share + (1 - share) * fraction)];
}

/** The file of a model, and those that its weights are in. */
export const filesOf = (path: string, opened: OpenedModel | null): readonly string[] => [path, ...(opened ? externalFiles(opened.model) : [])];

/** Whether one of its files is there, and another than when it was read. */
export function isModelAnother(path: string, opened: OpenedModel | null): boolean {
  return filesOf(path, opened).some((file) => {
    const now = stampIfThere(file);
    return now !== null && !isSameStamp(now, (file === path ? opened?.stamp : opened?.externalStamps.get(file)) ?? null);
  });
}

/** Bytes of a model on the disk. */
export const sizeOf = ({ stamp, externalStamps }: OpenedModel): number => [...externalStamps.values()].reduce((sum, { size }) => sum + size, stamp.size);

/** What tensors are to hold: drawn anew, or (null) what was kept of them. */
export function newContents(
  unsaved: ReadonlyMap<string, Recipe | null>, keptOf: (id: string) => RestoredPayload | undefined,
): ReadonlyMap<string, NewContent> {
  return new Map([...unsaved].flatMap(([id, recipe]): [string, NewContent][] => {
    const payload = keptOf(id);
    if (recipe) return [[id, { kind: 'recipe', recipe }]];
    return payload ? [[id, { kind: 'payload', payload }]] : [];
  }));
}
