import * as vscode from 'vscode';

import { EditLog, sameRecipe, sameValues } from '../core/edits/log';
import type { Edit } from '../core/edits/log';
import { describeRecipe, readRecord, recordKey } from '../core/edits/record';
import type { ChosenScheme } from '../core/initializers/recipes';
import { pickedSchemes } from '../core/initializers/recipes';
import type { Layer } from '../core/layers/layer';
import type { ReportSource } from '../core/report/report';
import type { Ties } from '../core/report/ties';
import { createReport } from '../core/report/report';
import { leadersOf } from '../core/report/twins';
import { resolveLinks } from '../formats/files/byteSource';
import type { TensorContent } from '../formats/tensors/content';
import type { OpenedModel } from '../formats/openModel';
import { tensorsById } from '../formats/openModel';
import { saveModel } from '../formats/saving/save';
import { writableOf } from '../formats/saving/tensorWrite';
import { joinTies } from '../formats/tensors/ties';
import { undoBaseSize } from '../formats/saving/undoBase';
import type { SimulationRequest } from '../protocol/engine';
import { Failure } from '../protocol/failure';
import type { Recipe } from '../protocol/recipe';
import type { AppliedScheme, ModelReport } from '../protocol/report';
import type { ErrorData } from '../protocol/rpc';
import { describeError } from '../protocol/rpc';
import { say } from '../protocol/words';
import type { DocumentSave } from './documentSave';
import { filesOf, inTurn, isModelAnother, newContents, sizeOf } from './documentSave';
import { Judgement } from './judgement';
import type { Log } from './log';
import { ModelFile } from './modelFile';
import { UndoBase } from './undoBase';
import { WeightMeasurement } from './weightMeasurement';

/** A model file as an editor holds it: its structure, its edits, and what has been measured. */
export class ModelDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly measurement: WeightMeasurement;
  readonly #file: ModelFile;
  readonly #changed = new vscode.EventEmitter<void>();
  /** The structure or the content of some weight is another. */
  readonly onDidChange = this.#changed.event;
  readonly #disposed = new vscode.EventEmitter<void>();
  readonly onDidDispose = this.#disposed.event;
  /** Names of the layers that are selected in its editor. */
  selected: readonly string[] = [];
  /** What the file says of how its weights were drawn. */
  #recorded: readonly Recipe[] = [];
  #log = new EditLog();
  readonly #undoBase: UndoBase;
  /** Called with what a save could not write. */
  readonly #told: (left: string) => void;
  #revision = 0;
  #reported: { readonly of: readonly unknown[]; readonly report: ModelReport } | null = null;
  #readings = 0;
  #saving = false;
  /** Ids of tensors that another program has taken out of the file. */
  #lost: ReadonlySet<string> = new Set();

  /** `storage` is a folder for what the document has to keep on the disk. */
  constructor(uri: vscode.Uri, storage: string, log: Pick<Log, 'warn'>) {
    this.uri = uri;
    this.#file = new ModelFile(uri, storage);
    this.#undoBase = new UndoBase(storage, uri.toString());
    this.#told = (left) => log.warn(left);
    this.measurement = new WeightMeasurement((id) => this.content(id), (error) => {
      log.warn(`${this.name} was not measured to the end: ${describeError(error).message}`);
    });
  }

  get opened(): OpenedModel | null { return this.#file.opened; }
  get error(): ErrorData | null { return this.#file.error; }
  readonly judgement = new Judgement(this);
  /** Counts changes of content. */
  get revision(): number { return this.#revision; }
  /** Equal for equal weights, as long as the file is not read anew. */
  get signature(): string { return `${this.#readings} ${this.#log.signature()}`; }
  get layers(): readonly Layer[] { return this.opened?.layers ?? []; }
  get name(): string { return this.#file.name; }

  /** Reads the file again and forgets all edits. */
  async read(): Promise<void> {
    this.#log = new EditLog();
    this.#lost = new Set();
    this.#readings++;
    this.#undoBase.clear();
    await this.#readFile();
    this.#changedContent(null);
  }

  async #readFile(): Promise<void> {
    await this.#file.read(this.#separated());
    this.#recorded = readRecord(this.opened?.model.metadata.get(recordKey));
  }

  /** Whether the file says how its weights start, and holds none: then its text is what is changed. */
  get isDeclared(): boolean { return this.opened?.format.declare !== undefined; }

  /** A text editor holds another text than the file, or (null) none any more. */
  async followText(text: string | null): Promise<void> {
    if (this.#log.unsaved().size > 0 || !await this.#file.followText(text)) return;
    this.#readings++;
    this.#changedContent(null);
  }

  fileToRun(): Promise<string> { return this.#file.toRun(); }

  /** Uses of merged tensors that edits speak of: they are told apart whatever they hold now. */
  #separated(): ReadonlySet<string> { return new Set([...this.#log.current().keys(), ...this.#log.saved().keys()]); }

  /** Why weights cannot be written here, or null. */
  get readOnly(): string | null { return this.#file.readOnly; }

  /** What else is limited here, and why. */
  get limits(): readonly string[] { return this.#file.limits; }

  /** One for all who ask, until the content or what is known of it is another. */
  report(): ModelReport | null {
    const { opened, revision, measurement: { results, ties } } = this;
    if (!opened) return null;
    const of: readonly unknown[] = [opened, revision, results.size, ties];
    if (!this.#reported?.of.every((each, at) => each === of[at])) {
      this.#reported = { of, report: createReport({ ...opened, ...this.#measured(), applied: this.#applied() }) };
    }
    return this.#reported.report;
  }

  /** Weights that share values, as far as that is known. */
  get ties(): Ties { return joinTies(this.opened?.ties ?? new Map(), this.measurement.ties); }

  #measured(): Pick<ReportSource, 'statistics' | 'ties'> {
    return { statistics: this.measurement.results, ties: this.ties };
  }

  /** The same of the layers that hold the named weights alone, which costs less. */
  reportOn(ids: ReadonlySet<string>): Pick<ModelReport, 'layers' | 'diagnostics'> {
    if (!this.opened) return { layers: [], diagnostics: [] };
    const layers = this.layers.filter((layer) => layer.weights.some((weight) => ids.has(weight.id)));
    const leaders = leadersOf(this.layers, this.ties);
    return createReport({ ...this.opened, ...this.#measured(), layers, leaders, applied: this.#applied() });
  }

  #applied(): ReadonlyMap<string, AppliedScheme> {
    const [saved, current] = [this.#log.saved(), this.#log.current()];
    return new Map([...this.#drawn().values()].map((recipe) => {
      const edited = current.get(recipe.tensorId);
      return describeRecipe(recipe, edited === undefined || sameRecipe(edited, saved.get(recipe.tensorId)));
    }));
  }

  /** What was drawn by Initscope: recorded in the file, saved since, or only in this document. */
  #drawn(): ReadonlyMap<string, Recipe> {
    const saved = this.#log.saved();
    const current = this.#log.current();
    const recorded = this.#recorded.filter((recipe) => !saved.has(recipe.tensorId) || current.has(recipe.tensorId));
    return new Map([...recorded.map((recipe) => [recipe.tensorId, recipe] as const), ...current]);
  }

  /** The schemes that were picked for single layers, by name. */
  get picked(): ReadonlyMap<string, ChosenScheme> { return pickedSchemes(this.layers, this.#drawn()); }

  /** Where the present values of a tensor come from. */
  content(id: string): TensorContent {
    const recipe = this.#log.current().get(id);
    const saved = this.#log.saved().get(id);
    if (recipe) return sameValues(recipe, saved) ? {} : { recipe };
    const kept = saved ? this.#undoBase.get(id) : undefined;
    return kept ? { restored: kept } : {};
  }

  /** For the engine: everything that is not as in the file. */
  pending(): Pick<SimulationRequest, 'recipes' | 'restored' | 'separated'> {
    const contents = [...this.#log.unsaved().keys()].map((id) => this.content(id));
    return {
      recipes: contents.flatMap((content) => content.recipe ?? []),
      restored: contents.flatMap((content) => content.restored ?? []),
      separated: [...this.#separated()],
    };
  }

  /** Adds an edit; tensors that cannot be written in place are left out of it. Null if nothing is left. */
  edit(edit: Edit): { undo(): void; redo(): void; readonly leftOut: number } | null {
    const writable = this.opened ? writableOf(this.opened, edit.recipes).map(({ recipe }) => recipe) : [];
    if (writable.length === 0) return null;
    const ids = writable.map(({ tensorId }) => tensorId);
    const entry = this.#log.push({ ...edit, recipes: writable });
    const changed = (): void => this.#changedContent(ids);
    changed();
    const leftOut = edit.recipes.length - writable.length;
    return { undo: () => { entry.undo(); changed(); }, redo: () => { entry.redo(); changed(); }, leftOut };
  }

  /** Brings back the edits of a backup. */
  restore(edits: readonly Edit[]): void {
    for (const edit of edits) this.edit(edit);
  }

  applied(): readonly Edit[] { return this.#log.applied(); }

  /**
   * `mayForget` is asked where there is no room on the disk to keep what the save overwrites: whether to save all the same, so that undo
   * does not come back behind it.
   */
  async save({ target, record, progress, cancellation, mayForget }: DocumentSave): Promise<void> {
    const opened = this.opened;
    if (!opened) throw new Failure('unsupported', say('{0} could not be read, so there is nothing to save.', this.name));
    if (this.readOnly !== null) throw new Failure('read-only', `${say('{0} was not saved.', this.name)} ${this.readOnly}`);
    const inPlace = resolveLinks(target.fsPath) === resolveLinks(this.uri.fsPath);
    const unsaved = new Map([...this.#log.unsaved()].filter(([id]) => !this.#lost.has(id)));
    this.#saving = true;
    try {
      // The first time a tensor is overwritten its payload is kept, so that undo can bring it back.
      const first = inPlace ? [...unsaved.keys()].filter((id) => !this.#log.saved().has(id) && !this.#undoBase.get(id)) : [];
      const kept = undoBaseSize(opened, first);
      const hasRoom = this.#undoBase.hasRoom(kept);
      if (!hasRoom && !await mayForget(kept)) throw new Failure('cancelled', say('{0} was not saved.', this.name));
      const [keeping, saving] = hasRoom ? inTurn(kept, sizeOf(opened), progress) : inTurn(0, 1, progress);
      if (hasRoom && first.length > 0) await this.#undoBase.keep(opened, first, { progress: (bytes) => keeping(bytes / kept), cancellation });
      const contents = newContents(unsaved, (id) => this.#undoBase.get(id));
      await saveModel({ opened, target: target.fsPath, contents, record, progress: saving, told: this.#told, cancellation });
      if (!inPlace) return;
      if (!hasRoom) this.#log.forgetBefore(first);
      this.#log.markSaved();
      await this.#readFile();
      this.measurement.move(this.opened);
    } finally {
      this.#saving = false;
    }
    this.#changed.fire();
  }

  /** The document again holds what the file holds. */
  async revert(): Promise<void> {
    if (this.#isChangedOnDisk()) return this.read();
    const touched = [...this.#log.unsaved().keys()];
    this.#log.revert();
    await this.#readFile();
    this.#changedContent(touched);
  }

  /** Whether another program wrote the file or its data, and there are edits in the way of following it. */
  isInConflict(): boolean {
    return !this.#saving && this.#log.unsaved().size > 0 && this.#isChangedOnDisk();
  }

  /** Another program wrote the file or its data: a clean document follows it. */
  async followDisk(): Promise<void> {
    if (this.#saving || !this.#isChangedOnDisk() || this.#log.unsaved().size > 0) return;
    await this.read();
  }

  /** Reads the file that another program wrote, and keeps the edits. Returns how many of their tensors are no longer there. */
  async moveOntoDisk(): Promise<number> {
    this.#log.markOverwritten();
    this.#readings++;
    this.#undoBase.clear();
    await this.#readFile();
    this.#changedContent(null);
    const tensors = this.opened ? tensorsById(this.opened) : new Map<string, unknown>();
    this.#lost = new Set([...this.#log.current().keys()].filter((id) => !tensors.has(id)));
    return this.#lost.size;
  }

  /** The file and those that it keeps its weights in. */
  readonly files = (): readonly string[] => filesOf(this.uri.fsPath, this.opened);

  readonly #isChangedOnDisk = (): boolean => this.uri.scheme === 'file' && isModelAnother(this.uri.fsPath, this.opened);

  #changedContent(ids: readonly string[] | null): void {
    this.#revision++;
    this.measurement.restart(this.opened, ids);
    this.#changed.fire();
  }

  dispose(): void {
    this.measurement.dispose();
    this.judgement.dispose();
    this.#disposed.fire();
    this.#disposed.dispose();
    this.#changed.dispose();
    this.#file.dispose();
    this.#undoBase.clear();
  }
}
