/** lynis' report.dat: `key=value`, with `key[]=` for what there is several of. */
import { importFailure } from './failures.ts';
import type { Beside, Format } from './format.ts';
import { imported, type Imported, type Tool } from './imported.ts';
import { linesOf } from './read-bytes.ts';

export const lynis: Format = {
  says: 'lynis, report.dat',
  isIt: ({ start }) => /^report_version_major=\d+$/m.test(start) && /^lynis_version=/m.test(start),
  read: (text, beside) => {
    const pairs = linesOf(text).flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 && !line.startsWith('#') ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    });
    const valueOf = (key: string): string => pairs.find(([name]) => name === key)?.[1] ?? '';
    if (valueOf('lynis_version') === '') throw importFailure('IMPORT_MALFORMED', { detail: 'there is no lynis_version in it' }); // prettier-ignore
    // the last that is written, when all tests have run
    if (valueOf('report_datetime_end') === '')
      throw importFailure('IMPORT_INCOMPLETE', { detail: 'lynis did not finish: there is no report_datetime_end' });
    const tool = { name: 'lynis', version: valueOf('lynis_version') };
    const asset = assetOf(beside, valueOf('hostname'));
    return pairs.flatMap(([key, value]) =>
      key === 'warning[]' || key === 'suggestion[]' ? [readLine(key === 'warning[]', value, asset, tool)] : [],
    );
  },
};

function assetOf({ asset }: Beside, hostname: string): string {
  const name = asset ?? hostname.toLowerCase();
  if (name === '') throw importFailure('IMPORT_NO_ASSET');
  return name;
}

/** `ID|text|details|solution|`, `-` for none. */
function readLine(isWarning: boolean, value: string, asset: string, tool: Tool): Imported {
  const [id = '', text = '', details = '', solution = ''] = value.split('|').map((part) => (part === '-' ? '' : part));
  return imported({
    rule: `lynis:${id}`,
    title: text,
    severity: isWarning ? 'medium' : 'low',
    asset,
    place: 'host',
    // one test says several things by the same id: of a service, a file, a setting
    parameter: details,
    tool,
    description: [text, solution.replace(/^text:/, '')].filter((part) => part !== '').join('\n'),
    references: [solution.replace(/^url:/, '')],
    raw: value,
  });
}
