/**
 * What no tool here writes: CSV with a heading, or JSON, with the fields `rule`, `title`, `severity`, `asset`, `place`,
 * `parameter`, `cvss`, `description`, `references`, `tool`, `version`. Needed are title, severity and asset.
 */
import { importFailure } from './failures.ts';
import type { Beside, Format } from './format.ts';
import { imported, severityOf, severityOfScore, type Imported } from './imported.ts';
import { readCsv } from './read-csv.ts';
import { jsonOf } from './read-bytes.ts';
import { firstWord, isMembers, listOf, membersOf, wordOf, type Members } from '../shape.ts';

export const genericJson: Format = {
  says: 'a list of findings as JSON',
  isIt: ({ json }) => isFinding(listOf(json)[0]) || isFinding(listOf(membersOf(json).findings)[0]),
  read: (text, beside) => {
    const json = jsonOf(text);
    const list = Array.isArray(json) ? json : membersOf(json).findings;
    if (!Array.isArray(list)) throw importFailure('IMPORT_MALFORMED', { detail: 'there is no list of findings in it' });
    return list.map((each, at) => read(membersOf(each), membersOf(json), beside, `finding ${at + 1}`));
  },
};

export const genericCsv: Format = {
  says: 'findings as CSV',
  isIt: ({ start }) => {
    const heading = (start.split(/\r?\n/)[0] ?? '').toLowerCase().split(/[,;]/).map((name) => name.replaceAll('"', '').trim()); // prettier-ignore
    return heading.includes('title') && heading.includes('severity');
  },
  read: (text, beside) => {
    const [heading = [], ...rows] = readCsv(text);
    const names = heading.map((name) => name.trim().toLowerCase());
    for (const name of ['title', 'severity'])
      if (!names.includes(name)) throw importFailure('IMPORT_MALFORMED', { detail: `the heading has no ${name}` });
    return rows.map((row, at) =>
      read(Object.fromEntries(names.map((name, n) => [name, row[n] ?? ''])), {}, beside, `row ${at + 2}`),
    );
  },
};

const isFinding = (value: unknown): boolean =>
  isMembers(value) && wordOf(value.title) !== undefined && wordOf(value.severity) !== undefined;

function read(finding: Members, around: Members, beside: Beside, where: string): Imported {
  const title = wordOf(finding.title);
  const cvss = wordOf(finding.cvss);
  const said = wordOf(finding.severity);
  const severity = (said === undefined ? null : severityOf(said)) ?? severityOfScore(cvss, undefined);
  const asset = firstWord(finding.asset, beside.asset);
  if (title === undefined || severity === null)
    throw importFailure('IMPORT_MALFORMED', { detail: `${where} has no title, or no severity that is known` });
  if (asset === undefined) throw importFailure('IMPORT_NO_ASSET', { detail: `${where} has no asset` });
  const { references } = finding;
  const tool = isMembers(around.tool) ? around.tool : { name: finding.tool, version: finding.version };
  return imported({
    rule: wordOf(finding.rule) ?? title,
    title,
    severity,
    cvss,
    asset,
    place: wordOf(finding.place) ?? 'the whole',
    parameter: wordOf(finding.parameter),
    tool: { name: wordOf(tool.name) ?? 'by hand', version: wordOf(tool.version) ?? '' },
    description: wordOf(finding.description) ?? '',
    references: typeof references === 'string' ? references.split(/\s+/) : listOf(references),
    raw: finding,
  });
}
