/** Faults of a text that was sent, as the server names them: where, and what to write. */
import { isProblem } from '@strongroom/sdk';

export type Fault = Readonly<{ line?: number; says: string; hint: string }>;

export function faultsIn(error: unknown): readonly Fault[] {
  const faults = isProblem(error) ? error.extra.faults : undefined;
  return Array.isArray(faults) ? (faults as readonly Fault[]) : [];
}
