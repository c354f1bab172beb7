/** Why *recommended* loses a family, by the family's name: shown where it does. */
export const lossReasons = {};

/** What else the training table has to say. */
export const openNotes = [
  'Single rates at which *recommended* is slower are mostly Adam’s lowest. Its steps have one length, so that 200 of them at 0.0003 move a weight by 0.06 at most, '
  + 'and wider kernels turn more slowly by them. In ResNet batch norms undo the scale of all kernels, which start as narrow as by the default: its rows are chance.',
  'Where the default learns nothing (ten sigmoids, VGG and plain layers by SGD) it ends where it starts, at ln(classes); the ratio then says how soon '
  + '*recommended*, which starts above that, gets below it.',
  'What this account has mended: with He’s kernels before batch norms ResNet never reached the default’s loss at four of six rates, and took 1.23× at its best '
  + 'of Adam; with places of σ = 1 beside a tied table GPT ended higher by Adam, 2.74 instead of 2.63; five layers of tanh and HardSwish left a factor of 4; with outputs of '
  + 'unit variance mixtures, autoencoders and MobileNet were slower by Adam’s lower rates, and with a third of what a mean over places leaves, as by the default, MobileNet was '
  + 'slower at all six: a third of unit variance, whatever is read, is what came of it.',
];
