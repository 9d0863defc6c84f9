/** What the platform is told by its command line, its environment, and the file `runledger.json`; in this order. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'settings/invalid';
}

const providerSettings = z.strictObject({
  /** Of an API that speaks OpenAI's chat completions, up to and with `/v1`. */
  url: z.url(),
  /** The environment variable that holds the API key; none if left out. */
  keyVariable: z.string().min(1).optional(),
});

const settingsFile = z.strictObject({
  /** Folders, files or packages that export agents; paths are relative to this file. */
  agents: z.array(z.string().min(1)).optional(),
  /** By the name that agents use as `model.provider`. */
  providers: z.record(z.string().min(1), providerSettings).optional(),
});

export type ProviderSettings = z.infer<typeof providerSettings>;

export interface Settings {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly agents: readonly string[];
  /** What relative agents are relative to. */
  readonly agentsFrom: string;
  readonly providers: Readonly<Record<string, ProviderSettings>>;
  readonly partitions: number | undefined;
  readonly postgres: string | undefined;
  readonly samples: boolean;
  readonly json: boolean;
}

export const OPTIONS = {
  data: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  agents: { type: 'string', multiple: true },
  partitions: { type: 'string' },
  'no-samples': { type: 'boolean' },
  tenant: { type: 'string' },
  name: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const DEFAULT_PORT = 4800;
const FILE = 'runledger.json';

export function parseCommand(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new SettingsError(`${(error as Error).message} Try --help.`);
  }
}

/** Throws `SettingsError`, which says what was found and what was expected. */
export function readSettings(values: ReturnType<typeof parseCommand>['values'], environment: NodeJS.ProcessEnv = process.env): Settings {
  const file = readFile(resolve(environment.RUNLEDGER_CONFIG ?? FILE), environment.RUNLEDGER_CONFIG !== undefined);
  const agents = values.agents ?? environment.RUNLEDGER_AGENTS?.split(',').filter((agent) => agent !== '');
  return {
    data: resolve(values.data ?? environment.RUNLEDGER_DATA ?? '.runledger'),
    host: values.host ?? environment.RUNLEDGER_HOST ?? '127.0.0.1',
    port: wholeNumber('port', values.port ?? environment.RUNLEDGER_PORT, 0, 65_535) ?? DEFAULT_PORT,
    agents: agents ?? file.agents ?? [],
    agentsFrom: process.cwd(),
    providers: file.providers ?? {},
    partitions: wholeNumber('partitions', values.partitions ?? environment.RUNLEDGER_PARTITIONS, 1, 64),
    postgres: environment.RUNLEDGER_POSTGRES,
    samples: values['no-samples'] !== true,
    json: values.json === true,
  };
}

function readFile(path: string, required: boolean): z.infer<typeof settingsFile> {
  if (!existsSync(path)) {
    if (required) throw new SettingsError(`There is no settings file ${path}, which RUNLEDGER_CONFIG names.`);
    return {};
  }
  try {
    return settingsFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new SettingsError(`The settings file ${path} cannot be used: ${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}`);
  }
}

function wholeNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) throw new SettingsError(`The ${name} is ${JSON.stringify(text)}; expected a whole number from ${min} to ${max}.`);
  return value;
}
