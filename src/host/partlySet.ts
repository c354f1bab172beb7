/** What looks done and is not has to be said. */
export function partlySet(name: string, leftOut: number, all: number): string {
  return `${name}: ${leftOut} of ${all} tensors stay as they are, since they cannot be written. The inspector says why. The others are set.`;
}
