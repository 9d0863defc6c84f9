/** The real dependency is the process that is started. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = `
console.log(JSON.stringify(process.argv.slice(2)));
setInterval(() => undefined, 1000);
if (process.argv[3] === 'wait') for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { console.log('got ' + signal); setTimeout(() => process.exit(7), 200); });
else if (process.argv[3] === 'die') process.kill(process.pid, 'SIGKILL');
else process.exit(5);
`;

let directory: string;
let host: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'runledger-platform-'));
  const [main, loader] = ['program.mjs', 'loader.mjs'].map((name) => join(directory, name)) as [string, string];
  host = join(directory, 'host.mjs');
  writeFileSync(main, PROGRAM);
  writeFileSync(loader, '');
  const [delegate, program] = [new URL('run-platform.ts', import.meta.url).href, { main: pathToFileURL(main).href, loader: pathToFileURL(loader).href }];
  writeFileSync(host, `import { runPlatform } from ${JSON.stringify(delegate)};\nprocess.exitCode = await runPlatform('start', process.argv.slice(2), ${JSON.stringify(program)});\n`);
});
afterAll(() => rmSync(directory, { recursive: true }));

function start(args: readonly string[], onOutput: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => undefined): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [host, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    onOutput(text, (signal) => child.kill(signal));
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out })));
}

describe('the platform as a process', () => {
  it('gets the verb and the arguments as they are, and its exit code is ours', async () => {
    expect(await start(['--port', '0', '--', '--agents=a b', '"'])).toEqual({ code: 5, out: `${JSON.stringify(['start', '--port', '0', '--', '--agents=a b', '"'])}\n` });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('gets %s once, and is waited for', async (signal) => {
    const { code, out } = await start(['wait'], (text, kill) => text.includes('["start"') && setTimeout(kill, 100, signal));
    expect([code, out]).toEqual([7, `["start","wait"]\ngot ${signal}\n`]);
  });

  it('that was killed ends us with 128 plus the signal', async () => {
    expect((await start(['die'])).code).toBe(137);
  });
});
