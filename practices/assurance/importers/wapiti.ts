/** Wapiti's JSON report: vulnerabilities and anomalies by class. What it lists as additional is what it saw, no fault. */
import type { Severity } from '../types.ts';
import { importFailure } from './failures.ts';
import type { Format } from './format.ts';
import { imported, type Imported, type Tool } from './imported.ts';
import { jsonOf } from './read-bytes.ts';
import { firstWord, isMembers, listOf, membersOf, wordOf, type Members } from '../shape.ts';
import { placeAt, webPlaceOf } from './web-place.ts';

const LEVELS: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

export const wapiti: Format = {
  says: 'Wapiti, JSON',
  isIt: ({ json }) => isMembers(membersOf(json).vulnerabilities) && isMembers(membersOf(json).infos),
  read: (text) => {
    const report = membersOf(jsonOf(text));
    const target = webPlaceOf(wordOf(membersOf(report.infos).target) ?? '');
    if (target === null) throw importFailure('IMPORT_MALFORMED', { detail: 'infos.target is no address' });
    const [name = 'Wapiti', version = ''] = (wordOf(membersOf(report.infos).version) ?? '').split(' ');
    const classes = membersOf(report.classifications);
    return (['vulnerabilities', 'anomalies'] as const).flatMap((part) =>
      Object.entries(membersOf(report[part])).flatMap(([kind, list]) =>
        listOf(list)
          .filter(isMembers)
          .map((each) => readEach(each, kind, membersOf(classes[kind]), target.asset, { name, version })),
      ),
    );
  },
};

function readEach(each: Members, kind: string, about: Members, asset: string, tool: Tool): Imported {
  // a path, or an address where it is of another host
  const path = wordOf(each.path) ?? '/';
  const place = webPlaceOf(/^https?:/i.test(path) ? path : `http://${asset}${path.startsWith('/') ? '' : '/'}${path}`);
  const wstg = listOf(firstWord(each.wstg) === undefined ? each.wstg : [each.wstg]).map(wordOf);
  return imported({
    rule: `wapiti:${kind}`,
    title: kind,
    severity: LEVELS[Number(wordOf(each.level) ?? 1)] ?? 'low',
    asset: /^https?:/i.test(path) ? (place?.asset ?? asset) : asset,
    place: placeAt(wordOf(each.method), place?.path ?? path),
    // without one, the words tell several faults of one class apart: which header is not set
    parameter: firstWord(each.parameter, each.info),
    tool,
    description: [wordOf(about.desc) ?? '', wstg.length === 0 ? '' : `\n${wstg.join(', ')}`].join(''),
    references: Object.values(membersOf(about.ref)),
    raw: each,
  });
}
