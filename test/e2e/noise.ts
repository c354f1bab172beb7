/** What VS Code complains of in every run here: native modules that are not compiled, and a Marketplace that is not asked. */
const usual = [/Could not locate the bindings file/, /build\/Release\/watchdog/, /open-vsx\.org/, /Failed to load resource/];

export function isNoise(message: string): boolean {
  return usual.some((pattern) => pattern.test(message));
}
