/** A process that the benchmark starts, asks, measures from outside, and kills. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { own } from '../machine/interference.ts';
import type { Answer, AnswerOf, ArgumentOf, Up, Work } from './ipc.ts';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));
const START_MS_MAX = 120_000;

export interface ChildOptions {
  /** Given to the program as JSON, as its only argument. */
  readonly argument: unknown;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly nodeOptions?: readonly string[] | undefined;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class Child<Does extends Work, Says> {
  readonly up: Says;
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  private constructor(child: ChildProcess, up: Says) {
    this.up = up;
    this.pid = child.pid ?? 0;
    this.#process = child;
    child.on('message', (answer: Answer) => this.#answered(answer));
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        own.delete(this.pid);
        for (const { reject } of this.#waiting.values()) reject(new Error(`The process ended with ${code ?? signal} before it had answered.`));
        resolve();
      });
    });
  }

  /** Resolves once the program says that it is up. `program` is the URL of a TypeScript file. */
  static async start<Does extends Work, Says>(program: URL, { argument, environment = {}, nodeOptions = [] }: ChildOptions): Promise<Child<Does, Says>> {
    const child = fork(fileURLToPath(program), [JSON.stringify(argument)], {
      cwd: repository, env: { ...process.env, ...environment }, execArgv: ['--import', './tools/typescript.mjs', ...nodeOptions], stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    if (child.pid !== undefined) own.add(child.pid);
    const up = await new Promise<Says>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`${program.pathname} was not up within ${START_MS_MAX} ms.`));
      }, START_MS_MAX);
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`${program.pathname} ended with ${code ?? signal} before it was up.`)));
      child.once('message', (message: Up) => {
        clearTimeout(timer);
        resolve(message.up as Says);
      });
    });
    return new Child(child, up);
  }

  ask<Name extends keyof Does & string>(name: Name, argument: ArgumentOf<Does[Name]>): Promise<AnswerOf<Does[Name]>> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as AnswerOf<Does[Name]>), reject });
      this.#process.send({ id, name, argument });
    });
  }

  #answered({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.send({ id: 0, name: 'stop', argument: undefined });
    await this.#exited;
  }
}
