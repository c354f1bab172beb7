/** Networks of our language for tests: opened from memory, or run. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';

import { simulate } from '../../../../src/engine/running/simulate';
import { openBytes } from '../../../../src/formats/files/byteSource';
import { stampOf } from '../../../../src/formats/files/stamp';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { openModel } from '../../../../src/formats/openModel';
import type { SimulationFiles } from '../../../../src/protocol/engine';
import { isFailure } from '../../../../src/protocol/failure';
import { CancellationSource } from '../../../../src/protocol/rpc';
import type { SimulationOptions, SimulationRun } from '../../../../src/protocol/simulation';
import { defaultOptions } from '../../../../src/protocol/simulation';
import { present } from '../../support/graphs';
import { root } from '../../support/models';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const folder = path.join(root, 'media/templates');
/** Files of the templates, by name. */
export const templates: readonly string[] = readdirSync(folder).map((name) => path.join(folder, name));
export const textOf = (file: string): string => readFileSync(file, 'utf8');

export function openText(text: string, name = 'net.initscope.json'): OpenedModel {
  return openModel(openBytes(name, Buffer.from(text)), stampOf(path.join(root, 'package.json')));
}

/** A network of those layers, behind an input of that shape. */
export const network = (shape: readonly number[], layers: Json, more: Readonly<Record<string, Json>> = {}): Readonly<Record<string, Json>> => (
  { initscope: 1, input: { shape }, layers, ...more });

export const openNetwork = (value: Json): OpenedModel => openText(JSON.stringify(value, null, 2));

/** The sentence that a text is refused with. */
export function refusalOf(text: string): string {
  try {
    openText(text);
  } catch (error) {
    if (isFailure(error)) return error.message;
    throw error;
  }
  throw new Error('It is not refused.');
}

export const schema = JSON.parse(textOf(path.join(root, 'media/initscope.schema.json'))) as Readonly<Record<string, Json>>;
/** Words that VS Code alone reads are allowed; `required` may name what only one of several ways describes. */
const ajv = new Ajv({ strict: true, strictRequired: false });
ajv.addVocabulary(['defaultSnippets', 'enumDescriptions']);
const check = ajv.compile(schema);
export const isValid = (text: string): boolean => check(JSON.parse(text));

/** Runs of a file, a seed each. */
export async function runsOf(file: string, options: Partial<SimulationOptions> = {}, files: SimulationFiles = {}): Promise<readonly SimulationRun[]> {
  const request = { path: file, files, recipes: [], restored: [], options: { ...defaultOptions, threads: 1, ...options } };
  const { runs, unsupported } = await simulate(request, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
  if (unsupported.length > 0) throw new Error(`${unsupported[0]?.node ?? ''} is not supported: ${unsupported[0]?.reason ?? ''}.`);
  return runs;
}

/** Variance of the gradient before and behind all layers. */
export function gradientsOf({ layers }: SimulationRun): { readonly first: number; readonly last: number } {
  const variance = (at: number): number => present(layers.at(at)?.gradient.preactivation?.variance);
  return { first: variance(0), last: variance(-1) };
}
