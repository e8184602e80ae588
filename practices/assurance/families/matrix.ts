/** The enumerated policies, and one live answer held against them. */
import { CannotTell } from '../kit/control-test.ts';
import type { Kit } from '../kit/kit.ts';
import type { Answer } from '../kit/wire.ts';

type Cell = Readonly<{
  role: string;
  action: string;
  purpose: string;
  facts: Readonly<Record<string, string | boolean>>;
  dataClass: string | null;
  outcome: string;
}>;
export type Cells = readonly Cell[];

const READ = 'records.read';

/** Of the policies that hold now. @throws CannotTell */
export async function cellsFor(kit: Kit): Promise<Cells> {
  const auditor = kit.as('auditor');
  const { json } = await auditor('GET', '/v1/access/whoami');
  const { status, json: found } = await auditor('GET', `/v1/access/policies/${String(json?.policyVersion)}/matrix`);
  if (status !== 200) throw new CannotTell(`the policies cannot be enumerated: ${status}`);
  const { cells = [] } = (found ?? {}) as { cells?: Cells };
  return cells.filter(({ action }) => action === READ);
}

/** Facts of a key's read of a canary about which nobody said anything; what depends on time and place is left aside. */
const factsOf = (isConsent: boolean): Readonly<Record<string, string | boolean>> => ({
  kind: 'service', mfa: 'none', training: 'current', consent: 'notAsked', volume: 'normal', grant: 'none', restricted: false,
  phishingResistant: false, minor: false, assigned: false, needsConsent: isConsent,
}); // prettier-ignore

/** @returns how many fields could be compared, and where they differ */
export function comparedWith(kit: Kit, cells: Cells, { role, purpose }: { role: string; purpose: string }, answer: Answer): { fields: number; faults: string[] } {
  const known = factsOf(kit.world.consentPurposes.includes(purpose));
  const fits = ({ facts }: Cell, declared: boolean | null): boolean =>
    Object.entries(facts).every(([fact, value]) => (fact === 'declared' ? declared === null || value === declared : fact in known && known[fact] === value));
  const own = cells.filter((cell) => cell.role === role && cell.purpose === purpose);
  const whole = own.find((cell) => cell.dataClass === null && fits(cell, null));
  // what a policy looks at beyond these facts is not known from outside
  if (whole === undefined && own.length > 0) return { fields: 0, faults: [] };
  const allowed = whole?.outcome === 'allowed';
  const at = `${role} for ${purpose}`;
  if (!allowed) return { fields: 1, faults: answer.status === 200 ? [`${at}: answered, and the policies refuse`] : [] };
  if (answer.status !== 200) return { fields: 1, faults: [`${at}: ${answer.status}, and the policies allow`] };
  const fields = (answer.json?.fields ?? {}) as Readonly<Record<string, { state: string }>>;
  const faults: string[] = [];
  let compared = 0;
  for (const { name, class: dataClass, purposes, needsYes } of kit.world.collection.fields) {
    if (fields[name] === undefined) continue;
    // a yes that was never asked for covers nothing
    const declared = purposes.some((each) => (purpose === each || purpose.startsWith(`${each}.`)) && !needsYes.includes(each));
    const cell = own.find((each) => each.dataClass === dataClass && fits(each, declared));
    if (cell === undefined) continue;
    compared += 1;
    if (fields[name].state !== cell.outcome) faults.push(`${at}: ${name} (${dataClass}) left ${fields[name].state}, and the policies say ${cell.outcome}`);
  }
  return { fields: compared, faults };
} // prettier-ignore
