/** What is wrong with the code or the configuration of an agent. Found before anything runs. */
export type AgentErrorCode = 'agent/invalid' | 'agent/not-found' | 'agent/duplicate' | 'agent/broken' | 'tool/invalid';

/**
 * The caller should change the agent's code, or where it is looked for. Codes: `agent/invalid` and `tool/invalid` (a
 * definition does not fit), `agent/not-found` (no module, or no agent in it), `agent/duplicate` (two agents with one
 * name), `agent/broken` (the module threw while it was loaded; `cause` says what).
 */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What a schema found, in one sentence: `limits.modelCallsMax: expected …; name: …`. */
export function issuesText(issues: readonly Issue[]): string {
  return issues.map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.map(String).join('.')}: ${issue.message}`)).join('; ');
}
