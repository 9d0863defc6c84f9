export { airlineData, shippedData, shippedTexts, type AirlineData, type AirlineTexts } from './database/airline-data.ts';
export { differences, type ChangedRecord, type DatabaseState } from './database/database-state.ts';
export { Conversations, KeyReusedError, openConversations, type ConversationsOptions, type EffectRow } from './conversation-store.ts';
export { conversationsIn, recordingId, type TrialConversation } from './recorded-runs.ts';
export { parseTrial, readTrial, recordedTrials, shippedTrialFiles, type RecordedConversation } from './recordings.ts';
export { goldState, passHatK, score, type GoldAction, type Score, type Scored, type TaskTrials } from './score.ts';
export { airlineTools, policyText, toolDeclarations, type AirlineTool, type ToolCallContext, type ToolDeclaration } from './tools.ts';
export { agentUtterances, endedByItself, type Message, type ToolCall } from './transcript.ts';
