/** Why *recommended* loses a family, by the family's name: shown where it does. */
const asWide = 'batch norms undo the scale of its kernels, which start as narrow as by the default; an output √3 times as wide and the draw are all that differs. '
  + 'By SGD that is quicker, by Adam it is a few steps of 200 behind.';
export const lossReasons = { mobilenet: asWide, resnet: asWide };

/** What else the training table has to say. */
export const openNotes = [
  'Single rates at which *recommended* is slower are mostly Adam’s lowest. Its steps have one length, so that 200 of them at 0.0003 move a weight by 0.06 at most: '
  + 'wider kernels turn more slowly by them, and an output of unit variance, with which classes start 0.3 to 0.6 above ln(classes), takes that long to be taken '
  + 'back.',
  'Where the default learns nothing (ten sigmoids, VGG and plain layers by SGD) it ends where it starts, at ln(classes); the ratio then says how soon '
  + '*recommended*, which starts above that, gets below it.',
  'What this account has mended: with He’s kernels before batch norms ResNet never reached the default’s loss at four of six rates, and took 1.23× at its best '
  + 'of Adam; with places of σ = 1 beside a tied table GPT ended higher by Adam, 2.74 instead of 2.63; five layers of tanh and HardSwish left a factor of 4.',
];
