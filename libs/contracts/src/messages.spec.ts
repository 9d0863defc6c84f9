import { describe, expect, it } from 'vitest';
import { COMMAND_SCHEMA, INPUT_CHARACTERS_MAX, TIME_MAX, clientCommand, commandRecord, metadata } from './commands.ts';
import { EVENT_SCHEMAS, EVENT_TYPES, EVENT_VERSIONS, checkEvent } from './events.ts';
import { textContent } from './message.ts';

const hash = 'h'.repeat(43);

describe('events', () => {
  it('have a version each, and are named by what has happened', () => {
    for (const type of EVENT_TYPES) {
      expect(EVENT_VERSIONS[type]).toBeGreaterThanOrEqual(1);
      expect(type).toMatch(/^([A-Z][a-z]+)+(ed|Unknown|Lost)$/);
    }
  });

  it('are refused with a member too many, one too few, or one that does not fit', () => {
    expect(() => checkEvent({ type: 'AttemptLost', version: 1, data: { step: 1, attempt: 1 } })).not.toThrow();
    for (const data of [{ step: 1 }, { step: 1, attempt: 0 }, { step: 1.5, attempt: 1 }, { step: 1, attempt: 1, more: 1 }]) expect(() => checkEvent({ type: 'AttemptLost', version: 1, data } as never)).toThrow();
  });

  it('hold content with its text or without it, and always with its hash', () => {
    expect(textContent.safeParse({ hash, body: '' }).success).toBe(true);
    expect(textContent.safeParse({ hash }).success).toBe(true);
    expect(textContent.safeParse({ body: 'x' }).success).toBe(false);
    expect(textContent.safeParse({ hash: 'short' }).success).toBe(false);
  });

  it('say an outcome that was reconciled in one of two ways', () => {
    const reconciled = (outcome: unknown): boolean => EVENT_SCHEMAS.EffectReconciled.safeParse({ step: 2, by: 'person', outcome }).success;
    expect(reconciled({ applied: true, output: { hash } })).toBe(true);
    expect(reconciled({ applied: false, output: { hash }, reason: 'none' })).toBe(true);
    expect(reconciled({ applied: false, output: { hash } })).toBe(false);
  });
});

describe('commands', () => {
  const command = { type: 'ProvideInput', input: 'Hello', inputId: 'in-1' };

  it('from outside are those that the inbox takes; results and timers are the platform’s own', () => {
    expect(clientCommand.safeParse(command).success).toBe(true);
    for (const type of ['CompleteModelCall', 'FailToolCall', 'LoseAttempts', 'FireTimers']) expect(clientCommand.safeParse({ type, step: 1, attempt: 1 }).success).toBe(false);
  });

  it('have input of bounded length, and attributes of bounded number', () => {
    expect(clientCommand.safeParse({ ...command, input: 'x'.repeat(INPUT_CHARACTERS_MAX) }).success).toBe(true);
    for (const input of ['', 'x'.repeat(INPUT_CHARACTERS_MAX + 1)]) expect(clientCommand.safeParse({ ...command, input }).success).toBe(false);
    const attributes = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, k) => [`a${k}`, k]));
    expect([metadata.safeParse(attributes(32)).success, metadata.safeParse(attributes(33)).success]).toEqual([true, false]);
  });

  it('come in records that say who asks for which run', () => {
    const record = { schema: COMMAND_SCHEMA, id: 'c-1', tenant: 'acme', run: 'run_0_0123456789abcdefghijklmnop', time: 0, actor: 'user:ann', command };
    expect(commandRecord.safeParse(record).success).toBe(true);
    for (const wrong of [{ ...record, schema: 'v2' }, { ...record, run: 'r' }, { ...record, actor: '' }, { ...record, time: -1 }, { ...record, time: TIME_MAX + 1 }, { ...record, tenant: 'ACME' }]) expect(commandRecord.safeParse(wrong).success).toBe(false);
  });
});
