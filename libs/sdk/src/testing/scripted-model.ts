/** A model for tests: what it answers is written down beforehand, or computed from what it is asked. */
import type { AssistantContent, Message, Metadata, ToolDeclaration, Usage } from '@runledger/contracts';

/** What a call of the model sees. */
export interface ModelCall {
  readonly run: string;
  readonly step: number;
  readonly attempt: number;
  /** System message first. */
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDeclaration[];
  readonly metadata: Metadata;
}

/** A text is an answer; `calls` asks for tools. Throw to fail the call. */
export type ModelAnswer = string | { readonly text?: string | null; readonly calls: readonly { readonly tool: string; readonly arguments?: object }[]; readonly usage?: Usage };
export type TestModel = (call: ModelCall) => ModelAnswer | Promise<ModelAnswer>;

/** Gives these answers one after the other, per run. An attempt that is repeated gets the same answer again. */
export function answers(...script: readonly ModelAnswer[]): TestModel {
  return ({ messages }) => {
    const place = messages.filter(({ role }) => role === 'assistant').length;
    const answer = script[place];
    if (answer === undefined) throw new Error(`The script has ${script.length} answers; the run asks for number ${place + 1}.`);
    return answer;
  };
}

export function contentOf(answer: ModelAnswer, step: number): AssistantContent {
  if (typeof answer === 'string') return { text: answer };
  const toolCalls = answer.calls.map((call, k) => ({ id: `call-${step}-${k}`, tool: call.tool, arguments: JSON.stringify(call.arguments ?? {}) }));
  return { text: answer.text ?? null, ...(toolCalls.length > 0 && { toolCalls }) };
}
