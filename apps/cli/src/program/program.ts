/** The command line, described: commands, options, examples. What they do stands in the actions. */
import { Command, Option } from 'commander';
import { runStatus } from '@runledger/contracts';
import packageJson from '../../package.json' with { type: 'json' };
import { DEFAULT_DATA, DEFAULT_URL } from '../connection/connection.ts';
import type { PlatformVerb } from '../platform/run-platform.ts';
import type { Actions } from './actions.ts';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import { attribute, instant, integer, reference, seconds } from './option-values.ts';

export interface Ended {
  exitCode: number;
}

type Act = <Args extends unknown[]>(action: (...args: Args) => Promise<number>) => (...args: Args) => Promise<void>;

const WAIT_SECONDS_MAX = 86_400;
const SEQUENCE_MAX = Number.MAX_SAFE_INTEGER;

/** Parsing `args` calls one of the actions; its exit code is then in `ended`. */
export function programOf(actions: Actions, args: readonly string[], ended: Ended): Command {
  const act: Act = (action) => async (...given) => {
    ended.exitCode = await action(...given);
  };
  const program = new Command('runledger')
    .description('Runs agents as durable, auditable, replayable work.')
    .version(packageJson.version)
    .exitOverride()
    .showHelpAfterError('(options and examples: add --help)')
    .addHelpText('afterAll', EXIT_CODES_HELP);
  addPlatformCommands(program, actions, args, act);
  addRunCommand(program, actions, act);
  addReadingCommands(program, actions, act);
  addChangingCommands(program, actions, act);
  withExamples(connected(program.command('agents').description('List the agents that the platform has loaded.').action(act((options: object) => actions.agents(options)))), ['runledger agents', 'runledger agents --json']);
  return program;
}

function addPlatformCommands(program: Command, actions: Actions, args: readonly string[], act: Act): void {
  /** The options are told and handed on: the platform reads them. */
  const verb = (name: PlatformVerb, description: string) =>
    program.command(name).description(description).allowUnknownOption().allowExcessArguments()
      .option('--data <dir>', `where the platform keeps its data (RUNLEDGER_DATA, else ${DEFAULT_DATA})`)
      .action(act(() => actions.platform(name, args.slice(args.indexOf(name) + 1))));
  withExamples(
    verb('start', 'Start the platform here, until Ctrl-C or SIGTERM.')
      .option('--port <n>', 'port of the HTTP API, 0 for any (RUNLEDGER_PORT, else 4800)')
      .option('--host <h>', 'address to listen on (RUNLEDGER_HOST, else 127.0.0.1)')
      .option('--agents <spec>', 'folder, file or package with agents; may be repeated (RUNLEDGER_AGENTS, or "agents" in runledger.json)')
      .option('--partitions <n>', 'partitions of a new log (RUNLEDGER_PARTITIONS, else 1)')
      .option('--no-samples', 'do not play sample conversations on a first start')
      .option('--json', 'log as JSON'),
    ['runledger start', 'runledger start --data /var/lib/runledger --port 4800 --agents ./agents/support.ts'],
  );
  withExamples(verb('rebuild', 'Drop everything derived from the log, and make it anew. The platform must not be running.').option('--json', 'print JSON'), ['runledger rebuild', 'runledger rebuild --data /var/lib/runledger --json']);
  withExamples(verb('verify', 'Fold the whole log, and hold everything derived from it against it. Exit code 1 if anything differs.').option('--json', 'print JSON'), ['runledger verify', 'runledger verify --data /var/lib/runledger --json']);
  withExamples(
    verb('keys', 'API keys: list, create --tenant T --name N, revoke ID. A running platform notices within a second.')
      .option('--tenant <tenant>', 'whose key it is').option('--name <name>', 'what it is for').option('--json', 'print JSON'),
    ['runledger keys list', 'runledger keys create --tenant acme --name billing-service', 'runledger keys revoke 0a1b2c'],
  );
}

function addRunCommand(program: Command, actions: Actions, act: Act): void {
  const command = program.command('run').description('Start a run. Prints its id; with --wait its output, with --follow its steps as they come.')
    .argument('<agent>', 'name of the agent')
    .requiredOption('--input <text>', 'what the agent is given; - reads it from stdin')
    .option('--id <id>', 'an id of your own: the same id is the same run', reference)
    .option('--metadata <name=value...>', 'attributes of the run', attribute)
    .addOption(new Option('--follow', 'print the steps until the run has ended').conflicts('wait'))
    .option('--wait <seconds>', 'wait until the run has ended, or waits for input', seconds(WAIT_SECONDS_MAX))
    .action(act((agent: string, options: Parameters<Actions['run']>[1]) => actions.run(agent, options)));
  withExamples(connected(command, 'one JSON document, with --follow NDJSON of the events'), [
    'runledger run airline --input "Cancel my flight" --follow',
    'runledger run airline --input "Cancel my flight" --wait 60',
    'git diff | runledger run reviewer --input - --id review-4711 --metadata team=core ticket=4711',
    'runledger run airline --input "Hello" --json | jq -r .id',
  ]);
}

function addReadingCommands(program: Command, actions: Actions, act: Act): void {
  const runs = program.command('runs').description('List runs, newest first.')
    .addOption(new Option('--status <status>', 'only those').choices(runStatus.options))
    .option('--agent <name>', 'only runs of that agent')
    .option('--started-after <time>', 'only runs started after it', instant)
    .option('--started-before <time>', 'only runs started before it', instant)
    .option('--limit <n>', 'runs of a page, 1–200 (default 50)', integer(1, 200))
    .option('--cursor <cursor>', 'go on where another page ended')
    .option('--all', 'all pages')
    .action(act((options: Parameters<Actions['runs']>[0]) => actions.runs(options)));
  withExamples(connected(runs, 'one JSON document, with --all NDJSON of the runs'), ['runledger runs', 'runledger runs --status waiting --agent airline --limit 10', 'runledger runs --all --json | jq -r .id']);

  const show = program.command('show').description('Show a run step by step.').argument('<run>', 'id of the run, or the id chosen at its start', reference)
    .option('--full', 'whole texts, not only their beginnings')
    .action(act((run: string, options: Parameters<Actions['show']>[1]) => actions.show(run, options)));
  withExamples(connected(show), ['runledger show review-4711', 'runledger show review-4711 --full', 'runledger show review-4711 --json | jq .run.usage']);

  const events = program.command('events').description('Print the events of a run as they stand in the log.').argument('<run>', 'id of the run, or the id chosen at its start', reference)
    .option('--after <n>', 'only events after this sequence', integer(0, SEQUENCE_MAX))
    .option('--follow', 'go on with events as they come, until the run has ended; Ctrl-C leaves, and does not cancel the run')
    .action(act((run: string, options: Parameters<Actions['events']>[1]) => actions.events(run, options)));
  withExamples(connected(events, 'NDJSON of CloudEvents'), ['runledger events review-4711', 'runledger events review-4711 --after 120 --follow', 'runledger events review-4711 --json | jq -r .type']);
}

function addChangingCommands(program: Command, actions: Actions, act: Act): void {
  const input = program.command('input').description('Give a run its next input.').argument('<run>', 'id of the run, or the id chosen at its start', reference)
    .requiredOption('--input <text>', 'what is said; - reads it from stdin')
    .option('--id <id>', 'an id of your own: the same id is taken once', reference)
    .option('--final', 'the last word: recorded, and the run completes without another model call')
    .option('--wait <seconds>', 'wait until the run has ended, or waits for input, and print its output', seconds(WAIT_SECONDS_MAX))
    .action(act((run: string, options: Parameters<Actions['input']>[1]) => actions.input(run, options)));
  withExamples(connected(input), ['runledger input review-4711 --input "And the tests?" --wait 60', 'runledger input review-4711 --input "Thanks, that is all." --final']);

  const change = (name: 'cancel' | 'pause' | 'resume', description: string) =>
    program.command(name).description(description).argument('<run>', 'id of the run, or the id chosen at its start', reference)
      .action(act((run: string, options: Parameters<Actions['change']>[2]) => actions.change(name, run, options)));
  const reason = (command: Command) => command.option('--reason <text>', 'why; recorded with it');
  withExamples(connected(reason(change('cancel', 'Cancel a run: nothing new begins, what is under way is settled.'))), ['runledger cancel review-4711 --reason "Started by mistake"']);
  withExamples(connected(reason(change('pause', 'Begin nothing new in a run until it is resumed.'))), ['runledger pause review-4711 --reason "Waiting for the release"']);
  withExamples(connected(change('resume', 'Go on with a paused run.')), ['runledger resume review-4711']);

  const reconcile = program.command('reconcile').description('Say what became of an effect whose outcome is unknown, after looking.')
    .argument('<run>', 'id of the run, or the id chosen at its start', reference)
    .argument('<step>', 'number of the step, as show tells it', integer(1, SEQUENCE_MAX))
    .option('--applied <output>', 'it took effect; what the tool would have answered, - reads it from stdin')
    .addOption(new Option('--not-applied <reason>', 'it had no effect, and how that is known').conflicts('applied'))
    .action(act((run: string, step: number, options: Parameters<Actions['reconcile']>[2]) => actions.reconcile(run, step, options)));
  withExamples(connected(reconcile), ['runledger reconcile review-4711 7 --applied "Refund 88 was booked."', 'runledger reconcile review-4711 7 --not-applied "The bank shows no booking."']);
}

/** What every command that talks to a platform takes. */
function connected(command: Command, json = 'one JSON document'): Command {
  return command
    .option('--json', `machine output on stdout: ${json}`)
    .option('--url <url>', `where the platform is (RUNLEDGER_URL, else as the data directory says, else ${DEFAULT_URL})`)
    .option('--key <key>', 'API key (RUNLEDGER_API_KEY, else the local key of the data directory)')
    .option('--data <dir>', `data directory of a platform on this machine (RUNLEDGER_DATA, else ${DEFAULT_DATA})`);
}

function withExamples(command: Command, examples: readonly string[]): void {
  command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
}
