/**
 * sqlmap's log. It ends with 0 whether it found something or not, so what it says is what counts: points it identified, or
 * that none of what it tested can be injected. A log that says neither is of a run that did not finish.
 */
import { importFailure } from './failures.ts';
import type { Beside, Format } from './format.ts';
import { imported, type Imported } from './imported.ts';
import { linesOf } from './read-bytes.ts';
import { placeAt, webPlaceOf, type WebPlace } from './web-place.ts';

const IDENTIFIED = /sqlmap (?:identified|resumed) the following injection point/;
const NONE = /all tested parameters do not appear to be injectable/;
const RESULTS = 'Target URL,Place,Parameter,Technique(s),Note(s)';

export const sqlmap: Format = {
  says: 'sqlmap, its log or its results as CSV',
  isIt: ({ start }) =>
    IDENTIFIED.test(start) || /\{1\.\d+(?:\.\d+)*#\w+\}/.test(start) || /sqlmap\.org|^\S+ \((?:GET|POST|PUT)\) {2}# \S*sqlmap/m.test(start) || start.startsWith(RESULTS), // prettier-ignore
  read: (text, beside) => {
    const lines = linesOf(text);
    const tool = { name: 'sqlmap', version: /\{(\d+(?:\.\d+)+)#\w+\}/.exec(text)?.[1] ?? '' };
    if (text.startsWith(RESULTS)) return readResults(lines.slice(1), tool.version);
    if (!IDENTIFIED.test(text)) {
      if (NONE.test(text)) return [];
      throw importFailure('IMPORT_INCOMPLETE', {
        detail: 'sqlmap says neither that it found a point of injection nor that there is none',
      });
    }
    const target = targetOf(lines, beside);
    return pointsOf(lines).map(({ parameter, method, types, titles }) =>
      finding(target, method, parameter, titles[0] ?? 'SQL injection', types.join(', '), tool.version),
    );
  },
};

function finding(
  target: WebPlace,
  method: string,
  parameter: string,
  title: string,
  techniques: string,
  version: string,
): Imported {
  // prettier-ignore
  return imported({
    rule: 'sqlmap:sql-injection',
    title: `SQL injection by ${parameter}`,
    severity: 'critical',
    asset: target.asset,
    // what sqlmap calls a place is where the parameter stands: a cookie or a header has the method of its request
    place: placeAt(/^(?:GET|POST|PUT|DELETE|PATCH)$/.test(method) ? method : undefined, target.path),
    parameter,
    tool: { name: 'sqlmap', version },
    description: `${title}\n${techniques}`,
    raw: { method, parameter, techniques, title },
  });
}

/** Of the log of the target folder the address is in target.txt, which may be put before it; with `-m` it is in the log. */
function targetOf(lines: readonly string[], { asset }: Beside): WebPlace {
  for (const line of lines) {
    const address = /^(https?:\/\/\S+) \([A-Z]+\)/.exec(line)?.[1] ?? /\[INFO\] testing URL '([^']+)'/.exec(line)?.[1] ?? /^(?:GET|POST|PUT) (https?:\/\/\S+)$/.exec(line)?.[1]; // prettier-ignore
    const place = address === undefined ? null : webPlaceOf(address);
    if (place !== null) return place;
  }
  const named = asset === undefined ? null : webPlaceOf(asset);
  if (named === null) throw importFailure('IMPORT_NO_ASSET');
  return named;
}

type Point = { parameter: string; method: string; types: string[]; titles: string[] };

function pointsOf(lines: readonly string[]): readonly Point[] {
  const points: Point[] = [];
  for (const line of lines) {
    const [, parameter, method] = /^Parameter: (.{1,200}) \(([^()]{1,40})\)$/.exec(line) ?? [];
    if (parameter !== undefined && method !== undefined) points.push({ parameter, method, types: [], titles: [] });
    const [, key, value] = /^ {4}(Type|Title): (.{1,200})$/.exec(line) ?? [];
    if (value === undefined) continue;
    if (key === 'Type') points.at(-1)?.types.push(value);
    else points.at(-1)?.titles.push(value);
  }
  if (points.length === 0) throw importFailure('IMPORT_MALFORMED', { detail: 'no line begins with Parameter:' });
  return points;
}

/** One line for each target; without a parameter where nothing was found. */
function readResults(lines: readonly string[], version: string): readonly Imported[] {
  return lines.flatMap((line) => {
    const [address = '', method = '', parameter = '', techniques = ''] = line.split(',');
    const target = parameter === '' ? null : webPlaceOf(address);
    return target === null ? [] : [finding(target, method, parameter, 'SQL injection', techniques, version)];
  });
}
