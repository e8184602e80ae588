/**
 * The gate: what every value passes before the vault seals it, on every way in.
 *
 * For each field: is its purpose alive, is it collected for the purpose that was named, is it made coarser, is it one of its
 * type, and is nothing hidden in its text. The last and the second follow the collection's mode: `observe` counts, `warn`
 * says so in the answer, `enforce` acts. INVARIANT: what is counted is names and kinds, never a value.
 */
import type { Catalog, CollectionSpec, FieldSpec, GateMode } from '../catalog.ts';
import { checkText, checkValue, type CheckedValue } from '../check-value.ts';
import type { CountFinding } from './gate-counts.ts';
import { isLegal, isWithin, refusedPurpose, type SaidTo } from './consent-gate.ts';
import { coarsen } from './minimise.ts';
import { judgeText, SURE, type DetectText } from './text-gate.ts';

export type GateNeeds = Readonly<{
  catalog: () => Catalog;
  detect: DetectText;
  clock: () => Date;
  count: CountFinding;
}>;
/** Where a value is to be stored, and what for; null when the request named no purpose. */
export type GateWay = Readonly<{
  collection: CollectionSpec;
  purpose: string | null;
  /** Takes what is to be counted, from work that may be given up and begun again; without it, it is counted at once. */
  later?: ((tell: () => void) => void) | undefined;
}>;

export type Consented = Readonly<{ ok: true; warns?: readonly string[] }> | Readonly<{ ok: false; because: string }>;

export type Gate = Readonly<{
  /** For values as JSON has them. */
  checkValue: (spec: FieldSpec, value: unknown, way: GateWay) => CheckedValue;
  /** For text as CSV has it. */
  checkText: (spec: FieldSpec, text: string, way: GateWay) => CheckedValue;
  /** For a field that is to get a value, once it is known whose it is: has the subject left it a purpose? */
  checkConsent: (spec: FieldSpec, way: GateWay, said: SaidTo) => Consented;
  /** A field came that the catalogue does not have: it was refused, and its name is not kept. */
  undeclared: (collection: CollectionSpec) => void;
}>;

export const modeOf = ({ gate }: CollectionSpec): GateMode => gate ?? 'observe';

export function createGate({ catalog, detect, clock, count: countNow }: GateNeeds): Gate {
  const today = days(clock);
  const countOf = ({ later }: GateWay): CountFinding =>
    later === undefined ? countNow : (finding) => later(() => countNow(finding));
  const pass = (spec: FieldSpec, way: GateWay, check: () => CheckedValue & { coarse?: boolean }): CheckedValue => {
    const { collection, purpose } = way;
    const mode = modeOf(collection);
    const { name } = collection;
    const count = countOf(way);
    const ended = endedPurpose(catalog(), spec, purpose, today().date);
    if (ended !== null) {
      count({ collection: name, field: spec.name, finding: 'purpose-ended', mode: 'enforce', outcome: 'refused', would: 'refuse' }); // prettier-ignore
      return { ok: false, because: `is not collected any more: the purpose ${ended} has ended` };
    }
    const warns: string[] = [];
    if (mode !== 'off' && purpose !== null && !isCollectedFor(spec, purpose)) {
      const refused = mode === 'enforce';
      count({ collection: name, field: spec.name, finding: 'purpose', mode, outcome: refused ? 'refused' : 'passed', would: 'refuse' }); // prettier-ignore
      if (refused) return { ok: false, because: `is not collected for ${purpose}` };
      if (mode === 'warn') warns.push(`is not collected for ${purpose}`);
    }
    const checked = check();
    if (!checked.ok) {
      count({ collection: name, field: spec.name, finding: 'type', mode: 'enforce', outcome: 'refused', would: 'refuse' }); // prettier-ignore
      return checked;
    }
    if (checked.coarse === true)
      count({ collection: name, field: spec.name, finding: 'precision', mode: 'enforce', outcome: 'coarsened', would: 'coarsen' }); // prettier-ignore
    const through = mode === 'off' ? checked : passText(spec, checked, { mode, name, warns, count });
    return !through.ok || warns.length === 0 ? through : { ...through, warns };
  };

  function passText(
    spec: FieldSpec,
    checked: Extract<CheckedValue, { ok: true }>,
    {
      mode,
      name,
      warns,
      count,
    }: Readonly<{ mode: Exclude<GateMode, 'off'>; name: string; warns: string[]; count: CountFinding }>,
  ): CheckedValue {
    if (spec.type !== 'text' || typeof checked.value !== 'string' || spec.class === 'special') return checked;
    const { rule, found, masked } = judgeText(
      spec,
      checked.value,
      detect(checked.value, { minConfidence: SURE, ...(spec.country === null ? {} : { countries: [spec.country] }) }),
    );
    if (found.size === 0) return checked;
    const types = [...found].filter(([, each]) => each === rule).map(([type]) => type);
    // a text that is too long once it is masked is refused, not cut: nobody asked for half of it
    const stored =
      rule === 'mask' && mode === 'enforce'
        ? (masked.map((each) => checkValue(spec, each)).find(({ ok }) => ok) ?? null)
        : null;
    const refused = rule === 'refuse' || (rule === 'mask' && stored === null);
    for (const [finding, would] of found) {
      // what is refused as a whole is refused with all that was found in it
      const outcome =
        mode !== 'enforce' || rule === 'pass' ? 'passed' : refused ? 'refused' : would === 'mask' ? 'masked' : 'passed';
      count({ collection: name, field: spec.name, finding, mode, outcome, would });
    }
    if (rule === 'pass') return checked;
    const says = `seems to contain what this field may not hold: ${types.join(', ')}`;
    if (mode === 'observe') return checked;
    if (mode === 'warn') {
      warns.push(says);
      return checked;
    }
    if (stored !== null) return stored;
    return {
      ok: false,
      because: rule === 'refuse' ? says : `is too long once what it may not hold is masked: ${types.join(', ')}`,
    };
  }

  const coarse = (
    spec: FieldSpec,
    value: unknown,
    then: (made: unknown) => CheckedValue,
  ): CheckedValue & { coarse?: boolean } => {
    if (spec.minimise === null) return then(value);
    const made = coarsen(spec.minimise, spec.type, value, today().now);
    return made.ok ? { ...then(made.value), coarse: made.changed } : made;
  };
  return {
    checkValue: (spec, value, way) => pass(spec, way, () => coarse(spec, value, (made) => checkValue(spec, made))),
    checkText: (spec, text, way) =>
      pass(spec, way, () =>
        coarse(spec, text, (made) => (typeof made === 'string' ? checkText(spec, made) : checkValue(spec, made))),
      ),
    checkConsent: (spec, way, said) => {
      const { collection, purpose } = way;
      const mode = modeOf(collection);
      const against = mode === 'off' ? null : refusedPurpose(spec, purpose, said);
      if (mode === 'off' || against === null) return { ok: true };
      const outcome = mode === 'enforce' ? 'refused' : 'passed';
      countOf(way)({
        collection: collection.name,
        field: spec.name,
        finding: 'consent',
        mode,
        outcome,
        would: 'refuse',
      });
      const says = `is not collected: its subject does not agree to ${against}`;
      if (mode === 'enforce') return { ok: false, because: says };
      return mode === 'warn' ? { ok: true, warns: [says] } : { ok: true };
    },
    undeclared: ({ name }) =>
      countNow({ collection: name, field: '-', finding: 'undeclared', mode: 'enforce', outcome: 'refused', would: 'refuse' }), // prettier-ignore
  };
}

/** The named purpose, or all that the field has: which of them is over. */
function endedPurpose(catalog: Catalog, spec: FieldSpec, purpose: string | null, date: string): string | null {
  const until = purpose === null ? null : (catalog.purposes.get(purpose)?.until ?? null);
  if (until !== null && until < date) return purpose;
  for (const each of spec.purposes) if (each.until === null || each.until >= date) return null;
  return spec.purposes[0]?.id ?? null;
}

/** A legal purpose reaches every field: what a subject or a court asks to be corrected was collected for something else. */
function isCollectedFor({ purposes }: FieldSpec, purpose: string): boolean {
  if (isLegal(purpose)) return true;
  for (const { id } of purposes) if (isWithin(purpose, id)) return true;
  return false;
}

/** The day, written once a day. */
function days(clock: () => Date): () => Readonly<{ now: Date; date: string }> {
  let day = -1;
  let date = '';
  return () => {
    const now = clock();
    const then = Math.floor(now.getTime() / 86_400_000);
    if (then !== day) [day, date] = [then, now.toISOString().slice(0, 10)];
    return { now, date };
  };
}
