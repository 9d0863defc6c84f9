import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyReusedError, openConversations, type Conversations } from './conversation-store.ts';

const user = 'mia_li_3668';
const certificate = JSON.stringify({ user_id: user, amount: 100 });
const sent = (id: number) => `Certificate certificate_${id} added to user ${user} with amount 100.`;
const store = new URL('./conversation-store.ts', import.meta.url).href;

let directory: string;
let conversations: Conversations;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'airline-'));
  conversations = openConversations(directory);
});
afterEach(() => {
  conversations.close();
  rmSync(directory, { recursive: true });
});

const send = (conversation: string, key?: string) => conversations.invoke(conversation, 'send_certificate', certificate, key).output;
const userIn = (conversation: string) => conversations.invoke(conversation, 'get_user_details', JSON.stringify({ user_id: user })).output;
const reopen = () => {
  conversations.close();
  conversations = openConversations(directory);
};

/** A process that opens the same directory and runs a script with `conversations` in it. */
function start(script: string) {
  const source = `const { openConversations } = await import(${JSON.stringify(store)});
    const conversations = openConversations(${JSON.stringify(directory)});
    const certificate = ${JSON.stringify(certificate)};
    ${script}`;
  return spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: ['ignore', 'pipe', 'inherit'] });
}

describe('a tool that writes, called with a key', () => {
  it('is applied once, however often it is asked for', () => {
    expect([send('a', 'key'), send('a', 'key'), send('a', 'key')]).toEqual([sent(3221322), sent(3221322), sent(3221322)]);
    expect(userIn('a')).not.toContain('certificate_3221323');
    expect(conversations.effects()).toEqual([{ conversation: 'a', key: 'key', tool: 'send_certificate', applied: 1, asked: 3 }]);
  });

  it('is still applied once after the store was closed and opened again', () => {
    send('a', 'key');
    const state = conversations.finalState('a');
    reopen();
    expect(send('a', 'key')).toBe(sent(3221322));
    expect(conversations.finalState('a')).toEqual(state);
    expect(conversations.effects()).toMatchObject([{ applied: 1, asked: 2 }]);
  });

  it('is applied again under another key, and each time without one', () => {
    expect([send('a', 'one'), send('a', 'two'), send('a')]).toEqual([sent(3221322), sent(3221323), sent(3221324)]);
    expect(conversations.effects().map(({ key }) => key)).toEqual(['one', 'two']);
  });

  it('keeps a refusal as its answer, although nothing changed', () => {
    const cancel = (id: string) => conversations.invoke('a', 'cancel_reservation', JSON.stringify({ reservation_id: id }), 'key').output;
    expect(cancel('NOPE')).toBe('Error: reservation not found');
    expect(cancel('H8Q05L')).toBe('Error: reservation not found');
    expect(conversations.finalState('a').changed).toEqual([]);
    expect(conversations.effects()).toMatchObject([{ applied: 1, asked: 2 }]);
  });

  it('refuses the key of another tool', () => {
    send('a', 'key');
    expect(() => conversations.invoke('a', 'cancel_reservation', '{}', 'key')).toThrow(KeyReusedError);
    expect(conversations.effects()).toMatchObject([{ tool: 'send_certificate', applied: 1, asked: 1 }]);
    expect(send('a', 'next')).toBe(sent(3221323));
  });
});

describe('a tool that only reads', () => {
  it('leaves no trace, with or without a key', () => {
    conversations.invoke('a', 'get_user_details', JSON.stringify({ user_id: user }), 'key');
    conversations.invoke('a', 'transfer_to_human_agents', '{"summary": ""}', 'key');
    expect(conversations.invoke('a', 'teleport', '{}', 'key').output).toBe('Unknown action teleport');
    expect(conversations.effects()).toEqual([]);
    expect(conversations.finalState('a').changed).toEqual([]);
  });
});

describe('conversations', () => {
  it('have a database each, and the same key twice', () => {
    expect([send('a', 'key'), send('b', 'key')]).toEqual([sent(3221322), sent(3221322)]);
    expect(send('b', 'second')).toBe(sent(3221323));
    expect(userIn('a')).not.toContain('certificate_3221323');
    expect(userIn('b')).toContain('certificate_3221323');
    expect(userIn('c')).not.toContain('certificate_3221322');
    expect(conversations.finalState('a').changed.map(({ kind, id }) => `${kind} ${id}`)).toEqual([`user ${user}`]);
    expect(conversations.finalState('c').changed).toEqual([]);
  });

  it('never change the shipped data', () => {
    const before = userIn('untouched');
    for (const tool of ['cancel_reservation', 'get_reservation_details']) {
      conversations.invoke('a', tool, JSON.stringify({ reservation_id: 'H8Q05L' }), 'key');
    }
    send('a', 'other');
    reopen();
    expect(userIn('untouched')).toBe(before);
    expect(conversations.invoke('untouched', 'get_reservation_details', '{"reservation_id": "H8Q05L"}').output).not.toContain('cancelled');
  });
});

describe('several processes', () => {
  it('apply a key once between them', async () => {
    const script = `for (let task = 0; task < 20; task += 1) conversations.invoke('c' + task, 'send_certificate', certificate, 'key');`;
    const exits = await Promise.all(Array.from({ length: 4 }, () => once(start(script), 'exit')));
    expect(exits.map(([code]) => code as number)).toEqual([0, 0, 0, 0]);
    const effects = conversations.effects();
    expect(effects.length).toBe(20);
    expect(effects.filter(({ applied, asked }) => applied !== 1 || asked !== 4)).toEqual([]);
    expect(effects.map(({ conversation }) => userIn(conversation)).filter((text) => text.includes('certificate_3221323'))).toEqual([]);
  });
});

describe('several processes without keys', () => {
  it('wait for each other, and do not work on what another one has just changed', async () => {
    const script = `for (let task = 0; task < 40; task += 1) conversations.invoke('c' + task, 'send_certificate', certificate);`;
    const exits = await Promise.all(Array.from({ length: 3 }, () => once(start(script), 'exit')));
    expect(exits.map(([code]) => code as number)).toEqual([0, 0, 0]);
    const given = Array.from({ length: 40 }, (_, task) => new Set(userIn(`c${task}`).match(/certificate_322132\d/g)).size);
    expect(given.filter((certificates) => certificates !== 3)).toEqual([]);
  });
});

describe('a process that is killed', () => {
  it.each(['before', 'after'])('right %s it wrote down the effect, with the changed rows written, has done nothing', async (moment) => {
    const victim = start(`const { StatementSync } = await import('node:sqlite');
    const run = StatementSync.prototype.run;
    StatementSync.prototype.run = function (...values) {
      const isEffect = this.sourceSQL.includes('INSERT INTO applied_effect');
      if (isEffect && '${moment}' === 'before') process.kill(process.pid, 'SIGKILL');
      const result = run.apply(this, values);
      if (isEffect) process.kill(process.pid, 'SIGKILL');
      return result;
    };
    conversations.invoke('a', 'send_certificate', certificate, 'key');`);
    const [, signal] = (await once(victim, 'close')) as [number | null, string | null];
    reopen();
    expect(signal).toBe('SIGKILL');
    expect(conversations.effects()).toEqual([]);
    expect(conversations.finalState('a').changed).toEqual([]);
    expect([send('a', 'key'), send('a', 'key')]).toEqual([sent(3221322), sent(3221322)]);
    expect(conversations.effects()).toMatchObject([{ applied: 1, asked: 2 }]);
  });

  it('has done each write entirely or not at all', async () => {
    const victim = start(`for (let task = 0; ; task += 1) {
      conversations.invoke('c' + task, 'send_certificate', certificate, 'key');
      process.stdout.write('.');
    }`);
    let confirmed = 0;
    victim.stdout.on('data', (dots: Buffer) => {
      confirmed += dots.length;
      if (confirmed >= 25) victim.kill('SIGKILL');
    });
    await once(victim, 'close');
    reopen();

    const applied = conversations.effects().length;
    expect(applied).toBeGreaterThanOrEqual(confirmed);
    // The one that may have been under way, and the next, are asked for as by a platform that does not know.
    for (let task = 0; task <= applied; task += 1) expect(send(`c${task}`, 'key')).toBe(sent(3221322));
    const effects = conversations.effects();
    expect(effects.length).toBe(applied + 1);
    expect(effects.filter((effect) => effect.applied !== 1)).toEqual([]);
    expect(effects.map(({ conversation }) => userIn(conversation)).filter((text) => text.includes('certificate_3221323'))).toEqual([]);
  });
});
