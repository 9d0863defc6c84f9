/** `events`: a line for each event as it stands in the log, or the events themselves. */
import type { Client, CloudEvent } from '@runledger/sdk';
import { EXIT, type ExitCode } from '../program/exit-codes.ts';
import { printJson, type Session } from '../program/session.ts';
import { padEnd, padStart, shortened } from '../terminal/text.ts';
import { typeOf } from './known-event.ts';

export interface EventsOptions {
  readonly after?: number;
  readonly follow?: boolean;
  readonly json?: boolean;
}

const TYPE_CELLS = 'LateResultRecorded'.length;

export async function listEvents(client: Client, run: string, { after = 0, follow = false, json }: EventsOptions, session: Session): Promise<ExitCode> {
  const { signal, terminal } = session;
  // Says at once that there is no such run, or no platform; a stream would be opened again and again.
  if (follow) await client.runs.get(run, { signal });
  let last = after;
  try {
    for await (const event of client.runs.events(run, { after, follow, signal })) {
      if (json === true) await printJson(session, event);
      else await terminal.print(eventLine(event, terminal));
      last = event.sequence;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return leave(session, run, last);
  }
  return EXIT.ok;
}

/** After Ctrl-C: the run is not touched by those who watch it. */
export function leave({ terminal }: Session, run: string, last: number): ExitCode {
  terminal.tell(`Left; the run goes on. Follow it from here with: runledger events ${run} --after ${last} --follow`);
  return EXIT.interrupted;
}

export function eventLine(event: CloudEvent, { columns, style }: Pick<Session['terminal'], 'columns' | 'style'>): string {
  const sequence = padStart(String(event.sequence), 5);
  const type = padEnd(typeOf(event), TYPE_CELLS);
  const left = columns - (sequence.length + event.time.length + Math.max(TYPE_CELLS, type.length) + 6);
  return `${sequence}  ${style.dim(event.time)}  ${style.bold(shortened(type, 60))}${' '.repeat(Math.max(0, TYPE_CELLS - typeOf(event).length))}  ${shortened(dataText(event.data), Math.max(16, left))}`.trimEnd();
}

const DIGEST = /^[\w-]{43}$/;

/** The step first, then the rest as it stands there; without digests, which say nothing to a person. */
function dataText(data: unknown): string {
  if (typeof data !== 'object' || data === null) return JSON.stringify(data) ?? '';
  const { step, attempt, briefing, ...rest } = data as Readonly<Record<string, unknown>>;
  const place = [step === undefined ? '' : `step ${String(step)}`, attempt === undefined ? '' : `attempt ${String(attempt)}`].filter(Boolean).join(' ');
  const told = Object.entries({ ...rest, ...(briefing !== undefined && { briefing }) }).filter(([, value]) => typeof value !== 'string' || !DIGEST.test(value));
  return [place, ...told.map(([name, value]) => `${name} ${valueText(value)}`)].filter(Boolean).join(' · ');
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part !== 'object' || part === null) return part;
    if ('hash' in part) return 'body' in part ? part.body : '(as before)';
    return 'name' in part && 'version' in part ? `${String(part.name)}@${String(part.version)}` : part;
  });
}
