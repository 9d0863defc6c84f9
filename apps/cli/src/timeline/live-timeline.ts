/** A timeline that is printed while it grows: a step's line comes once its outcome is there. */
import type { CloudEvent } from '@runledger/sdk';
import type { Terminal } from '../terminal/terminal.ts';
import type { Change, Step } from './entries.ts';
import { asideLine, linesOf, liveLayout, stepLine, type Layout } from './lines.ts';
import { attemptText, lateText, reconciledText, retryText } from './step-text.ts';
import { Timeline } from './timeline.ts';

export class LiveTimeline {
  readonly #timeline = new Timeline();
  readonly #terminal: Terminal;
  #layout: Layout | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get unsettled(): readonly Step[] {
    return this.#timeline.unsettled;
  }

  async apply(event: CloudEvent): Promise<void> {
    this.#layout ??= liveLayout({ columns: this.#terminal.columns, style: this.#terminal.style, full: false, startedAt: event.time });
    const lines = linesOfChange(this.#timeline.apply(event), this.#layout);
    if (lines.length > 0) await this.#terminal.print(lines.join('\n'));
  }

  /** The steps that will have no outcome, once no further event will come. */
  async end(): Promise<void> {
    for (const step of this.unsettled) if (this.#layout !== undefined) await this.#terminal.print(stepLine(step, this.#layout));
  }
}

function linesOfChange(change: Change, layout: Layout): string[] {
  switch (change.what) {
    case 'nothing': return [];
    case 'entry': return linesOf(change.entry, layout);
    case 'settled': return [stepLine(change.step, layout), ...asideOf(reconciledText(change.step), change.step, layout)];
    case 'retry': return asideOf(retryText(change.attempt), change.step, layout);
    case 'attempt': return asideOf(change.attempt.late === undefined ? attemptText(change.attempt) : lateText(change.attempt), change.step, layout);
  }
}

function asideOf(text: string, { step }: Step, layout: Layout): string[] {
  return text === '' ? [] : [asideLine(text, layout, step)];
}
