/** The fold of a run's events into what a person wants to see: one entry for each step, input and turn of events. */
import type { CloudEvent, EventData } from '@runledger/contracts';
import { NOTHING, type Change, type Entry, type InputEntry, type NoteEntry, type Step } from './entries.ts';
import { knownEvent, typeOf, type KnownEvent } from './known-event.ts';
import { Contents } from './contents.ts';
import { StepFold } from './step-fold.ts';

export class Timeline {
  readonly #entries: Entry[] = [];
  readonly #contents = new Contents();
  readonly #steps = new StepFold(this.#contents, (step) => this.#entries.push(step));

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Steps whose outcome is not there. */
  get unsettled(): readonly Step[] {
    return this.#steps.unsettled;
  }

  apply(event: CloudEvent): Change {
    const known = knownEvent(event);
    if (known === undefined) return this.#note(event.time, `an event that this version of runledger does not know: ${typeOf(event)} (${event.dataschema})`);
    return this.#applyKnown(known, event.time);
  }

  #applyKnown(event: KnownEvent, at: string): Change {
    switch (event.type) {
      case 'RunStarted': return this.#input(at, event.data);
      case 'InputReceived': return this.#input(at, event.data);
      case 'InputRequested': return this.#note(at, 'waits for input');
      case 'ModelCallRequested': return this.#steps.modelRequested(event.data, at);
      case 'ModelCallCompleted': return this.#steps.modelCompleted(event.data);
      case 'ModelCallFailed': return this.#steps.modelFailed(event.data, at);
      case 'ToolCallRequested': return this.#steps.toolRequested(event.data, at);
      case 'ToolCallDispatched': return this.#steps.toolDispatched(event.data);
      case 'ToolCallCompleted': return this.#steps.toolCompleted(event.data);
      case 'ToolCallFailed': return this.#steps.toolFailed(event.data, at);
      case 'ToolCallDenied': return this.#steps.toolDenied(event.data);
      case 'AttemptLost': return this.#steps.attemptLost(event.data);
      case 'RetryScheduled': return this.#steps.retryScheduled(event.data);
      // What a timer led to stands in the next event.
      case 'TimerFired': return NOTHING;
      case 'EffectUnknown': return this.#steps.effectUnknown(event.data);
      case 'EffectReconciled': return this.#steps.effectReconciled(event.data);
      case 'LateResultRecorded': return this.#steps.lateResult(event.data);
      case 'RunPaused': return this.#note(at, `paused${because(event.data.reason)}`);
      case 'RunResumed': return this.#note(at, 'resumed');
      case 'RunCancelled': return this.#note(at, `cancelled${because(event.data.reason)}`, 'bad', 'end');
      case 'RunCompleted': return this.#note(at, `completed${because(event.data.reason)}`, 'good', 'end');
      case 'RunFailed': return this.#note(at, `failed${because(event.data.reason)}: ${event.data.failure.message}`, 'bad', 'end');
      case 'RunExpired': return this.#note(at, `expired${because(event.data.reason)}`, 'bad', 'end');
    }
  }

  #input(at: string, data: Pick<EventData<'InputReceived'>, 'input' | 'final'>): Change {
    const entry: InputEntry = { kind: 'input', at, text: this.#contents.text(data.input), ...(data.final && { final: data.final }) };
    this.#entries.push(entry);
    return { what: 'entry', entry };
  }

  #note(at: string, what: string, tone: NoteEntry['tone'] = 'plain', kind: NoteEntry['kind'] = 'note'): Change {
    const entry: NoteEntry = { kind, at, what, tone };
    this.#entries.push(entry);
    return { what: 'entry', entry };
  }
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${reason})`;
}
