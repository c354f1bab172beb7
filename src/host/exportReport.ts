import * as vscode from 'vscode';

import type { ExportFormat } from '../core/report/exports';
import { exportReport } from '../core/report/exports';
import { neededBy, refuseOutput, writeWhole } from '../formats/files/outputs';
import { headlineOf } from './headlineOf';
import type { ModelDocument } from './modelDocument';
import { notify } from './notifications';

const formats: readonly { readonly format: ExportFormat; readonly label: string; readonly extension: string; readonly description: string }[] = [
  { format: 'markdown', label: 'Markdown', extension: 'md', description: 'A table to read, and what was found' },
  { format: 'csv', label: 'CSV', extension: 'csv', description: 'One row per weight, every column' },
  { format: 'json', label: 'JSON', extension: 'json', description: 'Everything, as the command line prints it' },
];

/** Asks for a format and a place, writes what the inspector shows there, and opens it. */
export async function exportReportOf(document: ModelDocument): Promise<void> {
  const report = document.report();
  if (!report) {
    await notify.warning(`${document.name} could not be read, so there is nothing to export.`);
    return;
  }
  const isMeasured = document.measurement.progress.kind === 'finished';
  const placeHolder = isMeasured ? 'Format of the report' : 'Format of the report; weights that are not measured yet have no statistics in it';
  const chosen = await vscode.window.showQuickPick(formats, { title: `Export Report of ${document.name}`, placeHolder });
  if (!chosen) return;
  const beside = vscode.Uri.joinPath(document.uri, '..', `${document.name.replace(/\.(onnx|keras|h5|hdf5|nam|json)$/, '')}.report.${chosen.extension}`);
  const target = await vscode.window.showSaveDialog({ defaultUri: beside, filters: { [chosen.label]: [chosen.extension] } });
  if (!target) return;
  const text = exportReport(report, headlineOf(document, report), chosen.format);
  await writeReport(document, target, text);
  await vscode.window.showTextDocument(target);
}

/** On a disk as a whole or not at all, and never over what the model is read from. */
async function writeReport({ opened }: ModelDocument, target: vscode.Uri, text: string): Promise<void> {
  if (target.scheme !== 'file') return vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  refuseOutput(target.fsPath, opened ? neededBy(opened.model) : []);
  await writeWhole(target.fsPath, text);
}
