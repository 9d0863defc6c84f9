/** Keeps results in `bench/results`, as JSON for programs and as Markdown for people, with the conditions they were made under. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { repository } from '../children/child.ts';
import type { Conditions, Results } from './results.ts';
import { markdownTable } from './table.ts';

export function conditions(directory: string, quick: boolean): Conditions {
  const gib = Math.round(totalmem() / 2 ** 30);
  return {
    date: new Date().toISOString(), commit: commit(),
    machine: `${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, ${gib} GiB`, node: process.version, directory: `${directory} (${fileSystemOf(directory)})`, quick,
  };
}

function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes');
  } catch {
    return 'unknown';
  }
}

/** The file system under a directory; on one in memory a sync says nothing. */
function fileSystemOf(directory: string): string {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' '));
  const over = mounts.filter(([, at = '']) => at !== '' && `${directory}/`.startsWith(at.endsWith('/') ? at : `${at}/`));
  return over.toSorted(([, a = ''], [, b = '']) => a.length - b.length).at(-1)?.[2] ?? 'unknown';
}

export function conditionsText({ date, commit, machine, node, directory, quick }: Conditions): string {
  return `${date.slice(0, 16)}Z · commit ${commit} · ${machine} · Node ${node} · data in ${directory}${quick ? ' · quick: small loads' : ''}`;
}

/** Returns the files that were written. */
export function save(results: Results): readonly string[] {
  const folder = join(repository, 'bench/results');
  const { date, commit } = results.conditions;
  const stem = join(folder, `${date.slice(0, 16).replaceAll(':', '')}-${commit.split(' ')[0] ?? ''}`);
  const sections = results.parts.map(({ title, figures, notes }) => `## ${title}\n\n${markdownTable(figures)}\n${notes.map((note) => `\n- ${note}`).join('')}\n`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${stem}.json`, JSON.stringify(results, undefined, 1) + '\n');
  writeFileSync(`${stem}.md`, `# Benchmark\n\n${conditionsText(results.conditions)}\n\n${sections.join('\n')}`);
  return [`${stem}.json`, `${stem}.md`];
}
