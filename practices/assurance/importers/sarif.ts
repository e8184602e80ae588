/** SARIF 2.1.0 (OASIS): what linters and scanners of code write. Suppressed, passed and vanished results are no findings. */
import type { Severity } from '../types.ts';
import { importFailure } from './failures.ts';
import type { Format } from './format.ts';
import { imported, severityOfScore, type Imported, type Tool } from './imported.ts';
import { jsonOf } from './read-bytes.ts';
import { firstWord, isMembers, listOf, membersOf, wordOf, type Members } from '../shape.ts';
import { placeAt, webPlaceOf } from './web-place.ts';

const LEVELS: Readonly<Record<string, Severity>> = { error: 'high', warning: 'medium', note: 'low', none: 'info' };
/** §3.27.9: these are no failures. */
const NO_FAILURE = new Set(['pass', 'notApplicable']);

export const sarif: Format = {
  says: 'SARIF 2.1.0',
  isIt: ({ json }) =>
    Array.isArray(membersOf(json).runs) && wordOf(membersOf(json).version)?.startsWith('2.1.') === true,
  read: (text, beside) => {
    const log = jsonOf(text);
    if (!sarif.isIt({ start: '', json: log, firstLine: null, root: null }))
      throw importFailure('IMPORT_MALFORMED', { detail: 'there is no version 2.1.0 and no list of runs in it' });
    return listOf(membersOf(log).runs).flatMap((run) => readRun(membersOf(run), beside.asset));
  },
};

function readRun(run: Members, besideAsset: string | undefined): readonly Imported[] {
  const driver = membersOf(membersOf(run.tool).driver);
  const tool = { name: wordOf(driver.name) ?? '', version: firstWord(driver.semanticVersion, driver.version) ?? '' };
  if (listOf(run.invocations).some((each) => membersOf(each).executionSuccessful === false))
    throw importFailure('IMPORT_INCOMPLETE', { detail: `an invocation of ${tool.name} was not successful` });
  const repository = wordOf(membersOf(listOf(run.versionControlProvenance)[0]).repositoryUri);
  const asset = besideAsset ?? (repository === undefined ? undefined : assetOf(repository)) ?? 'source';
  const rules = listOf(driver.rules).map(membersOf);
  return listOf(run.results)
    .filter(isMembers)
    .filter((result) => isFailure(result))
    .map((result) => readResult(result, ruleOf(result, rules), tool, asset));
}

/** A repository by host and path, without who reads it there. */
function assetOf(repository: string): string | undefined {
  const place = webPlaceOf(repository.replace(/^git\+|\.git$/g, ''));
  return place === null ? undefined : `${place.asset}${place.path}`;
}

function isFailure(result: Members): boolean {
  if (NO_FAILURE.has(wordOf(result.kind) ?? 'fail') || result.baselineState === 'absent') return false;
  // §3.35.3: a suppression without a status is accepted
  return !listOf(result.suppressions).some((each) => (wordOf(membersOf(each).status) ?? 'accepted') === 'accepted');
}

function ruleOf(result: Members, rules: readonly Members[]): Members {
  const index = firstWord(result.ruleIndex, membersOf(result.rule).index);
  const id = firstWord(result.ruleId, membersOf(result.rule).id);
  const byIndex = index === undefined ? undefined : rules[Number(index)];
  return byIndex ?? rules.find((rule) => wordOf(rule.id) === id) ?? {};
}

function readResult(result: Members, rule: Members, tool: Tool, asset: string): Imported {
  const id = firstWord(result.ruleId, membersOf(result.rule).id, rule.id) ?? 'without a rule';
  const message = messageOf(result, rule);
  const where = whereOf(result);
  const web = /^https?:/i.test(where) ? webPlaceOf(where) : null;
  const [, print] = Object.entries(membersOf(result.partialFingerprints)).toSorted(([a], [b]) => (a < b ? -1 : 1))[0] ?? []; // prettier-ignore
  return imported({
    rule: `${tool.name.toLowerCase()}:${id}`,
    title: firstWord(membersOf(rule.shortDescription).text, rule.name, message) ?? id,
    severity: severityOf(result, rule),
    asset: web?.asset ?? asset,
    place: web === null ? where : placeAt(undefined, web.path),
    // what the tool itself says makes it the same on another line
    parameter: wordOf(print),
    tool,
    description: message,
    references: [rule.helpUri],
    raw: result,
  });
}

function severityOf(result: Members, rule: Members): Severity {
  const score = severityOfScore(undefined, firstWord(membersOf(rule.properties)['security-severity'], membersOf(result.properties)['security-severity'])); // prettier-ignore
  if (score !== null) return score;
  if ((wordOf(result.kind) ?? 'fail') === 'informational') return 'info';
  const level = firstWord(result.level, membersOf(rule.defaultConfiguration).level) ?? 'warning';
  return LEVELS[level] ?? 'medium';
}

function messageOf(result: Members, rule: Members): string {
  const message = membersOf(result.message);
  const template = firstWord(message.text, membersOf(membersOf(rule.messageStrings)[wordOf(message.id) ?? '']).text);
  const given = listOf(message.arguments);
  return (template ?? '').replaceAll(/\{(\d{1,3})\}/g, (all, at: string) => wordOf(given[Number(at)]) ?? all);
}

/** The logical place where one is said; else the file, without its line, which moves. */
function whereOf(result: Members): string {
  const location = membersOf(listOf(result.locations)[0]);
  const logical = membersOf(listOf(location.logicalLocations)[0]);
  const file = wordOf(membersOf(membersOf(location.physicalLocation).artifactLocation).uri);
  const name = firstWord(logical.fullyQualifiedName, logical.name);
  if (name !== undefined && file !== undefined) return `${file} ${name}`;
  return name ?? file ?? 'the whole';
}
