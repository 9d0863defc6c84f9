/** Counts the syncs that a process asks the kernel for, from outside the process, with strace. */
import { spawn } from 'node:child_process';

export interface SyncCounter {
  /** Calls of fsync and fdatasync by the process and all its threads since the counter was attached. */
  stop(): Promise<number>;
}

/** Slows the process down. Throws an `Error` that says why it cannot be attached. */
export async function attachSyncCounter(pid: number): Promise<SyncCounter> {
  const strace = spawn('strace', ['-f', '-c', '-e', 'trace=fsync,fdatasync', '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    strace.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(' attached')) resolve();
    });
    strace.once('error', ({ code, message }: NodeJS.ErrnoException) => reject(new Error(code === 'ENOENT' ? 'strace is not installed' : message)));
    strace.once('close', () => reject(new Error(`strace could not be attached: ${said.trim()}`)));
  });
  return {
    stop: async () => {
      const ended = new Promise((resolve) => strace.once('close', resolve));
      strace.kill('SIGINT');
      await ended;
      const calls = [...said.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*(?:fsync|fdatasync)$/gm)];
      return calls.reduce((sum, [, count]) => sum + Number(count), 0);
    },
  };
}
