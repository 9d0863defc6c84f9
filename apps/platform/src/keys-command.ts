/** `keys`: who may talk to this installation. */
import { openApiKeys, type ApiKey } from '@runledger/gateway';
import { SettingsError, type Settings } from './settings.ts';

type Print = (line: string) => void;

const USAGE = 'Try: keys list, keys create --tenant T --name N, keys revoke ID.';

export async function keysCommand(settings: Settings, args: readonly string[], { tenant, name }: { readonly tenant?: string | undefined; readonly name?: string | undefined }, say: Print): Promise<number> {
  const [verb, id, ...rest] = args;
  if (rest.length > 0) throw new SettingsError(`Unexpected argument ${JSON.stringify(rest[0])}. ${USAGE}`);
  const keys = await openApiKeys(settings.data);
  switch (verb) {
    case 'list':
      if (settings.json) say(JSON.stringify({ keys: keys.list() }));
      else keys.list().forEach((key) => say(line(key)));
      return 0;
    case 'create': {
      if (tenant === undefined || name === undefined) throw new SettingsError(`A key needs --tenant and --name. ${USAGE}`);
      const { key, text } = await keys.create({ tenant, name });
      say(settings.json ? JSON.stringify({ key, text }) : `${line(key)}\n${text}\nKeep it: it is shown now and never again.`);
      return 0;
    }
    case 'revoke':
      if (id === undefined) throw new SettingsError(`Which key? ${USAGE}`);
      if (!(await keys.revoke(id))) throw new SettingsError(`There is no key ${JSON.stringify(id)}; "keys list" shows all.`);
      if (!settings.json) say(`Revoked ${id}.`);
      return 0;
    default:
      throw new SettingsError(`There is no command "keys ${verb ?? ''}". ${USAGE}`);
  }
}

const line = ({ id, tenant, name, createdAt }: ApiKey): string => `${id}  ${tenant.padEnd(16)} ${name.padEnd(24)} since ${createdAt}`;
