/** Recorded conversations as the platform's provider `recorded` takes them. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { RecordedMessage, Recording } from '@runledger/sdk';
import { parseTrial, type RecordedConversation } from './recordings.ts';
import type { Message } from './transcript.ts';

/** Names a conversation of a trial file, as a run's metadata does: `gpt-4o-trial-0/17`. */
export function recordingId(file: string, taskId: number): string {
  return `${basename(file, '.jsonl')}/${taskId}`;
}

export interface TrialConversation extends RecordedConversation {
  readonly recording: string;
}

export function conversationsIn(file: string): readonly TrialConversation[] {
  return parseTrial(readFileSync(file, 'utf8')).map((conversation) => ({ ...conversation, recording: recordingId(file, conversation.taskId) }));
}

export function* recordingsIn(file: string): Iterable<Recording> {
  for (const { recording, messages } of conversationsIn(file)) yield { id: recording, messages: messages.map(recordedMessage) };
}

function recordedMessage(message: Message): RecordedMessage {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, text: message.content };
    case 'tool':
      return { role: 'tool', callId: message.callId, tool: message.name, text: message.content };
    case 'assistant': {
      const toolCalls = message.toolCalls.map(({ id, name, argumentsText }) => ({ id, tool: name, arguments: argumentsText }));
      return { role: 'assistant', text: message.content, ...(toolCalls.length > 0 && { toolCalls }) };
    }
  }
}
