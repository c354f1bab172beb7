// What may be asked for at most: fields of a page say so, and a message that asks for more is taken for none.

/** Of a block, run beside those that the network has. */
export const mostCopies = 200;
export const mostSeeds = 1 << 16;
export const mostThreads = 1 << 10;
export const mostSteps = 1e6;
export const mostSamples = 1e7;
export const mostEpochs = 1e5;
/** Each is nodes of the graph of an update. */
export const mostGibbs = 1000;
/** Beyond, single precision, in which steps are made, has nothing or infinity for what optimisers make of a rate. */
export const [leastRate, largestRate] = [1e-30, 1e30] as const;
