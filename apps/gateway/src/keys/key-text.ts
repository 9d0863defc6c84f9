/** API keys as text: `rl_<id>_<secret>`. The id may be shown; only the hash of the whole is kept. */
import { hash, randomBytes } from 'node:crypto';
import { base32 } from '@runledger/contracts';

const ID_CHARACTERS = 12;
/** 200 bits. */
const SECRET_CHARACTERS = 40;
const KEY = new RegExp(`^rl_([0-9a-v]{${ID_CHARACTERS}})_[0-9a-v]{${SECRET_CHARACTERS}}$`);

export interface NewKey {
  readonly id: string;
  readonly text: string;
}

export function newKey(): NewKey {
  const characters = base32(randomBytes(64), ID_CHARACTERS + SECRET_CHARACTERS);
  const id = characters.slice(0, ID_CHARACTERS);
  return { id, text: `rl_${id}_${characters.slice(ID_CHARACTERS)}` };
}

/** Undefined if the text is no key. */
export function idOfKey(text: string): string | undefined {
  return KEY.exec(text)?.[1];
}

/** SHA-256, hex. Keys are random and long, so that nothing slower is needed. */
export function hashOfKey(text: string): string {
  return hash('sha256', text);
}
