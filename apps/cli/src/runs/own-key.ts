/** Keys that this program makes where the caller chose none: with one, a request whose answer was lost is safe to send again. */
import type { Session } from '../program/session.ts';

const PREFIX = 'cli-';
const OWN = new RegExp(`^${PREFIX}[0-9a-f-]{36}$`);

export function ownKey({ newId }: Pick<Session, 'newId'>): string {
  return `${PREFIX}${newId()}`;
}

/** The key that a person chose; those of this program say nothing to anybody. */
export function chosenKeyOf({ key }: { readonly key?: string | undefined }): string | undefined {
  return key === undefined || OWN.test(key) ? undefined : key;
}
