/** Decisions by the program's own policies, without a database: for tests of those who call `decide`, and for benches. */
import { decideWith, type Decide } from './decide.ts';
import { openEngine } from './engine.ts';
import { starterDocument } from './starter.ts';

export function starterDecide(): Decide {
  const engine = openEngine(starterDocument());
  return (ask) => decideWith(engine, 'starter', ask);
}
