/** At the end: the log is what was signed, the records are what it tells of, and nothing lies in clear on the disk. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { verifyLog } from '#platform/audit';
import { filesWith } from '#platform/file-search';

import type { Stage } from './stage.ts';
import { ended, FORM_EMAIL } from './vault.ts';

const SHOP = fileURLToPath(new URL('../../examples', import.meta.url));

export async function proofs(stage: Stage): Promise<void> {
  const { line, system } = stage;
  const report = await verifyLog({ source: system.audit.source, verifierKey: system.audit.verifierKey });
  if (!report.ok) throw new Error(`the log does not verify: ${report.problems.join('; ')}`);
  line(`${report.size} entries, each hashed into one signed root: ${report.root}`);

  const verification = '/v1/vault/verification';
  const begun = await stage.ask(202, 'POST', verification, { as: 'custodian' });
  const { result } = await ended(stage, begun, verification);
  if (!result.ok) throw new Error('the records are not what the log tells of');
  line(`${result.records} records compared with the log: none changed, put back or taken out`);

  const words = [...(await clearWords()), FORM_EMAIL];
  const search = await filesWith(stage.home, words);
  // a search that could find nothing would prove nothing: names of tables are in clear, and must be found
  if ((await filesWith(stage.home, ['unique_lookups'])).found.length === 0)
    throw new Error('the search of the files does not work');
  if (search.found.length > 0)
    throw new Error(`clear values were found in ${search.found.map((each) => each.file).join(', ')}`);
  line(
    `${search.files} files on the disk (${Math.round(search.bytes / 2 ** 20)} MiB: tables, indexes, WAL, keys, backups) searched for ${words.length} e-mail addresses, phones and streets of the import: none found`,
  );
}

/** What must not be on the disk: values of the import that are long and odd enough to be no accident. */
async function clearWords(): Promise<string[]> {
  const texts = await Promise.all(
    (await readdir(SHOP))
      .filter((name) => name.endsWith('-customers.csv'))
      .map((name) => readFile(join(SHOP, name), 'utf8')),
  );
  const cells = texts.flatMap((text) =>
    text
      .split('\n')
      .slice(1)
      .flatMap((line) => line.split(',')),
  );
  return [
    ...new Set(
      cells
        .map((cell) => cell.replaceAll('"', '').trim())
        .filter((cell) => cell.includes('@') || /^\+?[\d() -]{11,}$/.test(cell) || /^\d+ [A-Z][a-z]+ [A-Z]/.test(cell)),
    ),
  ];
}
