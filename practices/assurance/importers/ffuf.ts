/** ffuf's JSON (`-of json`): what answered to a guessed word. That something answers is no fault yet; a server's error is. */
import { importFailure } from './failures.ts';
import type { Format } from './format.ts';
import { imported, type Imported } from './imported.ts';
import { jsonOf } from './read-bytes.ts';
import { isMembers, membersOf, wordOf, type Members } from '../shape.ts';
import { placeAt, webPlaceOf } from './web-place.ts';

export const ffuf: Format = {
  says: 'ffuf, JSON',
  isIt: ({ json }) =>
    wordOf(membersOf(json).commandline) !== undefined && Array.isArray(membersOf(json).results) && isMembers(membersOf(json).config), // prettier-ignore
  read: (text) => {
    const report = membersOf(jsonOf(text));
    if (!Array.isArray(report.results)) throw importFailure('IMPORT_MALFORMED', { detail: 'there is no list of results in it' }); // prettier-ignore
    const method = wordOf(membersOf(report.config).method) ?? 'GET';
    return report.results.filter(isMembers).flatMap((result) => readResult(result, method));
  },
};

function readResult(result: Members, method: string): readonly Imported[] {
  const address = wordOf(result.url) ?? '';
  const place = webPlaceOf(address);
  if (place === null) return [];
  const status = Number(wordOf(result.status) ?? 0);
  const isError = status >= 500;
  const names = Object.keys(membersOf(result.input)).filter((name) => name !== 'FFUFHASH');
  return [
    imported({
      rule: isError ? 'ffuf:server-error' : 'ffuf:answers',
      title: isError ? `${place.path} answers ${status} to a guessed word` : `${place.path} answers ${status}`,
      severity: isError ? 'low' : 'info',
      asset: place.asset,
      place: placeAt(method, place.path),
      parameter: place.parameters.join(' '),
      tool: { name: 'ffuf', version: '' },
      description: `${status}, ${wordOf(result.length) ?? '?'} bytes, to a word in place of ${names.join(', ')}`,
      raw: { address, status },
    }),
  ];
}
