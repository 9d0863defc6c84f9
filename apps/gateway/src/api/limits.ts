/** What the gateway does at most. */
export interface GatewayLimits {
  /** How long an answer waits for its command to be decided, before it says no more than that it is durable. */
  readonly decidedMs: number;
  /** Streams of one API key at once. */
  readonly streamsPerKeyMax: number;
  /** Requests of one API key with `?wait` at once. */
  readonly waitsPerKeyMax: number;
  /** A stream without events says this often that it lives. */
  readonly heartbeatMs: number;
  /** A client that takes nothing of its stream for so long is cut off; it may resume. */
  readonly stalledMs: number;
}

export const DEFAULT_LIMITS: GatewayLimits = { decidedMs: 10_000, streamsPerKeyMax: 200, waitsPerKeyMax: 2_000, heartbeatMs: 15_000, stalledMs: 60_000 };
