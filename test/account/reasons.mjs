/** Why *recommended* loses a family, by the family's name: shown where it does. */
export const lossReasons = {};

/** What else the training table has to say. */
export const openNotes = [];
