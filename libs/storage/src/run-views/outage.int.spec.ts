import { BEGINNING } from '@runledger/event-sourcing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { idOf, positionAt, runNumber } from '../testing/run-view-samples.ts';
import { scratchPostgres, type Scratch } from '../testing/scratch-postgres.ts';
import { openRunViews } from './run-views.ts';

let scratch: Scratch;

beforeAll(async () => {
  scratch = await scratchPostgres();
});
afterAll(() => scratch.end());

const unavailable = expect.objectContaining({ name: 'ViewError', code: 'view/unavailable' });
const soon = { timeout: 10_000, interval: 20 };

test('Postgres may go away and come back', async () => {
  const directory = await scratch.stopped();
  const first = await scratch.start(directory);
  const said: string[] = [];
  const views = openRunViews({ url: first.url, log: (line) => said.push(line) });
  await views.advance(0, BEGINNING, positionAt(1), [runNumber(1)]);

  // Several connections lie idle in the pool when the server cuts them.
  await Promise.all([1, 2, 3].map(() => views.get('acme', idOf(1))));
  await first.stop();
  await expect(views.get('acme', idOf(1))).rejects.toEqual(unavailable);
  await expect(views.advance(0, positionAt(1), positionAt(2), [runNumber(2)])).rejects.toEqual(unavailable);
  expect(views.ready()).toBe(false);

  const second = await scratch.start(directory);
  await vi.waitUntil(() => views.ready(), soon);
  expect(await views.get('acme', idOf(1))).toEqual(runNumber(1));
  await views.advance(0, positionAt(1), positionAt(2), [runNumber(2)]);
  expect(said).toEqual([expect.stringContaining('cannot be reached'), expect.stringContaining('again')]);
  await views.close();
  await second.stop();
});

test('a server that dies in the middle of a call takes the call with it, not the process', async () => {
  const server = await scratch.start(await scratch.stopped());
  const views = openRunViews({ url: server.url });
  await views.reset();
  const writing = views.advance(0, BEGINNING, positionAt(1), Array.from({ length: 20_000 }, (_, number) => runNumber(number)));
  const outcome = expect(writing).rejects.toEqual(unavailable);
  await new Promise((resolve) => setTimeout(resolve, 100));
  process.kill(server.pid, 'SIGQUIT');
  await outcome;
  await vi.waitUntil(() => views.ready(), soon);
  expect([await views.count(), await views.positions()]).toEqual([0, new Map()]);
  await views.close();
});

test('views can be opened before Postgres is there', async () => {
  const directory = scratch.path('new');
  const starting = scratch.start(directory);
  const views = openRunViews({ url: starting.then(({ url }) => url) });
  expect(views.ready()).toBe(false);
  await vi.waitUntil(() => views.ready(), soon);
  expect(await views.count()).toBe(0);
  await views.close();
});

test('views say why Postgres is not there', async () => {
  const never = Promise.reject(new Error('Postgres refused to start'));
  const views = openRunViews({ url: never });
  await expect(views.count()).rejects.toEqual(expect.objectContaining({ code: 'view/unavailable', message: expect.stringContaining('Postgres refused to start') }));
  await views.close();
  await expect(views.count()).rejects.toEqual(unavailable);
});

test('nobody listens there', async () => {
  const views = openRunViews({ url: 'postgres://runledger:secret@127.0.0.1:1/runledger' });
  await expect(views.opened()).rejects.toEqual(unavailable);
  await expect(views.opened()).rejects.not.toThrow('secret');
  await views.close();
});
