/** The caller's own name for what is asked, from the header or the body: the same name is the same thing, done once. */
import { type IncomingMessage } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { chosenKey } from '@runledger/contracts';
import { fit, ProblemError } from '@runledger/nest-kit';

const HEADER = 'Idempotency-Key';

export const IdempotencyKey = createParamDecorator(async (_data: unknown, context: ExecutionContext): Promise<string | undefined> => {
  const given = context.switchToHttp().getRequest<IncomingMessage>().headers['idempotency-key'];
  return given === undefined ? undefined : ((await fit(chosenKey, given, 'header', HEADER)) as string);
});

/** Throws `request/invalid` if the two say different things. */
export function oneKey(inBody: string | undefined, inHeader: string | undefined): string | undefined {
  if (inBody !== undefined && inHeader !== undefined && inBody !== inHeader) {
    throw new ProblemError('request/invalid', `body.id is ${JSON.stringify(inBody)} and ${HEADER} is ${JSON.stringify(inHeader)}. Send one of them, or the same in both.`, { errors: [{ path: `header.${HEADER}`, message: 'differs from body.id' }] });
  }
  return inBody ?? inHeader;
}
