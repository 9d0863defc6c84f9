/** The platform's program: `start`, `verify`, `rebuild`, `keys`. */
import { LogError } from '@runledger/event-sourcing';
import { type EngineReport } from '@runledger/runtime';
import { keysCommand } from './keys-command.ts';
import { rebuildCommand } from './rebuild-command.ts';
import { SettingsError, parseCommand, readSettings } from './settings.ts';
import { startCommand } from './start-command.ts';
import { verifyCommand } from './verify-command.ts';

const HELP = `Usage: platform <start|verify|rebuild|keys> [options]

  start     Runs all services in this process, on the data directory.
  verify    Folds the whole log and holds snapshots, index and rows against it. Exit code 1 if anything differs.
  rebuild   Drops everything derived from the log and makes it anew. The platform must not be running.
  keys      API keys of the installation: keys list · keys create --tenant T --name N · keys revoke ID

  --data DIR         Data directory                      (RUNLEDGER_DATA, default .runledger)
  --port N           Port of the HTTP API, 0 for any     (RUNLEDGER_PORT, default 4800)
  --host H           Address to listen on                (RUNLEDGER_HOST, default 127.0.0.1)
  --agents SPEC      Folder, file or package with agents; may be repeated (RUNLEDGER_AGENTS, or "agents" in runledger.json)
  --partitions N     Partitions of a new log             (RUNLEDGER_PARTITIONS, default 1)
  --no-samples       Do not play sample conversations on a first start
  --json             Machine-readable output

  RUNLEDGER_POSTGRES=postgres://…  uses that Postgres instead of one in the data directory.
  RUNLEDGER_CONFIG=FILE            names the settings file (default runledger.json).
`;

const { log: say, error: complain } = console;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args);
  const [verb, ...rest] = positionals;
  if (values.help === true || verb === undefined) {
    say(HELP);
    return values.help === true ? 0 : 2;
  }
  const settings = readSettings(values);
  if (verb === 'keys') return keysCommand(settings, rest, values, say);
  if (rest.length > 0) throw new SettingsError(`Unexpected argument ${JSON.stringify(rest[0])}. Try --help.`);
  switch (verb) {
    case 'start':
      return startCommand(settings, reporter(settings.json));
    case 'verify':
      return verifyCommand(settings, say, complain);
    case 'rebuild':
      return rebuildCommand(settings, say, complain);
    default:
      complain(`There is no command ${JSON.stringify(verb)}. Try --help.`);
      return 2;
  }
}

function reporter(json: boolean): (line: EngineReport) => void {
  return ({ level, code, message, facts }) => {
    const time = new Date().toISOString();
    complain(json ? JSON.stringify({ time, level, code, message, ...facts }) : `${time.slice(11, 23)} ${level.padEnd(5)} ${message}`);
  };
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
    const known = code !== undefined && code.includes('/');
    complain(known ? `${code}: ${(error as Error).message}` : error);
    process.exitCode = code === 'settings/invalid' ? 2 : 1;
    if (error instanceof LogError && (error.code === 'log/corrupt' || error.code === 'log/truncated')) complain('"runledger verify" says where.');
  },
);
