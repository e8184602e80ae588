/**
 * What PostgreSQL says when it ends a session is told to the statement that it ends, and to no other.
 *
 * postgres.js 3.4 (connection.js, `ErrorResponse`) keeps an error until the server is ready for the next statement. After
 * a FATAL one it never is, so the error stays, and is told to the first statement on the session that the driver opens
 * in place of this one, which was never sent. One that refuses a session is kept likewise, and asked for again at once, as long
 * as it is refused. An error that is thrown where it is read is told there and then.
 */
import postgres from 'postgres';

const ENDING = new Set(['FATAL', 'PANIC']);

/** For all pools of the process; again is as once. */
export function tellEndsAtOnce(): void {
  // the last field of PostgreSQL's errors: all others are there when it is set
  Object.defineProperty(postgres.PostgresError.prototype, 'routine', {
    configurable: true,
    get: () => undefined,
    set(this: postgres.PostgresError, routine: string) {
      Object.defineProperty(this, 'routine', { value: routine, enumerable: true, writable: true, configurable: true });
      if (ENDING.has(this.severity)) throw this;
    },
  });
}
