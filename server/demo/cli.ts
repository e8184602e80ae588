/** The steps of the demo that go through the CLI, as anybody at a terminal would. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { childEnvironment } from '#platform/config';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where the system is, and who asks. */
export type Place = Readonly<{ url: string; home: string; key: string }>;
type Ended = Readonly<{ code: number | null; out: string; errors: string }>;

const named = (args: readonly string[]): string => `strongroom ${args.slice(0, 2).join(' ')}`;

/** @returns what came of it, whatever code it ended with @throws Error when it cannot be started */
export function ended({ url, key }: Place, ...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['cli/main.ts', ...args], {
    cwd: ROOT,
    env: childEnvironment({ STRONGROOM_URL: url, STRONGROOM_KEY: key }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // bars of progress go there too: it is said where something failed
  let [out, errors] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => void (errors += chunk.toString('utf8')));
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString('utf8')));
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => reject(new Error(`${named(args)} could not be started: ${cause.message}`, { cause })));
    child.on('close', (code) => resolve({ code, out, errors }));
  });
}

/** @returns what the command printed, indented for the demo @throws Error when it cannot be started, or ends with another code than 0, with what it said */
export async function cli(place: Place, ...args: readonly string[]): Promise<string> {
  const { code, out, errors } = await ended(place, ...args);
  if (code !== 0) throw new Error(`${named(args)} ended with ${code}: ${errors}`);
  return out.trim().replaceAll('\n', '\n   ');
}

export const importTable = (place: Place, shop: string, name: string): Promise<string> =>
  cli(
    place, 'vault', 'import', join(shop, `${name}-customers.csv`), '--map', join(shop, `${name}.map.yaml`),
    '--rejects', join(place.home, `${name}.rejects.jsonl`), '--no-resume',
  ); // prettier-ignore

/** A file of some megabytes beside a record and back. @returns lines to say */
export async function keepFile(place: Place, recordId: string): Promise<string[]> {
  const [file, back] = [join(place.home, 'contract.pdf'), join(place.home, 'contract-back.pdf')];
  const content = randomBytes(3 * 2 ** 20);
  await writeFile(file, content);
  const purpose = ['--purpose', 'service.support'];
  const stored = await cli(place, 'vault', 'attach', recordId, file, '--type', 'application/pdf', ...purpose);
  await cli(place, 'vault', 'download', recordId, 'contract.pdf', '--out', back, ...purpose);
  if (!content.equals(await readFile(back))) throw new Error('the file that came back is another one');
  return ['$ strongroom vault attach rec_… contract.pdf', stored, 'Downloaded again: the same bytes.'];
}

/** A form that its sender seals for the vault, so that nobody on the way can read it. @returns lines to say */
export async function sealedForm(place: Place, email: string): Promise<string[]> {
  const [form, key, sealed] = ['form.json', 'vault.key.json', 'form.sealed'].map((name) => join(place.home, name)) as [
    string,
    string,
    string,
  ];
  const filledIn = { subject: 'signup-1', purpose: 'service.support', fields: { last_name: 'Lovelace', email } };
  await writeFile(form, JSON.stringify(filledIn));
  await cli(place, 'vault', 'intake-key', '--out', key);
  await cli(place, 'vault', 'seal-form', form, '--intake-key', key, '--collection', 'customer', '--out', sealed);
  await writeFile(form, '');
  if ((await readFile(sealed)).includes(email)) throw new Error('the sealed form can be read');
  const taken = await cli(place, 'vault', 'intake', sealed);
  return ['$ strongroom vault seal-form form.json … && strongroom vault intake form.sealed', taken];
}
