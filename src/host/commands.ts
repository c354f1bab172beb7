import * as vscode from 'vscode';

import { isCancelled } from '../protocol/rpc';
import { say } from '../protocol/words';
import { compareGradients } from './comparing/gradients';
import { openPair, pickPair } from './comparing/pickPair';
import { experiments, pickExperiment } from './experiments';
import { exportReportOf } from './exportReport';
import type { GradientPanel } from './gradientPanel';
import type { InspectorEditor } from './inspectorEditor';
import type { ModelDocument } from './modelDocument';
import type { ModelDocuments } from './modelDocuments';
import { newNetwork } from './newNetwork';
import { throwingQuietly } from './notifications';
import { pickModel } from './pickModel';
import { openedSample } from './samples';
import { readPretrainingWish } from './pretrainingMessages';
import { readTrainingWish } from './trainingMessages';
import { viewTypeOf } from './viewTypes';
import { applyScheme, pickAndPreview, readChoice } from './reinitialize';

/** The commands of package.json, each from the explorer's menu (with a file), an editor, or the palette. */
export function registerCommands(
  { extensionUri: extension, globalStorageUri: storage }: Pick<vscode.ExtensionContext, 'extensionUri' | 'globalStorageUri'>, documents: ModelDocuments,
  inspector: InspectorEditor, panel: GradientPanel,
): vscode.Disposable {
  const chosen = (uri: unknown): vscode.Uri | undefined => (uri instanceof vscode.Uri ? uri : undefined);
  const register = (id: string, run: (...given: readonly unknown[]) => unknown): vscode.Disposable => (
    vscode.commands.registerCommand(id, (...given: readonly unknown[]) => throwingQuietly(() => run(...given))));
  return vscode.Disposable.from(
    register('initscope.inspect', async (uri: unknown) => {
      const target = chosen(uri) ?? modelText() ?? await pickModel(say('Inspect Model'));
      if (!target) return;
      await openInspector(target);
      // Beside its text the focus stays there, and it is the model that one looks at all the same.
      const document = documents.find(target);
      if (document) documents.activate(document);
    }),
    // With a template's name and a place, for tasks and tests: nothing is asked then.
    register('initscope.newNetwork', async (template: unknown, target: unknown) => {
      const made = await newNetwork(vscode.Uri.joinPath(extension, 'media/templates'), typeof template === 'string' ? template : null, chosen(target) ?? null);
      if (made) await openInspector(made, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
    }),
    register('initscope.reinitialize', async (uri: unknown) => {
      const document = await documentFor(inspector, documents, chosen(uri), say('Reinitialize Weights'));
      if (document) await pickAndPreview(inspector, document, {});
    }),
    // Of the menu of the inspector's rows, whose model is the active one.
    register('initscope.reinitializeLayer', async (context: unknown) => {
      const [document, layers] = [documents.active, layersOf(documents.active, context)];
      if (document && layers.length > 0) await pickAndPreview(inspector, document, { layers });
    }),
    register('initscope.showLayer', async (context: unknown) => {
      const layer = nameOf(documents.active, context);
      if (layer !== undefined) await panel.open(layer);
    }),
    register('initscope.copyName', async (context: unknown) => {
      const names = layersOf(documents.active, context);
      if (names.length > 0) await vscode.env.clipboard.writeText(names.join('\n'));
    }),
    // For tasks, keybindings and tests: what the pickers of "Reinitialize Weights" end in.
    register('initscope.applyScheme', async (uri: unknown, choice: unknown) => {
      const document = uri instanceof vscode.Uri ? documents.find(uri) : documents.active;
      const read = readChoice(choice);
      if (!document || !read) throw new Error('initscope.applyScheme takes the URI of an open model and { scheme, seed, layers }.');
      await applyScheme(inspector, document, read).catch((error: unknown) => {
        throw isCancelled(error) ? new vscode.CancellationError() : error;
      });
    }),
    register('initscope.exportReport', async (uri: unknown) => {
      const document = await documentFor(inspector, documents, chosen(uri), say('Export Report'));
      if (document) await exportReportOf(document);
    }),
    // With a sample's name, for the walkthrough: nothing is asked then.
    register('initscope.openSample', async (name: unknown) => {
      const copy = await openedSample(extension, storage, documents, name);
      if (copy) await openInspector(copy);
    }),
    // With an experiment's name nothing is asked.
    register('initscope.lectureExperiment', async (name: unknown) => {
      const experiment = typeof name === 'string' ? experiments.find(({ id }) => id === name) : await pickExperiment();
      if (!experiment) return;
      const open = async (sample: string): Promise<ModelDocument | undefined> => (
        documentFor(inspector, documents, await openedSample(extension, storage, documents, sample), ''));
      const { lecture, sample, shows } = experiment;
      if ('training' in shows) {
        if (!await open(sample)) return;
        await panel.openPage('training');
        panel.explain(lecture);
        panel.training.begin(shows.training);
        return;
      }
      const behind = shows.behind ? await open(shows.behind.sample) : undefined;
      if (behind && shows.behind) await panel.runBehind(shows.behind.run);
      if (await open(sample)) await panel.demonstrate(lecture, shows.run, behind ? { model: behind.uri.toString() } : null);
    }),
    // With a file; or, for the walkthrough, with { sample, options }: then that is trained at once.
    register('initscope.openTraining', async (given: unknown) => {
      const wish = chosen(given) || given === undefined ? null : readTrainingWish(given);
      if (wish === null && given !== undefined && !chosen(given)) throw new Error('initscope.openTraining takes a URI, or { sample, options }.');
      const sample = wish?.sample === undefined ? undefined : await openedSample(extension, storage, documents, wish.sample);
      const document = await documentFor(inspector, documents, sample ?? chosen(given), say('View First Steps of Training'));
      if (!document) return;
      await panel.openPage('training');
      if (wish) panel.training.begin(wish.options);
    }),
    register('initscope.openPretraining', async (given: unknown) => {
      const wish = chosen(given) || given === undefined ? null : readPretrainingWish(given);
      if (wish === null && given !== undefined && !chosen(given)) throw new Error('initscope.openPretraining takes a URI, or { sample, options }.');
      const sample = wish?.sample === undefined ? undefined : await openedSample(extension, storage, documents, wish.sample);
      const document = await documentFor(inspector, documents, sample ?? chosen(given), say('View Pre-training'));
      if (!document) return;
      await panel.openPage('pretraining');
      if (wish) panel.pretraining.begin(wish.options);
    }),
    // Of the explorer with all files that are selected; what is missing is asked for.
    register('initscope.compareModels', async (uri: unknown, selected: unknown) => {
      const given = (Array.isArray(selected) ? selected : [uri]).flatMap((each: unknown) => chosen(each) ?? []);
      const pair = await pickPair(given, documents.active?.uri);
      if (pair) await openPair(inspector.comparisons, pair);
    }),
    // Of the two sides of a diff.
    register('initscope.compareGradients', async (left: unknown, right: unknown) => {
      const [was, is] = [left, right].map((uri) => (uri instanceof vscode.Uri ? documents.find(uri) : undefined));
      if (!was || !is) throw new Error('initscope.compareGradients takes the URIs of two open models.');
      await compareGradients(panel, documents, was, is);
    }),
    register('initscope.openGradientPanel', async (uri: unknown) => {
      await documentFor(inspector, documents, chosen(uri), say('View Gradient Panel'));
      await panel.open();
    }),
  );
}

/** The layer of a row on which a menu was opened, as `data-vscode-context` numbers it. */
function nameOf(document: ModelDocument | null, context: unknown): string | undefined {
  if (typeof context !== 'object' || context === null || !('layer' in context) || typeof context.layer !== 'number') return undefined;
  return document?.layers[context.layer]?.name;
}

/** All selected layers, where that one is among them. */
function layersOf(document: ModelDocument | null, context: unknown): readonly string[] {
  const name = nameOf(document, context);
  if (name === undefined) return [];
  return document?.selected.includes(name) === true ? document.selected : [name];
}

/** The file whose text one looks at, where that may be a model. */
function modelText(): vscode.Uri | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document?.uri.scheme === 'file' && /\.(json|nam)$/i.test(document.uri.path) ? document.uri : undefined;
}

async function openInspector(uri: vscode.Uri, options: vscode.TextDocumentShowOptions = {}): Promise<void> {
  // Beside its text, where that is what one looks at.
  const isText = vscode.window.activeTextEditor?.document.uri.toString() === uri.toString();
  const beside = isText ? { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true } : {};
  await vscode.commands.executeCommand('vscode.openWith', uri, viewTypeOf(uri), { ...beside, ...options });
}

/** A page that takes longer to load is not waited for; VS Code itself may be starting. */
const loadMs = 10_000;

/** Opens it, and waits for its page: of two that are loaded at the same time VS Code may leave one empty, and what follows may open the panel. */
async function loadInspector(inspector: InspectorEditor, uri: vscode.Uri): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let subscription: vscode.Disposable | undefined;
  const loaded = new Promise<void>((resolve) => {
    subscription = inspector.onDidLoad(() => resolve());
    timer = setTimeout(resolve, loadMs);
  });
  try {
    await openInspector(uri, { preserveFocus: true });
    await loaded;
  } finally {
    clearTimeout(timer);
    subscription?.dispose();
  }
}

/**
 * The document of a file, opened if need be; without a file the active one, else one the user picks. It does not take the focus: a webview
 * that is still loading would take it from the pickers that follow.
 */
async function documentFor(
  inspector: InspectorEditor, documents: ModelDocuments, uri: vscode.Uri | undefined, purpose: string,
): Promise<ModelDocument | undefined> {
  const target = uri ?? modelText() ?? documents.active?.uri ?? await pickModel(purpose);
  if (!target) return undefined;
  if (!documents.find(target)) await loadInspector(inspector, target);
  else if (uri) await openInspector(target, { preserveFocus: true });
  const document = documents.find(target);
  if (document) documents.activate(document);
  return document;
}
