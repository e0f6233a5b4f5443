/** What the command line says; an option that a target does not have is absent. */
export interface SetupCommand {
  readonly config?: string;
  readonly output?: string;
  readonly url?: readonly string[];
  readonly user?: string;
  readonly passwordFile?: string;
  readonly apiKeyFile?: string;
  readonly ca?: string;
  readonly namespace?: string;
  readonly only?: readonly string[];
  readonly retain?: readonly string[];
  readonly ilm?: boolean;
  readonly start?: boolean;
  readonly dryRun?: boolean;
  readonly export?: string;
  readonly createApiKey?: boolean;
  readonly uninstall?: boolean;
}
