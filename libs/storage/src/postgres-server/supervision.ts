/** Watches a server, and starts it again if it has died on its own (out of memory, ended by hand). */
import { isPostmasterOf, isAlive, stopPostmaster } from './postmaster.ts';
import { startServerProcess, type ServerPlace } from './server-process.ts';

const WATCH_MS = 1_000;
const WAIT_MS_MAX = 30_000;

export interface SupervisedServer {
  pid(): number;
  stop(): Promise<void>;
}

export function superviseServer(place: ServerPlace, firstPid: number, log: (line: string) => void): SupervisedServer {
  const { paths, binaries } = place;
  let pid = firstPid;
  let waitMs = WATCH_MS;
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  const schedule = () => {
    if (stopping) return;
    timer = setTimeout(() => {
      looking = look().finally(schedule);
    }, waitMs);
    timer.unref();
  };
  const look = async () => {
    const alive = process.platform === 'win32' ? isAlive(pid) : await isPostmasterOf(pid, paths.data);
    if (alive) {
      waitMs = WATCH_MS;
      return;
    }
    try {
      log(`Postgres: process ${pid} in ${paths.directory} has ended on its own; starting it again. See ${paths.log}.`);
      pid = await startServerProcess(place);
      log(`Postgres: up again, process ${pid}.`);
    } catch (error) {
      waitMs = Math.min(waitMs * 2, WAIT_MS_MAX);
      log(`${(error as Error).message} Trying again in ${waitMs / 1000} s.`);
    }
  };
  schedule();
  return {
    pid: () => pid,
    stop: async () => {
      stopping = true;
      clearTimeout(timer);
      await looking;
      await stopPostmaster(pid, paths.data, binaries.pgCtl);
    },
  };
}
