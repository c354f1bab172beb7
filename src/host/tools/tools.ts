// What agents of the editor can ask for: two tools that only look, and one that edits, which the user is asked about first.

import * as vscode from 'vscode';

import { judge } from '../../core/verdict/verdict';
import { Failure } from '../../protocol/failure';
import { CancellationSource, describeError } from '../../protocol/rpc';
import { defaultOptions, lossKinds } from '../../protocol/simulation';
import { say } from '../../protocol/words';
import { describeScheme } from '../../core/initializers/schemes';
import { headlineOf } from '../headlineOf';
import type { EditAnnouncer } from '../reinitialize';
import { applyScheme } from '../reinitialize';
import { readSettings } from '../settings';
import type { Engine } from '../trying';
import { inspectionAnswer, simulationAnswer } from './answers';
import { ToolInput } from './input';
import type { ToolServices } from './models';
import { modelAt, withModel } from './models';

export interface Tool {
  /** Of package.json. */
  readonly name: string;
  /** What is shown while it works. */
  doing(input: ToolInput): string;
  /** What the user is asked first, of a tool that changes something. */
  asks?(input: ToolInput): { readonly title: string; readonly message: string };
  answer(input: ToolInput, cancellation: CancellationSource): Promise<string>;
}

export function createTools(services: ToolServices, engine: Engine, announcer: EditAnnouncer): readonly Tool[] {
  const { documents } = services;
  return [
    {
      name: 'initscope_inspect_model',
      doing: ({ path }) => say('Inspecting the weights of {0}', path),
      answer: (input) => withModel(services, modelAt(input.path, documents), (document) => {
        const report = document.report();
        if (!report) throw new Failure('invalid-input', say('{0} could not be read.', document.name));
        refuseUnknown(document.name, report.layers, input.layers);
        return inspectionAnswer(report, headlineOf(document, report), document.judgement.isTrained, input.layers);
      }),
    },
    {
      name: 'initscope_simulate_gradients',
      doing: ({ path }) => say('Running {0} forward and backward', path),
      answer: (input, cancellation) => withModel(services, modelAt(input.path, documents), async (document) => {
        if (document.readOnly !== null) throw new Failure('read-only', document.readOnly);
        const { keepStructure, threads } = readSettings(document.uri);
        const options = {
          ...defaultOptions, threads, schemes: input.schemes, seeds: input.whole('seeds', 1, 20) ?? 1,
          batch: input.whole('batch', 1, 1 << 16), loss: input.oneOf('loss', lossKinds, 'noise'),
        };
        const request = { path: await document.fileToRun(), ...document.pending(), options, keepStructure, files: {} };
        const { runs, theory, notes } = await engine.simulate(request, {}, cancellation);
        return simulationAnswer(document.name, runs, judge(runs, theory, document.judgement.isTrained), notes);
      }),
    },
    {
      name: 'initscope_reinitialize_weights',
      doing: ({ path }) => say('Reinitializing {0}', path),
      asks: (input) => ({
        title: say('Reinitialize weights of {0}?', input.path),
        message: `${drawnBy(input)} ${say('It is an edit in the editor: it can be undone, and nothing is saved.')}`,
      }),
      answer: async (input) => {
        const uri = modelAt(input.path, documents);
        await withModel(services, uri, (document) => refuseUnknown(document.name, document.layers, input.layers));
        const { scheme, layers } = input;
        const seed = seedOf(input);
        await vscode.commands.executeCommand('initscope.inspect', uri);
        const document = documents.find(uri);
        if (!document) throw new Failure('invalid-input', say('{0} could not be opened.', input.path));
        if (document.readOnly !== null) throw new Failure('read-only', document.readOnly);
        const before = document.revision;
        await applyScheme(announcer, document, { scheme, layers, seed });
        // What is declared in a text is read again when the editor tells of it.
        if (document.revision === before && !document.isDeclared) {
          throw new Failure('unsupported', say('{0} has no weight there that Initscope can set: nothing was changed.', document.name));
        }
        return `${drawnBy(input)} ${say('{0} is open and not saved: undo brings the old weights back.', document.name)}`;
      },
    },
  ];
}

/** Registers them where the editor has agents. */
export function registerTools(tools: readonly Tool[]): vscode.Disposable {
  const { lm } = vscode as Partial<Pick<typeof vscode, 'lm'>>;
  if (typeof lm?.registerTool !== 'function') return vscode.Disposable.from();
  return vscode.Disposable.from(...tools.map((tool) => lm.registerTool(tool.name, asRegistered(tool))));
}

function asRegistered(tool: Tool): vscode.LanguageModelTool<unknown> {
  return {
    prepareInvocation: ({ input }) => {
      const read = new ToolInput(input);
      return { invocationMessage: tool.doing(read), ...(tool.asks ? { confirmationMessages: tool.asks(read) } : {}) };
    },
    invoke: async ({ input }, token) => {
      const cancellation = new CancellationSource();
      token.onCancellationRequested(() => cancellation.cancel());
      try {
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(await tool.answer(new ToolInput(input), cancellation))]);
      } catch (error) {
        throw token.isCancellationRequested ? new vscode.CancellationError() : new Error(describeError(error).message);
      }
    },
  };
}

const seedOf = (input: ToolInput): number => input.whole('seed', 0) ?? 0;

function drawnBy(input: ToolInput): string {
  const { layers, scheme } = input;
  const how = [describeScheme(scheme).title, seedOf(input)] as const;
  if (layers === null) return say('All layers are drawn by {0}, seed {1}.', ...how);
  if (layers.length === 1) return say('{0} is drawn by {1}, seed {2}.', layers[0] ?? '', ...how);
  return say('{0} layers are drawn by {1}, seed {2}.', layers.length, ...how);
}

function refuseUnknown(file: string, layers: readonly { readonly name: string }[], wanted: readonly string[] | null): void {
  const known = new Set(layers.map(({ name }) => name));
  const unknown = wanted?.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new Failure('wrong-usage', `${file} has no layer ${unknown}; its layers are ${[...known].slice(0, 20).join(', ')}${known.size > 20 ? ', …' : ''}.`);
}
