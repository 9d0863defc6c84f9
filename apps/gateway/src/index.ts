/** HTTP commands in, views and events out; API keys. */
export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
export { GatewayError, type GatewayErrorCode } from './gateway-error.ts';
export { DEFAULT_LIMITS, type GatewayLimits } from './api/limits.ts';
export { type Agents, type LoadedAgent } from './agents/agents.ts';
export { type PartReadiness, type Readiness } from './health/readiness.ts';
export { API_KEYS_FILE, ApiKeys, LOCAL_KEY, LOCAL_KEY_FILE, openApiKeys, type ApiKey } from './keys/api-keys.ts';
export { ApiKeysError, type ApiKeysErrorCode } from './keys/api-keys-error.ts';
export { type RunList, type RunListFilter } from './runs/run-list.ts';
export { type PartitionEnd, type Partitions } from './runs/run-lookup.ts';
