/** For the tests, which are TypeScript. */
export function createTemporaryFolder(): string;
export function removeFolder(folder: string): void;
