/** How a field is handled beyond its type: made coarser, watched in its text, shown to its subject, answered for. */
import { DATA_CLASSES, type FieldSpec, type GateRule, type Ledger, type Minimise } from './catalog.ts';
import type { Step } from './catalog-problem.ts';
import type { FieldFile } from './catalog-shape.ts';
import { MINIMISED_TYPES, parseMinimise } from './gate/minimise.ts';
import type { FieldSurroundings } from './resolve-field.ts';
import { parseDuration } from './retention.ts';
import { knownTerm } from './terms/known-term.ts';

type Handling = Pick<FieldSpec, 'minimise' | 'gate' | 'ledger' | 'owner' | 'justification'>;

export function resolveHandling(file: FieldFile, at: readonly Step[], around: FieldSurroundings): Handling {
  warnOfTerm(file, at, around);
  if ((file.class === 'sensitive' || file.class === 'special') && file.justification === undefined)
    around.warn(at, `a field of class ${file.class} has no justification`, 'add justification: why it is needed');
  return {
    minimise: resolveMinimise(file, at, around),
    gate: resolveGate(file, at, around),
    ledger: resolveLedger(file, at, around),
    owner: file.owner ?? null,
    justification: file.justification ?? null,
  };
}

function warnOfTerm({ category }: FieldFile, at: readonly Step[], { warn }: FieldSurroundings): void {
  if (category === undefined) return;
  const term = knownTerm(category);
  const here = [...at, 'category'];
  if (!term.known)
    warn(
      here,
      `the category ${category} is no term of fideslang or of DPV PD`,
      term.nearest === null
        ? 'fideslang: user.contact.email; DPV PD: pd:EmailAddress'
        : `the nearest is ${term.nearest}`,
    );
  else if (term.replacedBy !== null)
    warn(here, `the category ${category} is out of use in fideslang 3.2`, `write ${term.replacedBy}`);
}

function resolveMinimise(file: FieldFile, at: readonly Step[], { report }: FieldSurroundings): Minimise | null {
  if (file.minimise === undefined) return null;
  const here = [...at, 'minimise'];
  const minimise = parseMinimise(file.minimise);
  if (minimise === null)
    report(here, 'this makes nothing coarser', 'write year, month, age>=18, prefix:3, ip or round:100');
  else if (!MINIMISED_TYPES[minimise.kind].includes(file.type)) {
    const types = MINIMISED_TYPES[minimise.kind].join(' or ');
    report(here, `${file.minimise} stores ${types}, not ${file.type}`, `type says what is stored: make it ${types}`);
  }
  return minimise;
}

function resolveGate(file: FieldFile, at: readonly Step[], { report }: FieldSurroundings): FieldSpec['gate'] {
  const { gate, type } = file;
  if (gate === undefined) return null;
  const here = [...at, 'gate'];
  if (type !== 'text')
    report(here, `a field of type ${type} has no free text to look into`, 'gate: belongs to type text');
  const rules: Readonly<Record<string, GateRule>> = typeof gate === 'string' ? { all: gate } : gate;
  for (const name of Object.keys(rules)) {
    // types of findings are the detectors' own, and grow with them
    if (/^[a-z][a-z0-9_.:-]{0,49}$/.test(name)) continue;
    report(
      [...here, name],
      'this names nothing that is found',
      `write all, ${DATA_CLASSES.join(', ')}, or a type of finding`,
    );
  }
  return rules;
}

function resolveLedger(file: FieldFile, at: readonly Step[], { report }: FieldSurroundings): Ledger | null {
  const { ledger } = file;
  if (ledger === undefined || ledger === 'show') return null;
  const colon = ledger.indexOf(':');
  const [kind, rest] = [
    ledger.slice(0, colon < 0 ? ledger.length : colon),
    colon < 0 ? '' : ledger.slice(colon + 1).trim(),
  ];
  const period = kind === 'delay' ? parseDuration(rest) : null;
  if (period !== null) return { kind: 'delay', period, for: rest };
  if (kind === 'hide' && rest !== '') return { kind: 'hide', because: rest };
  report(
    [...at, 'ledger'],
    kind === 'hide'
      ? 'what is hidden from its subject has no reason'
      : 'this says not how the subject is shown who looked',
    'write show, delay:P30D, or hide: and the article of the law that allows it',
  );
  return null;
}
