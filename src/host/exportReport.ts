import * as vscode from 'vscode';

import type { ExportFormat } from '../core/report/exports';
import { exportReport } from '../core/report/exports';
import { say } from '../protocol/words';
import { writeBeside } from './figures';
import { headlineOf } from './headlineOf';
import type { ModelDocument } from './modelDocument';
import { notify } from './notifications';

const formats: readonly { readonly format: ExportFormat; readonly label: string; readonly extension: string; readonly description: string }[] = [
  { format: 'markdown', label: 'Markdown', extension: 'md', description: say('A table to read, and what was found') },
  { format: 'csv', label: 'CSV', extension: 'csv', description: say('One row per weight, every column') },
  { format: 'json', label: 'JSON', extension: 'json', description: say('Everything, as the command line prints it') },
];

/** Asks for a format and a place, writes what the inspector shows there, and opens it. */
export async function exportReportOf(document: ModelDocument): Promise<void> {
  const report = document.report();
  if (!report) {
    await notify.warning(say('{0} could not be read, so there is nothing to export.', document.name));
    return;
  }
  const isMeasured = document.measurement.progress.kind === 'finished';
  const placeHolder = isMeasured ? say('Format of the report') : say('Format of the report; weights that are not measured yet have no statistics in it');
  const chosen = await vscode.window.showQuickPick(formats, { title: say('Export Report of {0}', document.name), placeHolder });
  if (!chosen) return;
  const beside = vscode.Uri.joinPath(document.uri, '..', `${document.name.replace(/\.(onnx|keras|h5|hdf5|nam|json)$/, '')}.report.${chosen.extension}`);
  const target = await vscode.window.showSaveDialog({ defaultUri: beside, filters: { [chosen.label]: [chosen.extension] } });
  if (!target) return;
  const text = exportReport(report, headlineOf(document, report), chosen.format);
  await writeBeside(document, target, new TextEncoder().encode(text));
  await vscode.window.showTextDocument(target);
}
