import { describe, expect, it } from 'vitest';
import { LogError } from '../../log.ts';
import { appendAtEnd, inboxOf, logErrorOf, texts, withLog, WIDE, type ContractLog, type LogCapabilities } from './harness.ts';

export function describeClosing(open: () => Promise<ContractLog>, capabilities: LogCapabilities): void {
  describe('closing', () => {
    it('refuses to use a log after it was closed', () =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 0, texts(3));
        await log.close();
        await logErrorOf(() => log.append([{ partition: 0, expected: 3, bodies: ['late'] }]), 'log/closed');
        await logErrorOf(() => log.read(0, 0, WIDE), 'log/closed');
        await logErrorOf(() => log.extent(0), 'log/closed');
        expect(() => log.onAppended(() => undefined)).toThrow(LogError);
      }));

    it('takes a second close for the first', () =>
      withLog(open, async ({ log }) => {
        await log.close();
        await log.close();
      }));

    it('stops calling back when a listener leaves, or the log is closed', () =>
      withLog(open, async (opened) => {
        let calls = 0;
        const leave = opened.log.onAppended(() => (calls += 1));
        leave();
        leave();
        opened.log.onAppended(() => (calls += 1));
        const again = await opened.reopen();
        await appendAtEnd(again.log, 0, ['after']);
        expect(calls).toBe(0);
      }));

    if (!capabilities.inbox) return;

    it('refuses to use an inbox after it was closed', () =>
      withLog(open, async (opened) => {
        const inbox = inboxOf(opened);
        const offset = await inbox.produce(0, 'command');
        await inbox.close();
        await inbox.close();
        await logErrorOf(() => inbox.produce(0, 'late'), 'log/closed');
        await logErrorOf(() => inbox.read(0, 0, WIDE), 'log/closed');
        await logErrorOf(() => inbox.extent(0), 'log/closed');
        await logErrorOf(() => inbox.trimBelow(0, 1), 'log/closed');
        await logErrorOf(() => inbox.bury(0, { offset, body: 'command' }, 'none'), 'log/closed');
        await logErrorOf(() => inbox.deadLetters(), 'log/closed');
        expect(() => inbox.onAppended(() => undefined)).toThrow(LogError);
      }));

    it('lets the log go on when the inbox is closed, and the inbox when the log is', () =>
      withLog(open, async (opened) => {
        await inboxOf(opened).close();
        await appendAtEnd(opened.log, 0, ['still open']);
        const again = await opened.reopen();
        await again.log.close();
        expect(await inboxOf(again).produce(0, 'still open')).toBe(0);
      }));
  });
}
