// What is reported of a file as it is on the disk, with what it says of how its weights were drawn.

import { describeRecipe, readRecord, recordKey } from '../core/edits/record';
import { isOfTrained } from '../core/report/network';
import { createReport } from '../core/report/report';
import type { OpenedModel } from '../formats/openModel';
import { joinTies } from '../formats/tensors/ties';
import type { ModelReport } from '../protocol/report';
import type { Measured } from './measuring';

export function reportOf(opened: OpenedModel, { statistics, ties }: Measured): ModelReport {
  const recorded = readRecord(opened.model.metadata.get(recordKey));
  const applied = new Map(recorded.map((recipe) => describeRecipe(recipe, true)));
  return createReport({ ...opened, statistics, ties: joinTies(opened.ties, ties), applied });
}

export const isTrainedFile = (opened: OpenedModel, measured: Measured): boolean => isOfTrained(reportOf(opened, measured).diagnostics);
