/** What all notices of an entry have. */
import type { LogEntry } from './from-entry.ts';

export const basis = ({ ts, actor, subjects, subjectSet }: LogEntry) => ({
  roles: [] as readonly string[],
  people: [] as readonly string[],
  except: actor.id,
  urgent: false,
  customers: subjectSet?.count ?? subjects?.length ?? 0,
  at: ts,
});
