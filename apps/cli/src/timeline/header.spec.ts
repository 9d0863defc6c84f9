import { describe, expect, it } from 'vitest';
import { styleOf } from '../terminal/terminal.ts';
import { FAILURE, RUN, STARTED_AT, view } from '../testing/events.ts';
import type { Step } from './entries.ts';
import { headerLines, waitingLines } from './header.ts';

const look = { style: styleOf(false) };
const NOW = Date.parse(STARTED_AT) + 65_000;

describe('the header of a run', () => {
  it('says what it is, how it ended and what it took', () => {
    expect(headerLines(view({ key: 'order-17', metadata: { team: 'core', n: 1 } }), NOW, look)).toEqual([
      `Run       ${RUN}`,
      'Agent     support@3f9a2c71',
      'Status    completed (answer)',
      'Key       order-17',
      'Metadata  team=core n=1',
      'Started   2026-01-15 09:00:00Z, took 12.3 s',
      'Totals    3 steps (2 model calls, 1 tool call), 4 attempts · 1,200 tokens in, 85 out',
    ]);
  });

  it('keeps the keys that this program makes to itself', () => {
    expect(headerLines(view({ key: 'cli-85b8172e-ce2d-4455-a488-c69e20fdeab8' }), NOW, look).join('\n')).not.toMatch(/Key/);
  });

  it('says of a run under way since when, and of a failed one why', () => {
    const { endedAt: _over, reason: _why, ...running } = view({ status: 'running' });
    expect(headerLines(running, NOW, look)).toContain('Started   2026-01-15 09:00:00Z, 1 min 05 s so far');
    expect(headerLines(view({ status: 'failed', reason: 'tool/down', failure: FAILURE }), NOW, look)).toContain('Failure   [transient_upstream] The shop is closed. (tool/down, tool)');
  });

  it('says what a run waits for, and what to do about it', () => {
    const unsettled: Step[] = [{ kind: 'tool', step: 7, name: 'refund', status: 'unknown', attempts: [] }, { kind: 'model', step: 8, name: 'm', status: 'open', attempts: [] }];
    expect(headerLines(view({ status: 'waiting', waitingFor: 'reconciliation' }), NOW, look)).toContain('Status    waiting for reconciliation');
    expect(waitingLines(view({ status: 'waiting', waitingFor: 'reconciliation' }), unsettled)).toEqual([`Look what became of step 7 (refund), and say it: runledger reconcile ${RUN} 7 --applied OUTPUT | --not-applied REASON`]);
    expect(waitingLines(view({ status: 'waiting', waitingFor: 'input' }), [])).toEqual([`Answer with: runledger input ${RUN} --input TEXT`]);
    expect(waitingLines(view({ status: 'paused' }), [])).toEqual([`Go on with: runledger resume ${RUN}`]);
    expect(waitingLines(view(), unsettled)).toEqual([]);
  });
});
