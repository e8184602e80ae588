/**
 * Times in the database by which somebody waits. Its clock may have run ahead and been set right: what was written meanwhile is
 * later than anything that is written now, and must hold nothing up until then. Pieces of a condition, for statements.
 */
import type { Statements } from './connection.ts';

/** Whoever gives signs of life at `column` gave none for so long, or one that is still to come. Null: neither. */
export const isSilent = (db: Statements, column: string, seconds: number) => db`
  (not ${db(column)} between now() - make_interval(secs => ${seconds}) and now() + make_interval(secs => ${seconds}))`;

/** The time at `column` is there, or further off than anything that waits by it, which is less than a day. Null: neither. */
export const isReached = (db: Statements, column: string) => db`
  (not ${db(column)} between clock_timestamp() and clock_timestamp() + interval '1 day')`;

/** It was so at the time of `column`, not longer ago than so many seconds; what is further still to come was not. Null: neither. */
export const isLately = (db: Statements, column: string, seconds: number) => db`
  (${db(column)} between clock_timestamp() - make_interval(secs => ${seconds}) and clock_timestamp() + make_interval(secs => ${seconds}))`;
