/** For the tests, which are TypeScript. */
export type Settings = Readonly<Record<string, unknown>>;

export interface ApplicationOptions {
  readonly extensions: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Opens folders in Restricted Mode, as VS Code does until the user trusts them. */
  readonly restricted?: boolean;
  readonly settings?: Settings;
  /** That extensions are asked to speak: "ko". */
  readonly language?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Server {
  readonly address: string;
  /** Folder of its settings, storage and backups. */
  readonly profile: string;
  /** The end of what the server printed. */
  log(): string;
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

export function installVsix(vsix: string): Promise<{ readonly extensions: string; readonly remove: () => void }>;
export function startApplication(options: ApplicationOptions): Promise<Server>;
export function startTestServer(options?: { readonly env?: Readonly<Record<string, string>> }): Promise<Server>;
