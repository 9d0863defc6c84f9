/** Conversations that an agent's module offers for a first look. Played once, through the same door as anybody's runs. */
import { connect, type Agent, type LoadedAgents, type RunView } from '@runledger/sdk';

/** The export `samples` of an agent's module: what a user says, one input after the other. */
export interface Sample {
  readonly agent: Agent;
  /** The run's id. */
  readonly id: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly inputs: readonly { readonly text: string; readonly final?: boolean }[];
}

export interface PlayedSample {
  readonly sample: Sample;
  readonly view: RunView;
}

const WAIT_SECONDS = 30;

export function samplesOf(loaded: LoadedAgents): readonly Sample[] {
  const found: Sample[] = [];
  for (const { exported } of loaded.modules) {
    const { samples } = exported;
    if (typeof samples === 'function') found.push(...(samples as () => Iterable<Sample>)());
  }
  return found;
}

/** Plays a sample to its end. A sample that was begun before goes on where it was. */
export async function playSample(sample: Sample, endpoint: { readonly url: string; readonly apiKey: string }): Promise<PlayedSample> {
  const { runs } = connect(endpoint);
  const [first, ...rest] = sample.inputs;
  const request = { agent: sample.agent.policy.name, input: first?.text ?? '', id: sample.id, ...(sample.metadata === undefined ? {} : { metadata: sample.metadata }) };
  await runs.start(request);
  let view = await runs.get(sample.id, { wait: WAIT_SECONDS });
  for (const [k, input] of rest.entries()) {
    if (view.status !== 'waiting') break;
    await runs.input(sample.id, { input: input.text, id: `input-${k + 2}`, ...(input.final === true ? { final: true } : {}) });
    view = await runs.get(sample.id, { wait: WAIT_SECONDS });
  }
  return { sample, view };
}
