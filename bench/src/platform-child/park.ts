/** Recorded airline conversations, played up to the airline's first answer; there they wait for what the passenger says next. */
import { conversationsIn, shippedTrialFiles } from '@runledger/example-airline';
import type { Platform } from '@runledger/platform';
import { IN_FLIGHT } from '../options.ts';
import { pool } from '../work/pool.ts';

const WAIT_MS_MAX = 60_000;

export async function parkConversations({ orchestrator, loaded }: Platform, runs: number): Promise<{ readonly waiting: number }> {
  const agent = loaded.agents.find(({ policy }) => policy.name === 'airline');
  if (agent === undefined) throw new Error('The airline agent is not loaded.');
  const conversations = shippedTrialFiles.flatMap((file) => conversationsIn(file));
  let waiting = 0;
  await pool(runs, IN_FLIGHT, async (k) => {
    const conversation = conversations[k % conversations.length];
    const input = conversation?.messages.find(({ role }) => role === 'user')?.content ?? '';
    const { run, decided } = await orchestrator.runs.start({ tenant: 'default', actor: 'bench', agent, input, metadata: { recording: conversation?.recording ?? '' } });
    await decided;
    const view = await orchestrator.runs.settled('default', run, WAIT_MS_MAX);
    if (view?.status !== 'waiting') throw new Error(`Run ${run} was to wait for its second input, but: ${JSON.stringify(view)}`);
    waiting++;
  });
  return { waiting };
}
