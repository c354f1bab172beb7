/** The layers that are selected, as VS Code's lists select: one is active, and a range begins where the last choice was made. */
export interface Selection {
  /** Whose detail is shown. */
  readonly active: string | null;
  readonly chosen: ReadonlySet<string>;
  /** Where a range begins. */
  readonly pivot: string | null;
}

export const nothingSelected: Selection = { active: null, chosen: new Set(), pivot: null };

export function selectOne(layer: string | null): Selection {
  return layer === null ? nothingSelected : { active: layer, chosen: new Set([layer]), pivot: layer };
}

/** Adds a layer, or takes it away. */
export function toggle({ chosen }: Selection, layer: string): Selection {
  const next = new Set(chosen);
  if (!next.delete(layer)) next.add(layer);
  const active = next.has(layer) ? layer : [...next].at(-1) ?? null;
  return { active, chosen: next, pivot: active };
}

/** All from where the range begins to a layer, in the order that is shown. */
export function extendTo({ pivot }: Selection, layer: string, shown: readonly string[]): Selection {
  const from = shown.indexOf(pivot ?? layer);
  const to = shown.indexOf(layer);
  if (from < 0 || to < 0) return selectOne(layer);
  return { active: layer, chosen: new Set(shown.slice(Math.min(from, to), Math.max(from, to) + 1)), pivot };
}

export function selectAll({ active }: Selection, shown: readonly string[]): Selection {
  const first = active !== null && shown.includes(active) ? active : shown[0] ?? null;
  return { active: first, chosen: new Set(shown), pivot: shown[0] ?? null };
}
