export { runCommandLine } from './program/run-command-line.ts';
export type { Session } from './program/session.ts';
