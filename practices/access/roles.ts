/**
 * The shipped roles: a job's responsibility as actions, purposes, and how much of each class leaves in clear.
 *
 * This table is the first gate. Policies in Cedar replace its inside (issue 3); who calls `decide` does not notice.
 */
import type { DataClass } from '#practices/collection';

export type Action =
  | 'records.read' | 'records.search' | 'records.write' | 'records.export' | 'records.delete'
  | 'tokens.create' | 'tokens.open' | 'intake.submit'
  | 'subjects.erase' | 'subjects.restrict' | 'subjects.find'
  | 'keys.manage' | 'keys.rotate' | 'audit.read' | 'system.inspect'; // prettier-ignore

export type Role = Readonly<{
  name: string;
  says: string;
  actions: ReadonlySet<Action>;
  /** A purpose is allowed when it is one of these or lies below one; `*` allows each. */
  purposes: readonly string[];
  /** Highest class that leaves in clear, and highest that leaves masked; null: none. */
  clear: DataClass | null;
  masked: DataClass | null;
}>;

const role = (
  name: string,
  says: string,
  actions: readonly Action[],
  purposes: readonly string[] = [],
  clear: DataClass | null = null,
  masked: DataClass | null = clear,
): Role => ({ name, says, actions: new Set(actions), purposes, clear, masked });

const READ = ['records.read', 'records.search'] as const;

export const ROLES: ReadonlyMap<string, Role> = new Map(
  [
    role('application', 'a program that keeps its customers here', [...READ, 'records.write', 'records.delete', 'tokens.create', 'tokens.open', 'intake.submit', 'subjects.find'], ['*'], 'special'),
    role('intake', 'a program that only puts in', ['records.write', 'intake.submit']),
    role('support', 'helps customers who call', [...READ, 'subjects.find'], ['service'], 'internal', 'sensitive'),
    role('billing', 'writes and collects invoices', [...READ, 'tokens.open', 'subjects.find'], ['service.billing'], 'personal', 'sensitive'),
    role('marketing', 'writes to customers who agreed', [...READ, 'records.export', 'tokens.create'], ['marketing'], 'internal', 'personal'),
    role('analyst', 'counts and compares', [...READ, 'records.export', 'tokens.create'], ['analytics'], 'internal', 'personal'),
    role('engineer', 'runs the system; sees no customer', ['system.inspect']),
    role('security', 'watches; sees the log, no customer', ['system.inspect', 'audit.read']),
    role('dpo', 'answers for the data', [...READ, 'records.export', 'records.delete', 'subjects.erase', 'subjects.restrict', 'subjects.find', 'audit.read', 'system.inspect'], ['*'], 'special'),
    role('auditor', 'checks; sees the log, no customer', ['audit.read', 'system.inspect']),
    role('admin', 'manages keys; sees no customer', ['keys.manage', 'system.inspect', 'audit.read']),
    role('custodian', 'rotates keys; sees no customer', ['keys.rotate', 'system.inspect']),
  ].map((each) => [each.name, each]),
); // prettier-ignore
