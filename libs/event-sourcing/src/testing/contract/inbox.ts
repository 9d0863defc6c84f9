import { describe, expect, it } from 'vitest';
import { bodiesOf, inboxOf, logErrorOf, readAll, texts, withLog, WIDE, type ContractLog } from './harness.ts';
import type { Inbox } from '../../log.ts';

async function produceAll(inbox: Inbox, partition: number, bodies: readonly string[]): Promise<number[]> {
  return await Promise.all(bodies.map((body) => inbox.produce(partition, body)));
}

export function describeInbox(open: () => Promise<ContractLog>): void {
  describe('the inbox', () => {
    it('gives commands offsets in the order in which they were produced, partition by partition', () =>
      withLog(open, async (opened) => {
        const inbox = inboxOf(opened);
        expect(await produceAll(inbox, 0, texts(30, 'zero'))).toEqual(texts(30).map((_, k) => k));
        expect(await produceAll(inbox, 1, texts(3, 'one'))).toEqual([0, 1, 2]);
        expect(await bodiesOf(inbox, 0)).toEqual(texts(30, 'zero'));
        expect(await bodiesOf(inbox, 1)).toEqual(texts(3, 'one'));
        expect(await opened.log.extent(0)).toEqual({ start: 0, end: 0 });
      }));

    it('keeps its commands, its offsets and its id when it is opened again', () =>
      withLog(open, async (opened) => {
        const { id } = inboxOf(opened);
        await produceAll(inboxOf(opened), 0, texts(4));
        const inbox = inboxOf(await opened.reopen());
        expect(inbox.id).toBe(id);
        expect(await inbox.produce(0, 'after')).toBe(4);
        expect(await bodiesOf(inbox, 0)).toEqual([...texts(4), 'after']);
      }));

    it('has another id than another inbox', () =>
      withLog(open, (one) => withLog(open, async (other) => expect(inboxOf(one).id === '' || inboxOf(one).id === inboxOf(other).id).toBe(false))));

    it.each([0, 1, 17, 29, 30])('deletes below offset %i, once or twice, and never gives an offset again', (offset) =>
      withLog(open, async (opened) => {
        const inbox = inboxOf(opened);
        await produceAll(inbox, 0, texts(30));
        await inbox.trimBelow(0, offset);
        await inbox.trimBelow(0, offset);
        await inbox.trimBelow(0, 0);
        expect(await inbox.extent(0)).toEqual({ start: offset, end: 30 });
        expect(await readAll(inbox, 0, offset)).toEqual(texts(30).map((body, k) => ({ offset: k, body })).slice(offset));
        const again = inboxOf(await opened.reopen());
        expect(await again.extent(0)).toEqual({ start: offset, end: 30 });
        expect(await again.produce(0, 'after')).toBe(30);
        expect((await readAll(again, 0, offset)).at(-1)).toEqual({ offset: 30, body: 'after' });
      }),
    );

    it('deletes many commands, and keeps on deleting', () =>
      withLog(open, async (opened) => {
        const inbox = inboxOf(opened);
        for (let round = 0; round < 3; round += 1) {
          await produceAll(inbox, 0, texts(2_500, `round ${round}`));
          await inbox.trimBelow(0, round * 2_500 + 2_000);
        }
        expect(await inbox.extent(0)).toEqual({ start: 7_000, end: 7_500 });
        const again = inboxOf(await opened.reopen());
        expect((await readAll(again, 0, 7_000)).map(({ body }) => body)).toEqual(texts(2_500, 'round 2').slice(2_000));
      }));

    it('stops a reader that starts outside it', () =>
      withLog(open, async (opened) => {
        const inbox = inboxOf(opened);
        await produceAll(inbox, 0, texts(5));
        await inbox.trimBelow(0, 2);
        await logErrorOf(() => inbox.read(0, 1, WIDE), 'log/inbox-lost');
        await logErrorOf(() => inbox.read(0, 6, WIDE), 'log/inbox-lost');
        expect(await inbox.read(0, 5, WIDE)).toEqual([]);
      }));

    it('keeps one dead letter per offset, with the first reason, over deleting and opening again', () =>
      withLog(open, async (opened) => {
        const inbox = inboxOf(opened);
        await produceAll(inbox, 1, ['poison', 'good', 'poison too']);
        const [poison, , poisonToo] = await inbox.read(1, 0, WIDE);
        if (poison === undefined || poisonToo === undefined) throw new Error('Three commands were produced, and not found.');
        await inbox.bury(1, poisonToo, 'not JSON');
        await inbox.bury(1, poison, 'schema/unknown');
        await inbox.bury(1, poison, 'tried again');
        await inbox.trimBelow(1, 3);
        const letters = [
          { partition: 1, offset: 0, body: 'poison', reason: 'schema/unknown' },
          { partition: 1, offset: 2, body: 'poison too', reason: 'not JSON' },
        ];
        expect(await inbox.deadLetters()).toEqual(letters);
        expect(await inboxOf(await opened.reopen()).deadLetters()).toEqual(letters);
      }));

    it('refuses a command that is too large or not well-formed, and takes the others', () =>
      withLog(open, async (opened) => {
        const inbox = inboxOf(opened);
        const small = inbox.produce(0, 'small');
        await logErrorOf(() => inbox.produce(0, 'x'.repeat(inbox.recordBytesMax + 1)), 'log/record-too-large');
        await logErrorOf(() => inbox.produce(0, '\udc00'), 'log/misuse');
        await logErrorOf(() => inbox.produce(99, 'nowhere'), 'log/misuse');
        expect([await small, await inbox.produce(0, 'also small')]).toEqual([0, 1]);
      }));

    it('refuses to delete commands that do not exist yet', () =>
      withLog(open, async (opened) => {
        await logErrorOf(() => inboxOf(opened).trimBelow(0, 1), 'log/misuse');
      }));

    it('calls back after commands were produced', () =>
      withLog(open, async (opened) => {
        const inbox = inboxOf(opened);
        const called = new Promise<number>((resolve) => inbox.onAppended(resolve));
        await inbox.produce(1, 'command');
        expect(await called).toBe(1);
      }));
  });
}
