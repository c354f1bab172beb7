/** Sooner than this nobody wants to read that something is going on. */
const patienceMs = 500;

/** Whether work takes long enough to say so. Throws what it throws, if that is sooner. */
export async function takesLong(work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<'late'>((resolve) => { timer = setTimeout(resolve, patienceMs, 'late'); });
  const first = await Promise.race([work, patience]).finally(() => clearTimeout(timer));
  return first === 'late';
}
