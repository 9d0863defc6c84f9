/** Restate's packages in a folder of their own, outside this repository, and the little of them that the benchmark uses. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const VERSIONS = { '@restatedev/restate-sdk': '1.17.2', '@restatedev/restate-sdk-clients': '1.17.2', '@restatedev/restate-server': '1.7.12' } as const;

export interface StepContext {
  run<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

export interface RestateSdk {
  service(definition: { readonly name: string; readonly handlers: Readonly<Record<string, (context: StepContext, argument: string) => Promise<unknown>>> }): object;
  serve(options: { readonly services: readonly object[]; readonly port: number }): Promise<number>;
}

export interface RestateClients {
  connect(options: { readonly url: string }): { serviceClient(service: { readonly name: string }): { run(argument: string, options: object): Promise<number> } };
  readonly rpc: { opts(options: { readonly idempotencyKey: string }): object };
}

/** Takes a while, and the network. */
export function installRestate(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: VERSIONS }));
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel', 'error'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

export async function importInstalled<Module>(folder: string, name: keyof typeof VERSIONS): Promise<Module> {
  const path = createRequire(join(folder, 'package.json')).resolve(name);
  const module = (await import(pathToFileURL(path).href)) as Module & { readonly default?: Module };
  return module.default ?? module;
}

/** The server's own program, without the launcher around it. */
export function serverProgram(folder: string): string {
  return createRequire(join(folder, 'package.json')).resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`);
}
