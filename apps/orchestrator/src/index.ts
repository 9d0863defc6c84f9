export { startOrchestrator, type Orchestrator, type OrchestratorParts } from './orchestrator.ts';
