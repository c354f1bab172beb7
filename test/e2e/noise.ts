/** What VS Code itself complains of in every run here. */
const usual = [
  // Native modules that npm did not compile.
  /Could not locate the bindings file/, /build\/Release\/watchdog/,
  // A Marketplace, a GitHub account and files of VS Code's own that are not there.
  /open-vsx\.org/, /authentication provider 'github'/, /Failed to load resource/,
  // A page that is closed or reloaded.
  /\[lifecycle\] Long running operations during shutdown/,
];

export function isNoise(message: string): boolean {
  return usual.some((pattern) => pattern.test(message));
}
