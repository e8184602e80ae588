/**
 * The process's own log: JSON lines on stderr by pino. Ids, codes, sizes and times; never a customer's value, a key or a
 * request's body (SECURITY.md). The audit log is another thing: platform/audit.
 */
import { pino, type Logger } from 'pino';

export type Log = Logger;

export function createLog(level: 'debug' | 'info' | 'warn' | 'error' | 'silent', name = 'strongroom'): Log {
  return pino(
    {
      name,
      level,
      // a belt to the braces: should one of these ever be handed over, it is not printed
      redact: {
        paths: ['req.headers', 'headers', 'body', 'fields', 'value', 'key', '*.fields', '*.value'],
        censor: '[redacted]',
      },
      serializers: { err: describeError },
    },
    pino.destination({ dest: 2, sync: false }),
  );
}

/** An error as code and message; PostgreSQL's `detail` and `parameters`, which quote values, are left out. */
export function describeError(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { message: 'something that is not an error was thrown' };
  const { code } = thrown as { code?: unknown };
  const fromDatabase = thrown.name === 'PostgresError';
  return {
    type: thrown.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: fromDatabase ? 'the database refused a statement' : thrown.message,
    stack: fromDatabase ? undefined : thrown.stack,
    ...(thrown.cause === undefined ? {} : { cause: describeError(thrown.cause) }),
  };
}
