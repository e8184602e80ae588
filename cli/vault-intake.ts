/** `strongroom vault intake-key|seal-form|intake`: forms that are sealed where they are filled in. */
import { open, readFile, rm, writeFile } from 'node:fs/promises';

import {
  createStrongroom,
  isProblem,
  readIntakeKey,
  sealForm,
  type IntakeKeyDocument,
  type Strongroom,
} from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { mlKem768 } from './ml-kem.ts';
import { refuseBegun, refuseExisting, writeWhole } from './new-file.ts';
import { readEnvelopes, readForms, type Envelope } from './sealed-forms.ts';
import { transferBar } from './transfer-bar.ts';
import { wholeNumber } from './whole-number.ts';

type KeyOptions = Shared & { out?: string; fingerprint?: string; renew?: boolean; endOthers?: boolean };
type SealOptions = Shared & {
  intakeKey: string;
  fingerprint?: string;
  collection?: string;
  subject?: string;
  days: string;
  out: string;
};
type IntakeOptions = Shared & { rejects?: string };

/** Requests under way at once: opening an envelope costs the server a millisecond, storing it a commit. */
const AT_ONCE = 4;

export function intakeCommands(vault: Command, run: Run): void {
  withConnection(vault.command('intake-key').description('the public key to seal forms to; needs no API key'))
    .option('--out <file>', 'keep it in a file, for seal-form')
    .option('--fingerprint <hex>', 'refuse any other key than this one')
    .option('--renew', 'publish a new key first (role custodian); older ones still open what was sealed to them')
    .option('--end-others', 'with --renew: delete the older secrets now; forms under way to them are lost')
    .addHelpText(
      'after',
      '\nWhoever seals must have the right key: a wrong one is the only way to read his forms. Tell senders the fingerprint by another way than the key itself, by telephone or on paper. It stands in the audit log too: the entry is named here.',
    )
    .action((options: KeyOptions) => run(() => intakeKey(options), options));

  vault
    .command('seal-form <file>')
    .description(
      'seal forms for the vault, here and without a server: .json, .jsonl or .csv; - reads JSON from standard input',
    )
    .requiredOption('--intake-key <file>', 'the key, from vault intake-key --out')
    .requiredOption('--out <file>', 'new file with the sealed forms')
    .option('--fingerprint <hex>', 'refuse any other key than this one')
    .option('--collection <name>', 'where the forms do not say it')
    .option('--purpose <purpose>', 'what the data are collected for, where the forms do not say it')
    .option('--subject <column>', 'of .csv and .jsonl: the column with the external id')
    .option('--days <n>', 'until the sealed forms end, 1 to 30', '7')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  strongroom vault intake-key --out vault.key.json\n  strongroom vault seal-form signup.json --intake-key vault.key.json --collection customer --purpose service.support --out signup.sealed\n  strongroom vault seal-form leads.csv --intake-key vault.key.json --collection customer --purpose service.support --subject id --out leads.sealed\n\nA form in JSON: {"subject": "C-17", "purpose": "service.support", "fields": {"last_name": "Ada"}}. Only the vault can open what comes out; who carries it sees collection, end and size. One form is written as its bytes, several as lines.',
    )
    .action((file: string, options: SealOptions) => run(() => sealForms(file, options), options));

  withConnection(
    vault.command('intake <sealed>').description('hand in sealed forms, each once (role collector or intake)'),
  )
    .option('--rejects <file>', 'where refused forms go, with the reason; default: <sealed>.rejects.jsonl')
    .addHelpText(
      'after',
      '\nForms that were taken in before are passed over, so a hand-in that was cut off is simply repeated.\nExit code 1: some were refused. What was refused can be handed in again when its reason is gone, until it ends.',
    )
    .action((sealed: string, options: IntakeOptions) => run(() => handIn(sealed, options), options));
}

async function intakeKey(options: KeyOptions): Promise<void> {
  if (options.endOthers === true && options.renew !== true) throw new Usage('--end-others goes with --renew');
  // before the key is renewed: that cannot be taken back
  if (options.out !== undefined) await refuseExisting(options.out);
  if (options.renew === true) await connect(options).intake.renew(options.endOthers === true ? 'end' : 'keep');
  const { document } = await createStrongroom({ url: options.url }).intake.key({ fingerprint: options.fingerprint });
  if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(document, null, 2)}\n`, { flag: 'wx' });
  show(options, document, () =>
    [
      `key          ${document.keyId}`,
      `fingerprint  ${(document.fingerprint.match(/.{8}/g) ?? []).join(' ')}`,
      `seal until   ${document.notAfter}`,
      `in the log   entry ${document.auditIndex}`,
      ...(options.out === undefined ? [] : [`written to   ${options.out}`]),
    ].join('\n'),
  );
}

async function sealForms(file: string, options: SealOptions): Promise<number> {
  const days = wholeNumber('--days', options.days, 1, 30);
  const key = await readKey(options);
  const { forms, single } = await readForms(file, {
    ...(options.collection === undefined ? {} : { collection: options.collection }),
    ...(options.purpose === undefined ? {} : { purpose: options.purpose }),
    ...(options.subject === undefined ? {} : { subject: options.subject }),
  });
  let sealed = 0;
  const faults: { line: number; because: string }[] = [];
  const envelopes = async function* (): AsyncGenerator<Uint8Array> {
    for await (const read of forms) {
      if ('because' in read) {
        faults.push(read);
        continue;
      }
      let envelope: Buffer;
      try {
        envelope = Buffer.from(await sealForm(key, read.form, { lifetimeSeconds: days * 86_400, mlKem768 }));
      } catch (thrown) {
        if (!(thrown instanceof TypeError)) throw thrown;
        faults.push({ line: read.line, because: thrown.message });
        continue;
      }
      sealed += 1;
      yield single ? envelope : Buffer.from(`${envelope.toString('base64url')}\n`);
    }
  };
  await refuseBegun(options.out);
  await writeWhole(options.out, envelopes());
  if (sealed === 0) await rm(options.out);
  show(options, { sealed, faults, ...(sealed === 0 ? {} : { file: options.out }) }, () =>
    [
      sealed === 0 ? 'Nothing was sealed.' : `${sealed} sealed, in ${options.out}. Only the vault can open them.`,
      ...faults.map(({ line, because }) => `  line ${line}: ${because}`),
    ].join('\n'),
  );
  return faults.length === 0 && sealed > 0 ? 0 : 1;
}

async function readKey(options: SealOptions) {
  const text = await readFile(options.intakeKey, 'utf8').catch(() => {
    throw new Usage(`there is no file ${options.intakeKey}: strongroom vault intake-key --out makes it`);
  });
  try {
    return await readIntakeKey(JSON.parse(text) as IntakeKeyDocument, { fingerprint: options.fingerprint });
  } catch (thrown) {
    throw new Usage(
      `${options.intakeKey}: ${thrown instanceof SyntaxError ? 'this is not JSON' : (thrown as Error).message}`,
    );
  }
}

type Outcome = Readonly<{ line: number; code: string; detail: string }> | 'stored' | 'there';

async function handIn(sealed: string, options: IntakeOptions): Promise<number> {
  const room = connect(options);
  const bar = transferBar(options, null, 'forms');
  const count = { stored: 0, there: 0 };
  const refused: Exclude<Outcome, string>[] = [];
  const underWay = new Set<Promise<void>>();
  let failed: unknown;
  try {
    for await (const each of readEnvelopes(sealed)) {
      if (failed !== undefined) break;
      const work = submit(room, each)
        .then((outcome) => {
          if (typeof outcome === 'string') count[outcome] += 1;
          else refused.push(outcome);
          bar.add(1);
        })
        .catch((thrown: unknown) => void (failed ??= thrown))
        .finally(() => underWay.delete(work));
      underWay.add(work);
      if (underWay.size >= AT_ONCE) await Promise.race(underWay);
    }
  } finally {
    await Promise.all(underWay);
    bar.stop();
  }
  const rejects = options.rejects ?? `${sealed}.rejects.jsonl`;
  if (refused.length > 0) await keepRejects(rejects, refused);
  if (failed !== undefined) throw failed as Error;
  show(options, { ...count, refused: refused.length, ...(refused.length === 0 ? {} : { rejects }) }, () =>
    [
      `${count.stored} stored, ${count.there} taken in before, ${refused.length} refused.`,
      ...(refused.length === 0 ? [] : [`Why: ${rejects}`]),
    ].join('\n'),
  );
  return refused.length === 0 ? 0 : 1;
}

/** Refusals of this one form are outcomes; anything else, such as a key that may not, ends the hand-in. */
async function submit({ intake }: Strongroom, { line, envelope }: Envelope): Promise<Outcome> {
  try {
    await intake.submit(envelope);
    return 'stored';
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    if (thrown.code === 'SEALING_ENVELOPE_SEEN') return 'there';
    if (
      thrown.status !== 409 &&
      thrown.status !== 410 &&
      thrown.status !== 422 &&
      thrown.status !== 423 &&
      thrown.code !== 'VAULT_PURPOSE_UNKNOWN'
    )
      throw thrown;
    return { line, code: thrown.code, detail: thrown.message };
  }
}

async function keepRejects(path: string, refused: readonly Exclude<Outcome, string>[]): Promise<void> {
  const file = await open(path, 'w', 0o600);
  await file.writeFile(
    refused
      .toSorted((a, b) => a.line - b.line)
      .map((each) => `${JSON.stringify(each)}\n`)
      .join(''),
  );
  await file.close();
}
