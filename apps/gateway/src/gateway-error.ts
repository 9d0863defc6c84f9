/** Why the gateway cannot start. */
export type GatewayErrorCode = 'gateway/port-taken' | 'gateway/port-refused';

export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: GatewayErrorCode;
  readonly port: number;

  constructor(code: GatewayErrorCode, port: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.port = port;
  }
}

/** What can be said better than the system says it; anything else is given back as it is. */
export function startFault(error: unknown, host: string, port: number): unknown {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (code === 'EADDRINUSE') return new GatewayError('gateway/port-taken', port, `Port ${port} on ${host} is taken by another program, perhaps by a platform that is running already. Stop that program, or choose another port (0 takes a free one).`, { cause: error });
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return new GatewayError('gateway/port-refused', port, `The system does not let the gateway listen on ${host}, port ${port} (${code}). Choose an address of this machine, and a port above 1023.`, { cause: error });
  return error;
}
