/** What a preview of new weights is told, made from a report. */

const bins = 48;

/** A histogram in the shape of a normal. */
function bell(std) {
  const counts = Array.from({ length: bins }, (_, i) => Math.round(1000 * Math.exp(-((((i + 0.5) / bins - 0.5) * 7) ** 2) / 2)));
  return { min: -3.5 * std, max: 3.5 * std, counts };
}

/** He for kernels, what is like it for the others; what is frozen stays. */
export function previewOf(report) {
  const weights = report.layers.flatMap((layer) => layer.weights.map((weight, i) => {
    const std = weight.recommendation?.std ?? 0;
    const isLeft = weight.frozen !== undefined || !weight.recommendation;
    return {
      id: weight.id, name: weight.name, layer: layer.name, role: weight.role, shape: weight.shape,
      before: weight.statistics ? { std: weight.statistics.std, histogram: weight.statistics.histogram ?? null } : null,
      after: isLeft ? null : {
        title: `${weight.recommendation.title}, seed 7`, kept: i === 0 && weight.name.includes('conv1'), std, histogram: bell(std || 1e-9),
        sampled: i === 0 ? 16384 : null,
      },
      left: isLeft ? weight.frozen ?? 'it has no scheme' : null,
      unties: weight.name.includes('fc') ? ['embedding.weight'] : [],
    };
  }));
  return {
    title: 'Fixup, mode fan_out, seed 7', scope: 'all layers', weights,
    notes: ['Fixup also puts a scalar bias before and a scalar multiplier behind its layers. The graph has none: only the weights start as it says.'],
  };
}
