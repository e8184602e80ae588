/** Parts × advisories: what is affected, what somebody settled and why, and what is wrong with those settlements. */
import { ratingOf, scoreOf } from '../severity.ts';
import type { Severity } from '../types.ts';
import { componentOf, nameKey, sameEcosystem, type Component } from './component.ts';
import { staleness, type AdvisoryException } from './exceptions.ts';
import type { Epss, EpssScore, Kev, KevEntry } from './feeds.ts';
import { fixedAbove, isAffected, type Hit } from './ranges.ts';
import type { AffectedPackage, OsvRecord } from './record.ts';
import type { VexStatement } from './vex.ts';

export type Advisory = Readonly<{
  /** The one it goes by: CVE, else GHSA, else the first. */
  id: string;
  /** All names of it, aliases with them, in order. */
  ids: readonly string[];
  component: Component;
  /** `unclear`: its versions have an order that is not known here. */
  hit: 'yes' | 'unclear';
  severity: Severity;
  cvss: string | null;
  summary: string;
  /** Versions above this one that mend it, in order. */
  fixedIn: readonly string[];
  /** The lowest of them that no other record affects; null where there is none. */
  upgradeTo: string | null;
  kev: KevEntry | null;
  epss: EpssScore | null;
  references: readonly string[];
}>;

export type Settled = Readonly<{ advisory: Advisory; by: 'VEX' | 'exception'; reason: string }>;

export type Matched = Readonly<{
  affected: readonly Advisory[];
  settled: readonly Settled[];
  /** One sentence each; with one of these the check has failed. */
  faults: readonly string[];
}>;

export type MatchNeeds = Readonly<{
  components: readonly Component[];
  records: Iterable<OsvRecord>;
  kev?: Kev;
  epss?: Epss;
  vex?: readonly VexStatement[];
  exceptions?: readonly AdvisoryException[];
  now: Date;
}>;

export function match({ components, records, kev, epss, now, ...said }: MatchNeeds): Matched {
  const vex = (said.vex ?? []).map(spelled);
  const exceptions = (said.exceptions ?? []).map(spelled);
  const wanted = new Map<string, Component[]>();
  for (const component of components) {
    const key = nameKey(component.ecosystem, component.name);
    wanted.set(key, [...(wanted.get(key) ?? []), component]);
  }
  const near = [...records].filter((record) => !record.withdrawn && record.affected.some((each) => wanted.has(nameKey(each.ecosystem, each.name)))); // prettier-ignore
  const groups = joinAliases(near);
  const found = groups.flatMap((group) =>
    partsOf(group, wanted).flatMap((component) => advisoryOf(group, component, kev, epss) ?? []),
  );
  const whole = found.map((advisory) => ({ ...advisory, upgradeTo: upgradeOf(advisory, near) }));
  const settled: Settled[] = [];
  const affected: Advisory[] = [];
  for (const advisory of whole) {
    const by = settledBy(advisory, vex, exceptions, now);
    if (by === null) affected.push(advisory);
    else settled.push({ advisory, ...by });
  }
  return { affected, settled, faults: staleness({ found: whole, components, vex, exceptions, now }) };
}

/** A package URL has several spellings: `@a/b`, `%40a/b`, with and without where it was got. */
const spelled = <T extends Readonly<{ purl: string }>>(each: T): T => ({ ...each, purl: componentOf(each.purl)?.purl ?? each.purl }); // prettier-ignore

/** Records that name each other, or a third one, are about one fault. */
function joinAliases(records: readonly OsvRecord[]): readonly (readonly OsvRecord[])[] {
  const parent = new Map<string, string>();
  const rootOf = (id: string): string => {
    let root = id;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) root = up;
    return root;
  };
  for (const { id, aliases } of records) for (const alias of aliases) parent.set(rootOf(alias), rootOf(id));
  const groups = new Map<string, OsvRecord[]>();
  for (const record of records) {
    const root = rootOf(record.id);
    groups.set(root, [...(groups.get(root) ?? []), record]);
  }
  return [...groups.values()];
}

function partsOf(group: readonly OsvRecord[], wanted: ReadonlyMap<string, readonly Component[]>): readonly Component[] {
  const keys = new Set(group.flatMap(({ affected }) => affected.map((each) => nameKey(each.ecosystem, each.name))));
  return [...keys].flatMap((key) => wanted.get(key) ?? []);
}

const packagesOf = (records: readonly OsvRecord[], { ecosystem, name }: Component): readonly AffectedPackage[] =>
  records.flatMap(({ affected }) =>
    affected.filter((each) => sameEcosystem(each.ecosystem, ecosystem) && each.name === name),
  );

function advisoryOf(group: readonly OsvRecord[], component: Component, kev?: Kev, epss?: Epss): Advisory | null {
  const packages = packagesOf(group, component);
  const hits = packages.map((each): Hit => isAffected(component.version, each));
  const hit = hits.includes('yes') ? 'yes' : hits.includes('unclear') ? 'unclear' : null;
  if (hit === null) return null;
  const ids = [...new Set(group.flatMap(({ id, aliases }) => [id, ...aliases]))].toSorted();
  const id = ids.find((each) => each.startsWith('CVE-')) ?? ids.find((each) => each.startsWith('GHSA-')) ?? ids[0] ?? ''; // prettier-ignore
  const cvss = group.map((record) => record.cvss).find((vector) => vector !== null && scoreOf(vector) !== null) ?? null;
  const cves = ids.filter((each) => each.startsWith('CVE-'));
  return {
    id,
    ids,
    component,
    hit,
    severity: severityOf(cvss, group),
    cvss,
    summary: group.map((record) => record.summary).find((summary) => summary !== '') ?? '',
    fixedIn: fixedAbove(component.version, packages),
    upgradeTo: null,
    kev: cves.map((cve) => kev?.byCve.get(cve)).find((entry) => entry !== undefined) ?? null,
    epss: cves.map((cve) => epss?.byCve.get(cve)).find((entry) => entry !== undefined) ?? null,
    references: [...new Set(group.flatMap((record) => record.references))].slice(0, 20),
  };
}

const WORDS: Readonly<Record<string, Severity>> = { CRITICAL: 'critical', HIGH: 'high', MODERATE: 'medium', MEDIUM: 'medium', LOW: 'low' }; // prettier-ignore

/** Not known counts as medium: an advisory is not made harmless by its author's haste. */
function severityOf(cvss: string | null, group: readonly OsvRecord[]): Severity {
  const score = cvss === null ? null : scoreOf(cvss);
  if (score !== null) return ratingOf(score);
  const said = group.map((record) => record.said).find((word) => word !== null);
  return WORDS[said?.toUpperCase() ?? ''] ?? 'medium';
}

/** The lowest fix that is not affected by anything else that is known. */
function upgradeOf({ component, fixedIn }: Advisory, records: readonly OsvRecord[]): string | null {
  const packages = packagesOf(records, component);
  return fixedIn.find((version) => packages.every((each) => isAffected(version, each) === 'no')) ?? null;
}

function settledBy(
  { ids, component }: Advisory,
  vex: readonly VexStatement[],
  exceptions: readonly AdvisoryException[],
  now: Date,
): Pick<Settled, 'by' | 'reason'> | null {
  const isAbout = (purl: string, id: readonly string[]): boolean => purl === component.purl && id.some((each) => ids.includes(each)); // prettier-ignore
  // of several statements about the same, the last one holds
  const said = vex
    .filter((each) => isAbout(each.purl, each.ids))
    .toSorted((one, other) => (one.at?.getTime() ?? 0) - (other.at?.getTime() ?? 0))
    .at(-1);
  if (said !== undefined && (said.status === 'not affected' || said.status === 'fixed'))
    return { by: 'VEX', reason: said.reason === '' ? said.status : said.reason };
  const exception = exceptions.find((each) => isAbout(each.purl, [each.id]) && each.until > now);
  return exception === undefined ? null : { by: 'exception', reason: exception.reason };
}
