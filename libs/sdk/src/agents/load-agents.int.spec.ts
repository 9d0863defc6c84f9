/** The real dependency is the file system, with Node's module loader. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAgents } from './load-agents.ts';

const sdk = pathToFileURL(join(import.meta.dirname, 'define-agent.ts')).href;
let base = '';

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(base, path)), { recursive: true });
  await writeFile(join(base, path), text);
}

const module = (names: readonly string[], rest = '') =>
  `import { defineAgent } from ${JSON.stringify(sdk)};
  const agent = (name: string) => defineAgent({ name, instructions: 'Help.', model: { provider: 'recorded', name: 'm' } });
  ${names.map((name) => `export const ${name} = agent('${name}');`).join('\n')}\n${rest}`;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'runledger-agents-'));
  await write('plain/index.ts', module(['alpha', 'beta'], 'export const other = 3;'));
  await write('single/agent.ts', module([], `export default agent('gamma');`));
  await write('listed/index.ts', module(['delta'], `export const agents = [delta, agent('epsilon')];\nexport const recordings = () => [{ id: 'first', messages: [] }];`));
  await write('packed/package.json', JSON.stringify({ name: 'packed', exports: { '.': { types: './none.d.ts', import: './src/main.ts' }, './more': './more.ts' } }));
  await write('packed/src/main.ts', module(['zeta'], `export async function* recordings() { yield { id: 'second', messages: [] }; }`));
  await write('node_modules/@acme/care/package.json', JSON.stringify({ name: '@acme/care', exports: './care.js' }));
  await write('node_modules/@acme/care/care.js', module(['eta']).replace('name: string', 'name'));
  await symlink(join(base, 'packed'), join(base, 'node_modules/packed'));
  await write('apart/package.json', JSON.stringify({ exports: { '.': './index.ts', './agent': { import: './agent.ts' } } }));
  await write('apart/index.ts', 'throw new Error("not the agent");');
  await write('apart/agent.ts', module(['kappa'], 'export const samples = 7;'));
  await write('twin/index.ts', module(['alpha'], '// another one'));
  await write('empty/index.ts', 'export const agent = 1;');
  await write('broken/index.ts', 'throw new Error("no database");');
  await write('invalid/index.ts', module([], `agent('Not A Name');`));
  await write('mixed/index.ts', module(['theta'], 'export const agents = [theta, {}];'));
  await write('unsourced/index.ts', module(['iota'], 'export const recordings = [];'));
  await write('outside/package.json', JSON.stringify({ exports: '../plain/index.ts' }));
  await write('missing/package.json', JSON.stringify({ exports: './dist/index.js' }));
  await mkdir(join(base, 'bare'));
});
afterAll(() => rm(base, { recursive: true, force: true }));

const namesIn = async (...specifiers: string[]) => (await loadAgents(specifiers, base)).agents.map((agent) => agent.policy.name);
const refusal = (...specifiers: string[]) => loadAgents(specifiers, base).then(() => expect.unreachable('It was loaded.'), (error: unknown) => error);

describe('loading agents', () => {
  it('takes every exported agent of a folder, in the order of the configuration', async () => {
    expect(await namesIn('./single', 'plain')).toEqual(['gamma', 'alpha', 'beta']);
    expect(await namesIn(join(base, 'single'))).toEqual(['gamma']);
    expect(await namesIn('./single/agent.ts')).toEqual(['gamma']);
  });

  it('takes the agents of an exported list, each once', async () => {
    expect(await namesIn('./listed')).toEqual(['delta', 'epsilon']);
  });

  it('follows the exports of a package, in a folder, in node_modules and above', async () => {
    expect(await namesIn('./packed', '@acme/care')).toEqual(['zeta', 'eta']);
    const { agents } = await loadAgents(['@acme/care'], join(base, 'plain'));
    expect(agents.map((agent) => agent.policy.name)).toEqual(['eta']);
  });

  it('prefers what a package exports as ./agent, and hands on what else is exported there', async () => {
    const { modules } = await loadAgents(['./apart'], base);
    expect(modules).toMatchObject([{ agents: [{ policy: { name: 'kappa' } }], exported: { samples: 7 } }]);
  });

  it('knows a linked package and its folder for one module', async () => {
    expect(await namesIn('packed', './node_modules/packed', './packed')).toEqual(['zeta']);
  });

  it('gives the recordings of all modules as one source, a module that is named twice once', async () => {
    const { recordings, modules } = await loadAgents(['./listed', './plain', './packed', 'packed'], base);
    const ids: string[] = [];
    for await (const recording of recordings()) ids.push(recording.id);
    expect(ids).toEqual(['first', 'second']);
    expect(modules.map((one) => one.recordings !== undefined)).toEqual([true, false, true, true]);
  });

  it('says that there is no such module, no entry, or no agent in it', async () => {
    expect(await refusal('./nowhere')).toMatchObject({ code: 'agent/not-found', message: expect.stringContaining('"./nowhere"') });
    expect(await refusal('@acme/none')).toMatchObject({ code: 'agent/not-found', message: expect.stringContaining('node_modules') });
    expect(await refusal('bare')).toMatchObject({ code: 'agent/not-found', message: expect.stringContaining('index.ts, agent.ts') });
    expect(await refusal('./missing')).toMatchObject({ code: 'agent/not-found', message: expect.stringContaining('./dist/index.js, which its package.json exports') });
    expect(await refusal('./outside')).toMatchObject({ code: 'agent/not-found', message: expect.stringContaining('expected a path inside the package') });
    expect(await refusal('./empty')).toMatchObject({ code: 'agent/not-found', message: expect.stringContaining('exports no agent: found agent') });
  });

  it('says why a module could not be loaded', async () => {
    expect(await refusal('./broken')).toMatchObject({ code: 'agent/broken', message: expect.stringContaining('no database'), cause: expect.any(Error) });
    expect(await refusal('./mixed')).toMatchObject({ code: 'agent/invalid', message: expect.stringContaining('agents[1]') });
    expect(await refusal('./unsourced')).toMatchObject({ code: 'agent/invalid', message: expect.stringContaining('recordings') });
    expect(await refusal('./invalid')).toMatchObject({ code: 'agent/invalid', message: expect.stringContaining('Not A Name') });
  });

  it('refuses two agents with one name, and says where they are', async () => {
    expect(await refusal('./plain', './twin')).toMatchObject({ code: 'agent/duplicate', message: expect.stringMatching(/"alpha".*"\.\/plain".*"\.\/twin"/) });
  });
});
