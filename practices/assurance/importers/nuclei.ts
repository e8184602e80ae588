/** nuclei's JSON lines (`-jsonl`), or its list of the same (`-json-export`). */
import { importFailure } from './failures.ts';
import type { Format } from './format.ts';
import { imported, severityOf, severityOfScore, type Imported } from './imported.ts';
import { jsonOf, linesOf } from './read-bytes.ts';
import { firstWord, listOf, membersOf, wordOf, type Members } from '../shape.ts';
import { placeAt, webPlaceOf } from './web-place.ts';

const isHit = (value: unknown): boolean =>
  wordOf(membersOf(value)['template-id']) !== undefined && membersOf(value).info !== undefined;

export const nuclei: Format = {
  says: 'nuclei, JSON lines',
  isIt: ({ firstLine, json }) => isHit(firstLine) || isHit(listOf(json)[0]),
  read: (text) => {
    if (text.trimStart().startsWith('[')) return listOf(jsonOf(text)).map((each, at) => readHit(each, at + 1));
    return linesOf(text).flatMap((line, at) =>
      line.trim() === '' ? [] : [readHit(jsonOf(line, `line ${at + 1} of the report`), at + 1)],
    );
  },
};

function readHit(value: unknown, at: number): Imported {
  if (!isHit(value)) throw importFailure('IMPORT_MALFORMED', { detail: `item ${at} has no template-id and info` });
  const hit = value as Members;
  const id = wordOf(hit['template-id']) ?? '';
  const seen = wordOf(membersOf(hit.info).severity) ?? '';
  const details = membersOf(hit.info);
  const { 'cvss-metrics': metrics, 'cvss-score': score } = membersOf(details.classification);
  const address = firstWord(hit['matched-at'], hit.matched, hit.url, hit.host) ?? '';
  const place = webPlaceOf(address);
  if (place === null) throw importFailure('IMPORT_MALFORMED', { detail: `item ${at} does not say where it was seen` });
  const { reference } = details;
  return imported({
    rule: `nuclei:${id}`,
    title: wordOf(details.name) ?? id,
    severity: severityOf(seen) ?? severityOfScore(wordOf(metrics), score) ?? 'info',
    cvss: wordOf(metrics),
    asset: place.asset,
    place: wordOf(hit.type) === 'http' ? placeAt(undefined, place.path) : (wordOf(hit.type) ?? place.path),
    parameter: firstWord(hit.fuzzing_parameter, hit['matcher-name'], hit['extractor-name']),
    // nuclei writes the templates' name and path, and no version of its own
    tool: { name: 'nuclei', version: '' },
    description: wordOf(details.description) ?? '',
    references: typeof reference === 'string' ? [reference] : listOf(reference),
    raw: hit,
  });
}
