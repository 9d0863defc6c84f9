/** A platform in a process of its own, as a user starts it: to be talked to over HTTP, and to be killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const START_MS_MAX = 60_000;

export interface PlatformOptions {
  readonly data: string;
  readonly port: number;
  readonly agents: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const platformProgram = (verb: string, args: readonly string[]) => ['--import', join(root, 'tools/typescript.mjs'), join(root, 'apps/platform/src/main.ts'), verb, ...args];

export class PlatformProcess {
  readonly options: PlatformOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #stderr = '';

  constructor(options: PlatformOptions) {
    this.options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.options.port}`;
  }

  get apiKey(): string {
    return readFileSync(join(this.options.data, 'local-api-key'), 'utf8').trim();
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** What the process has said on its standard error so far. */
  get said(): string {
    return this.#stderr;
  }

  /** Resolves once it listens, with the ms that took. Throws with what it said if it ended instead. */
  async start(): Promise<number> {
    const { data, port, agents, environment } = this.options;
    const startedAt = performance.now();
    const args = ['--data', data, '--port', String(port), '--no-samples', '--json', ...agents.flatMap((agent) => ['--agents', agent]), ...(this.options.arguments ?? [])];
    const child = spawn(process.execPath, platformProgram('start', args), { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
    this.#stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (this.#stderr = (this.#stderr + chunk.toString()).slice(-20_000)));
    await new Promise<void>((resolve, reject) => {
      const failed = (what: string): void => {
        clearTimeout(timer);
        reject(new Error(`The platform ${what}. It said: ${this.#stderr}`));
      };
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        failed(`did not listen within ${START_MS_MAX} ms`);
      }, START_MS_MAX);
      child.once('exit', (code, signal) => failed(`ended with ${code ?? signal}`));
      createInterface({ input: child.stdout }).once('line', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    return performance.now() - startedAt;
  }

  /** As the kernel does it to a process that uses too much memory. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    await this.#exited;
  }
}

/** Runs another verb of the platform's program to its end. */
export function runPlatform(verb: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, platformProgram(verb, args), { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
