export { AgentError, type AgentErrorCode } from './agents/agent-error.ts';
export { defineAgent, DEFAULT_LIMITS, isAgent, type Agent, type AgentDefinition } from './agents/define-agent.ts';
export {
  defineTool,
  isTool,
  type ArgumentsMode,
  type JsonSchema,
  type ParsedArguments,
  type Tool,
  type ToolArguments,
  type ToolContext,
  type ToolDefinition,
  type ToolOutput,
} from './agents/define-tool.ts';
export { loadAgents, type AgentModule, type LoadedAgents } from './agents/load-agents.ts';
export type { RecordedMessage, Recording, RecordingSource } from './agents/recording.ts';
export { ToolError, type ToolErrorOptions } from './agents/tool-error.ts';
export {
  connect,
  type Client,
  type ListRuns,
  type Reconciliation,
  type RunInput,
  type Runs,
  type StartRun,
  type WaitOptions,
} from './client/connect.ts';
export type { ConnectOptions, RequestOptions } from './client/http.ts';
export type { EventsOptions } from './client/run-events.ts';
export { RunledgerError, type ClientErrorCode } from './client/runledger-error.ts';
export { readSse, SseError, SseParser, type SseLimits, type SseMessage } from './sse/sse-parser.ts';
export type {
  AgentBriefing,
  AgentPolicy,
  AssistantContent,
  CloudEvent,
  Effect,
  EventPage,
  Failure,
  Limits,
  Message,
  Metadata,
  ModelPolicy,
  OutcomeClass,
  Problem,
  ProblemCode,
  RunAccepted,
  RunPage,
  RunStatus,
  RunView,
  ToolCall,
  ToolDeclaration,
  ToolPolicy,
  Usage,
} from '@runledger/contracts';
// The zod that `defineTool` reads schemas with, so that an agent needs no package beside this one.
export { z } from 'zod';
