/** Operators of the standard that have no entry: what stands in their place is made elsewhere, or nothing comes back through them. */
export const standardWithoutEntry: ReadonlySet<string> = new Set([
  'If', 'Loop', 'Scan', 'Constant',
  'ConcatFromSequence', 'Optional', 'OptionalGetElement', 'OptionalHasElement', 'SequenceAt', 'SequenceConstruct', 'SequenceEmpty', 'SequenceErase',
  'SequenceInsert', 'SequenceLength', 'SequenceMap', 'SplitToSequence', 'ImageDecoder', 'RegexFullMatch', 'StringConcat', 'StringNormalizer',
  'StringSplit', 'TfIdfVectorizer', 'AffineGrid', 'DeformConv', 'GridSample', 'MaxRoiPool', 'RoiAlign', 'BitCast', 'LinearAttention', 'CumProd',
  'TensorScatter', 'Det', 'DFT', 'STFT', 'MelWeightMatrix',
]);
