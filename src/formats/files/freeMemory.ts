import { freemem } from 'node:os';

/** Bytes that are left. What a container leaves counts, where Node can tell. */
export function freeMemory(): number {
  return 'availableMemory' in process ? process.availableMemory() : freemem();
}
