/** The data directory: what is in it, and in which form. One process at a time may write it. */
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogError, type RunIndex } from '@runledger/event-sourcing';
import { openEmbeddedLog, openEmbeddedRunIndex, type OpenedLog } from '@runledger/log-embedded';
import { openRunViews, startEmbeddedPostgres, type EmbeddedPostgres, type RunViews } from '@runledger/storage';

export class InstallationError extends Error {
  override readonly name = 'InstallationError';
  readonly code: 'data/unwritable' | 'data/newer-version' | 'data/foreign';

  constructor(code: InstallationError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const FORMAT = 1;
const PARTITIONS = 1;

export interface Installation {
  readonly directory: string;
  /** It was empty before. */
  readonly fresh: boolean;
  readonly opened: OpenedLog;
  readonly index: RunIndex;
  close(): Promise<void>;
}

export interface InstallationOptions {
  readonly partitions?: number | undefined;
  readonly readOnly?: boolean;
  readonly onStopped?: (error: LogError) => void;
}

/** Throws `InstallationError`, or `LogError`: `log/locked`, `log/corrupt`, `log/truncated`, `log/newer-version`. */
export function openInstallation(directory: string, options: InstallationOptions = {}): Installation {
  const fresh = checkFormat(directory, options.readOnly === true);
  const partitions = options.partitions ?? (fresh ? PARTITIONS : undefined);
  const opened = openEmbeddedLog(directory, {
    ...(partitions === undefined ? {} : { partitions }), ...(options.readOnly === true ? { readOnly: true } : {}), ...(options.onStopped === undefined ? {} : { onStopped: options.onStopped }),
  });
  try {
    const index = openEmbeddedRunIndex(directory, { readOnly: options.readOnly === true });
    return {
      directory, fresh, opened, index,
      close: async () => {
        await index.close();
        await opened.close();
      },
    };
  } catch (error) {
    void opened.close();
    throw error;
  }
}

/** True if there was nothing yet. */
function checkFormat(directory: string, readOnly: boolean): boolean {
  const file = join(directory, 'format.json');
  let text: string | undefined;
  try {
    if (!readOnly) {
      mkdirSync(directory, { recursive: true, mode: 0o755 });
      accessSync(directory, constants.W_OK);
    }
    text = readOptional(file);
    if (text === undefined && readOnly) throw new InstallationError('data/foreign', `There is no Runledger data in ${directory}. Name another directory with --data.`);
    if (text === undefined) writeFileSync(file, JSON.stringify({ product: 'runledger', format: FORMAT }) + '\n');
  } catch (error) {
    if (error instanceof InstallationError) throw error;
    throw new InstallationError('data/unwritable', `The data directory ${directory} cannot be used: ${(error as Error).message}. Name one that you may write with --data or RUNLEDGER_DATA.`, { cause: error });
  }
  if (text === undefined) return true;
  const format = formatIn(text);
  if (format === undefined) throw new InstallationError('data/foreign', `${file} is not Runledger's. Name another directory with --data.`);
  if (format > FORMAT) throw new InstallationError('data/newer-version', `The data in ${directory} has format ${format}; this version knows up to ${FORMAT}. It was written by a newer Runledger: use that one, or another directory.`);
  return false;
}

function formatIn(text: string): number | undefined {
  try {
    const { product, format } = JSON.parse(text) as { product?: unknown; format?: unknown };
    return product === 'runledger' && typeof format === 'number' ? format : undefined;
  } catch {
    return undefined;
  }
}

function readOptional(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export interface OpenedViews {
  readonly views: RunViews;
  /** Fails if the embedded Postgres could not be started. */
  readonly server: Promise<EmbeddedPostgres | undefined>;
  close(): Promise<void>;
}

/** The Postgres that is named, or one of the platform's own in the data directory. Returns at once; it may come up later, or never. */
export function openViews(directory: string, postgres: string | undefined, log: (line: string) => void): OpenedViews {
  const server = postgres === undefined ? startEmbeddedPostgres(join(directory, 'postgres'), { log }) : Promise.resolve(undefined);
  const url = server.then((started) => started?.url ?? postgres ?? '');
  url.catch(() => undefined);
  const views = openRunViews({ url, log });
  return {
    views,
    server,
    close: async () => {
      await views.close();
      const started = await server.catch(() => undefined);
      await started?.stop();
    },
  };
}

/** Tells the command line where the platform listens. */
export function announce(directory: string, endpoint: { readonly url: string; readonly pid: number }): () => void {
  const file = join(directory, 'endpoint.json');
  writeFileSync(file, JSON.stringify(endpoint) + '\n');
  return () => rmSync(file, { force: true });
}
