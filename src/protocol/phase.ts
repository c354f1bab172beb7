// Order and chaos of a network's activation: the plane of kernels and biases that a deep stack of it is drawn from, as the panel draws it.

/** A place of the plane. */
export interface PlanePoint {
  /** C_W = fan_in E w², σ_w² of the papers. */
  readonly weights: number;
  /** C_b = Var b, σ_b². */
  readonly biases: number;
}

export interface PhaseRequest {
  /** Layers that stand in the plane: the activation most of them have is what it is of. */
  readonly layers: readonly string[];
  /** The plane reaches so far, as long as its edge is still seen. */
  readonly reach: PlanePoint;
}

export interface PhaseDiagram {
  /** "Tanh" */
  readonly activation: string;
  /** Those of the layers that asked that have this activation. */
  readonly layers: readonly string[];
  /** Where the plane ends; it begins at 0. */
  readonly reach: PlanePoint;
  /** χ⊥ where the signal has settled, by biases from 0 up, and in each row by weights from 0 up; both ends are in it. */
  readonly columns: number;
  readonly perpendicular: readonly number[];
  /** Where χ⊥ = 1 of a signal that has settled, by growing variance; empty where there is no such place. */
  readonly edge: readonly PlanePoint[];
  /** Where a change of the signal's variance is kept, too; null where that is nowhere. */
  readonly critical: PlanePoint | null;
}
