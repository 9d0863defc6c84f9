/**
 * What a failed call means. For a tool with an effect one question comes first: may it have happened? Before `execute` was
 * called the answer is no; after that it is yes, unless the tool says that it is certain. It is always answered, since the
 * decider would take some classes for a doubt.
 */
import { OUTCOME_CLASSES, type Failure, type OutcomeClass } from '@runledger/contracts';
import type { ToolResult, ToolTask } from '@runledger/runtime';
import { ToolError } from '@runledger/sdk';

const MESSAGE_CHARACTERS_MAX = 4_000;
const CODE_CHARACTERS_MAX = 100;

type FailedTool = Extract<ToolResult, { outcome: 'failed' }>;

/** Nothing has been done yet. */
export function notStarted(task: ToolTask, failure: Failure): FailedTool {
  return failed(task, failure, false);
}

/** `execute` has been called. */
export function afterStart(task: ToolTask, failure: Failure, outcomeUnknown = true): FailedTool {
  return failed(task, failure, outcomeUnknown);
}

/** A failure is written into the log, which refuses one that is too long; authors and models write these texts. */
function failed({ tool }: ToolTask, failure: Failure, outcomeUnknown: boolean): FailedTool {
  const { code, message } = failure;
  const within = { ...failure, code: code.slice(0, CODE_CHARACTERS_MAX), message: message.slice(0, MESSAGE_CHARACTERS_MAX) };
  return tool.effect === 'none' ? { outcome: 'failed', failure: within } : { outcome: 'failed', failure: within, outcomeUnknown };
}

/** What `execute` threw, in the platform's words. */
export function thrown(task: ToolTask, error: unknown): FailedTool {
  if (!ToolError.is(error)) {
    return afterStart(task, { class: 'internal', origin: 'tool', code: 'tool/threw', message: `The tool ${task.tool.name} failed: ${messageOf(error)}` });
  }
  const { code, retryAfterMs, outcomeUnknown } = error;
  const failure: Failure = {
    class: isOutcomeClass(error.class) ? error.class : 'internal',
    origin: 'tool',
    code: typeof code === 'string' && code !== '' ? code : 'tool/threw',
    message: messageOf(error),
    ...(isDelay(retryAfterMs) && { retryAfterMs: Math.ceil(retryAfterMs) }),
  };
  return afterStart(task, failure, typeof outcomeUnknown === 'boolean' ? outcomeUnknown : undefined);
}

export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)) || 'no message was given';
}

/** Checked, since an author may write JavaScript. */
function isOutcomeClass(value: unknown): value is OutcomeClass {
  return typeof value === 'string' && Object.hasOwn(OUTCOME_CLASSES, value);
}

function isDelay(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
