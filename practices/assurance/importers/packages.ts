/** Reports about packages: CycloneDX with vulnerabilities, OSV (records, and osv-scanner's), `npm audit --json`. */
import type { Severity } from '../types.ts';
import { importFailure } from './failures.ts';
import type { Format } from './format.ts';
import { imported, severityOf, severityOfScore, type Imported, type Tool } from './imported.ts';
import { jsonOf } from './read-bytes.ts';
import { firstWord, isMembers, listOf, membersOf, wordOf, type Members } from '../shape.ts';

/** `analysis.state` of CycloneDX that leaves nothing to do. */
const SETTLED = new Set(['resolved', 'resolved_with_pedigree', 'false_positive', 'not_affected']);

export const cyclonedx: Format = {
  says: 'CycloneDX with vulnerabilities',
  isIt: ({ json }) => wordOf(membersOf(json).bomFormat) === 'CycloneDX',
  read: (text, beside) => {
    const bom = membersOf(jsonOf(text));
    if (wordOf(bom.bomFormat) !== 'CycloneDX')
      throw importFailure('IMPORT_MALFORMED', { detail: 'bomFormat is not CycloneDX' });
    const metadata = membersOf(bom.metadata);
    const asset = beside.asset ?? wordOf(membersOf(metadata.component).name) ?? 'source';
    const tool = toolOf(metadata.tools);
    const names = new Map(
      listOf(bom.components).map((each) => {
        const component = membersOf(each);
        return [firstWord(component['bom-ref'], component.purl) ?? '', packageOf(component)] as const;
      }),
    );
    return listOf(bom.vulnerabilities)
      .filter(isMembers)
      .filter((each) => !SETTLED.has(wordOf(membersOf(each.analysis).state) ?? ''))
      .flatMap((each) => readVulnerability(each, names, asset, tool));
  },
};

/** 1.4: a list; from 1.5 on an object with components too. */
function toolOf(tools: unknown): Tool {
  const first = membersOf(listOf(tools)[0] ?? listOf(membersOf(tools).components)[0]);
  return { name: wordOf(first.name) ?? 'cyclonedx', version: wordOf(first.version) ?? '' };
}

/** The package without its version: an upgrade that does not help leaves the finding what it is. */
const packageOf = (component: Members): string => {
  const purl = wordOf(component.purl);
  if (purl !== undefined) return withoutVersion(purl);
  return [wordOf(component.group), wordOf(component.name)].filter((part) => part !== undefined).join('/');
};

export const withoutVersion = (purl: string): string => purl.replace(/[?#].*$/, '').replace(/@[^/@]*$/, '');

function readVulnerability(
  each: Members,
  names: ReadonlyMap<string, string>,
  asset: string,
  tool: Tool,
): readonly Imported[] {
  const id = wordOf(each.id) ?? 'without an id';
  const ratings = listOf(each.ratings).map(membersOf);
  const vector = wordOf(ratings.find(({ vector }) => wordOf(vector)?.startsWith('CVSS:') === true)?.vector);
  const rated = ratings.find(({ score, severity }) => score !== undefined || severity !== undefined) ?? {};
  const refs = listOf(each.affects).map((affected) => wordOf(membersOf(affected).ref) ?? '');
  return (refs.length === 0 ? ['the whole'] : refs).map((ref) =>
    imported({
      rule: id,
      title: `${id} in ${names.get(ref) ?? withoutVersion(ref)}`,
      severity: severityOf(wordOf(rated.severity) ?? '') ?? severityOfScore(vector, rated.score) ?? 'medium',
      cvss: vector,
      asset,
      place: names.get(ref) || withoutVersion(ref),
      tool,
      description: firstWord(each.description, each.detail) ?? '',
      references: [membersOf(each.source).url, ...listOf(each.advisories).map((advisory) => membersOf(advisory).url)],
      raw: { each, ref },
    }),
  );
}

export const osv: Format = {
  says: 'OSV: records, or what osv-scanner writes as JSON',
  isIt: ({ json }) => isScan(json) || recordsOf(json).length > 0,
  read: (text, beside) => {
    const json = jsonOf(text);
    const asset = beside.asset ?? 'source';
    if (isScan(json))
      return listOf(membersOf(json).results).flatMap((result) =>
        listOf(membersOf(result).packages).flatMap((entry) => {
          const { name, ecosystem } = membersOf(membersOf(entry).package);
          const place = osvPlace(wordOf(ecosystem), wordOf(name));
          return listOf(membersOf(entry).vulnerabilities).filter(isMembers).map((record) => readRecord(record, place, asset)); // prettier-ignore
        }),
      );
    const records = recordsOf(json);
    if (records.length === 0) throw importFailure('IMPORT_MALFORMED', { detail: 'there is no OSV record in it' });
    return records
      .filter((record) => record.withdrawn === undefined)
      .flatMap((record) => {
        const places = listOf(record.affected).map((each) => {
          const { ecosystem, name } = membersOf(membersOf(each).package);
          return osvPlace(wordOf(ecosystem), wordOf(name));
        });
        return [...new Set(places)].map((place) => readRecord(record, place, asset));
      });
  },
};

const isScan = (json: unknown): boolean =>
  listOf(membersOf(json).results).some((result) => Array.isArray(membersOf(result).packages));

const recordsOf = (json: unknown): readonly Members[] =>
  (Array.isArray(json) ? json : [json])
    .filter(isMembers)
    .filter((each) => typeof each.id === 'string' && typeof each.modified === 'string' && Array.isArray(each.affected));

const osvPlace = (ecosystem = 'unknown', name = 'unknown'): string => `pkg:${ecosystem.toLowerCase()}/${name}`;

function readRecord(record: Members, place: string, asset: string): Imported {
  const id = wordOf(record.id) ?? 'without an id';
  const vectors = listOf(record.severity).map((each) => wordOf(membersOf(each).score) ?? '');
  const vector = ['CVSS:4', 'CVSS:3'].flatMap((kind) => vectors.filter((each) => each.startsWith(kind)))[0];
  const said = severityOf(wordOf(membersOf(record.database_specific).severity) ?? '');
  return imported({
    rule: id,
    title: wordOf(record.summary) ?? `${id} in ${place}`,
    severity: severityOfScore(vector, undefined) ?? said ?? 'medium',
    cvss: vector,
    asset,
    place,
    tool: { name: 'osv', version: wordOf(record.schema_version) ?? '' },
    description: wordOf(record.details) ?? '',
    references: listOf(record.references).map((each) => membersOf(each).url),
    raw: record,
  });
}

export const npmAudit: Format = {
  says: '`npm audit --json`, from npm 7 on',
  isIt: ({ json }) => wordOf(membersOf(json).auditReportVersion) === '2',
  read: (text, beside) => {
    const report = membersOf(jsonOf(text));
    if (wordOf(report.auditReportVersion) !== '2')
      throw importFailure('IMPORT_MALFORMED', { detail: 'auditReportVersion is not 2: npm 6 and before are not read' });
    const asset = beside.asset ?? 'source';
    // what is listed for a package by the name of another is said there
    return Object.values(membersOf(report.vulnerabilities)).flatMap((entry) =>
      listOf(membersOf(entry).via)
        .filter(isMembers)
        .map((via) => readVia(via, asset)),
    );
  },
};

function readVia(via: Members, asset: string): Imported {
  const url = wordOf(via.url) ?? '';
  const id = /\/(GHSA-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4})$/.exec(url)?.[1] ?? `npm:${wordOf(via.source) ?? 'unknown'}`;
  const { vectorString, score } = membersOf(via.cvss);
  const severity: Severity | null = severityOf(wordOf(via.severity) ?? '');
  return imported({
    rule: id,
    title: wordOf(via.title) ?? id,
    severity: severity ?? severityOfScore(wordOf(vectorString), score) ?? 'medium',
    cvss: wordOf(vectorString),
    asset,
    place: `pkg:npm/${firstWord(via.dependency, via.name) ?? 'unknown'}`,
    tool: { name: 'npm audit', version: '2' },
    description: `${wordOf(via.title) ?? id}; affected: ${wordOf(via.range) ?? 'all versions'}`,
    references: [url],
    raw: via,
  });
}
