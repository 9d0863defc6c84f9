/**
 * Records the stories that have no history yet: `node --import ./tools/typescript.mjs libs/domain/src/testing/record-histories.ts`.
 * What is recorded stays as it is: it stands for the logs that are out there.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { HISTORIES_FOLDER, recordHistory } from './histories.ts';
import { STORIES } from './stories.ts';

mkdirSync(HISTORIES_FOLDER, { recursive: true });
for (const story of STORIES) {
  const path = new URL(`${story.name}.jsonl`, HISTORIES_FOLDER);
  if (existsSync(path)) console.log(`${story.name}: recorded before, left as it is`);
  else {
    writeFileSync(path, `${recordHistory(story).join('\n')}\n`);
    console.log(`${story.name}: recorded`);
  }
}
