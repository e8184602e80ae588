/**
 * `strongroom backups restore|promote|keys`: on a machine that has the program and no running system. Shares and identities
 * come from standard input, never from the command line, where the list of processes would show them.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';

import { processConfig } from '#platform/config';
import { parseInstant } from '#platform/instant';
import { createLog } from '#platform/log';
import {
  backupsFailure,
  ceremonySheet,
  combineIdentity,
  makeIdentity,
  openTarget,
  recipientFingerprint,
  recipientOf,
  sheetPdf,
  sheetText,
  splitIdentity,
  type Attestation,
  type OfflineIdentity,
} from '#practices/backups';

import { asksForHelp, FLAG, help, readArguments, TEXT } from './command-arguments.ts';
import { drillRunner } from './drill-runner.ts';
import { quarantineMark, readQuarantine } from './quarantine.ts';
import { restoreInto } from './restore-system.ts';
import { restoreBar } from './restore-bar.ts';

const USAGE = `strongroom backups, on the machine itself (docs/practices/backups.md):

  backups restore --from <store> --to <home> --signer <fingerprint>
      [--keys <store>] [--ledger <store>]   other stores than --from for these planes
      [--at <time>]                         to this time: the newest backup before it, and the change segments behind that
      [--snapshot]                          the backup alone, without change segments
      [--ledger-hours 24]                   how old the newest beat of the ledger may be
      [--identity]                          standard input has an identity (of a drill), not shares
      shares from standard input, one on a line; exit 0: it waits to be promoted
  backups promote --home <home> --attestation <first 16 digits> --by <name> --by <name>
      two people have read restore-attestation.json: the system may serve
  backups keys init --out <folder> [--shares 5 --threshold 3] [--signer <fingerprint>]
      the offline identity: recipient.txt for the server, a sheet to print with one share on each page
  backups keys prove      shares from standard input → does the identity they make open what is sealed to it?

  Exit codes: 0 done, 1 failed, 2 usage, 6 the restore did not prove itself.
`;

export async function backupsCommand([what = '', ...args]: readonly string[]): Promise<number> {
  if (asksForHelp([what, ...args])) return help(USAGE);
  if (what === 'restore') return restoreCommand(args);
  if (what === 'promote') return promoteCommand(args);
  if (what === 'keys') return keysCommand(args);
  // started by the server, which talks to it by standard input and output
  if (what === 'drill-runner') return drillRunner();
  return usage();
}

function usage(words?: string): number {
  process.stderr.write(words === undefined ? USAGE : `${words}\n\n${USAGE}`);
  return 2;
}

async function restoreCommand(args: readonly string[]): Promise<number> {
  const found = readArguments(args, {
    from: TEXT,
    keys: TEXT,
    ledger: TEXT,
    to: TEXT,
    signer: TEXT,
    at: TEXT,
    'ledger-hours': { ...TEXT, default: '24' },
    identity: FLAG,
    snapshot: FLAG,
    json: FLAG,
  });
  if (found === null) return usage();
  const {
    from,
    to,
    signer,
    at,
    identity,
    snapshot,
    json,
    keys = from,
    ledger = from,
    'ledger-hours': hours,
  } = found.values;
  if (from === undefined || keys === undefined || ledger === undefined || to === undefined)
    return usage('--from and --to are needed');
  if (signer === undefined || !/^[0-9a-f]{64}$/.test(signer))
    return usage('--signer is needed: 64 digits, from the ceremony sheet or the status page');
  const time = at === undefined ? undefined : parseInstant(at);
  if (time === null || time === 'form') return usage('--at is a time such as 2026-11-26T04:00:00Z');
  if (!/^\d{1,6}$/.test(hours)) return usage('--ledger-hours is a whole number');

  const opened = identity ? await drillIdentity() : await shares();
  const config = processConfig({ STRONGROOM_HOME: resolve(to), DATABASE_URL: undefined });
  const stores = { data: await openTarget(from), key: await openTarget(keys), ledger: await openTarget(ledger) };
  const bar = restoreBar(json);
  try {
    const ask = {
      stores,
      addresses: { data: from, key: keys },
      trusted: signer,
      fingerprint: opened.fingerprint,
      identity: opened.identity,
      at: time ?? null,
      ledgerHours: Number(hours),
      // a drill's identity opens the backup, not what came after it
      points: snapshot || identity ? 'snapshot' : 'segments',
    } as const;
    const { attestation, signed } = await restoreInto(config, createLog('error'), ask, { onStep: bar.step });
    bar.stop();
    const hash = createHash('sha256').update(signed).digest('hex');
    const words = [
      `Backup ${attestation.backupSeq} of ${attestation.backupAt}: ${attestation.rows} rows in ${attestation.tables} tables, ${attestation.seconds} s`,
      segmentWords(attestation),
      `Forgotten since and forgotten again: ${attestation.erasures.erased} of ${attestation.erasures.known}; rows of them that are left: ${attestation.erasures.remains}`,
      `Opened: ${attestation.proof.records} records; without a key: ${attestation.proof.keyless}`,
      attestation.passed
        ? 'PROVEN. The home is in quarantine until two people promote it:'
        : 'NOT PROVEN. The home stays in quarantine; look at restore-attestation.json',
      ...(attestation.passed
        ? [
            `  strongroom backups promote --home ${resolve(to)} --attestation ${hash.slice(0, 16)} --by <name> --by <name>`,
          ]
        : []),
    ];
    process.stdout.write(json ? `${JSON.stringify({ attestation, sha256: hash })}\n` : `${words.join('\n')}\n`);
    return attestation.passed ? 0 : 6;
  } finally {
    bar.stop();
    for (const target of Object.values(stores)) target.close();
  }
}

function segmentWords({ segments, restoredTo }: Attestation): string {
  if (segments === null) return `Without change segments: what was written after ${restoredTo} is not in it`;
  const { data } = segments;
  return `Change segments: ${data.segments}, with ${data.changes} changes in ${data.transactions} transactions, up to ${restoredTo}`;
}

async function promoteCommand(args: readonly string[]): Promise<number> {
  const found = readArguments(args, { home: TEXT, attestation: TEXT, by: { ...TEXT, multiple: true } });
  if (found?.values.home === undefined) return usage();
  const { home: path, attestation = '', by = [] } = found.values;
  const home = resolve(path);
  const names = new Set(by.map((name) => name.trim().toLowerCase()).filter((name) => name !== ''));
  if (names.size < 2) return usage('two different people promote: --by twice');
  const state = await readQuarantine(home);
  if (state === null) return usage(`${home} is not in quarantine`);
  const signed = await readFile(join(home, 'restore-attestation.json')).catch(() => null);
  const hash = signed === null ? null : createHash('sha256').update(signed).digest('hex');
  if (state.state !== 'proven' || hash === null || hash !== state.attestation)
    throw backupsFailure('QUARANTINED', {
      detail: 'what was restored here has not proven itself',
      hint: 'restore again; only a proven restore is promoted',
    });
  if (attestation.length < 16 || !hash.startsWith(attestation))
    return usage('--attestation is not of what is in this home');
  await writeFile(
    join(home, 'promoted.json'),
    `${JSON.stringify({ at: new Date().toISOString(), by: [...by], attestation: hash })}\n`,
    { mode: 0o600 },
  );
  await rm(quarantineMark(home));
  process.stdout.write(
    `${home} may serve: STRONGROOM_HOME=${home} strongroom serve\nReview API keys and people: what was revoked since the backup is as it was then.\n`,
  );
  return 0;
}

async function keysCommand([what = '', ...args]: readonly string[]): Promise<number> {
  if (what === 'init') return initCommand(args);
  if (what !== 'prove') return usage();
  const { fingerprint } = await shares();
  process.stdout.write(
    `These shares make the identity ${fingerprint}. Now note it: strongroom backups proven ${fingerprint}\n`,
  );
  return 0;
}

async function initCommand(args: readonly string[]): Promise<number> {
  const found = readArguments(args, {
    out: TEXT,
    shares: { ...TEXT, default: '5' },
    threshold: { ...TEXT, default: '3' },
    signer: TEXT,
  });
  if (found?.values.out === undefined) return usage();
  const { out, signer = null } = found.values;
  const [count, threshold] = [Number(found.values.shares), Number(found.values.threshold)];
  if (!(Number.isInteger(count) && Number.isInteger(threshold) && threshold >= 2 && threshold <= count && count <= 20))
    return usage('2 ≤ threshold ≤ shares ≤ 20');
  const folder = resolve(out);
  const names = Array.from({ length: count }, (_, n) => `share-${n + 1}.txt`);
  for (const name of [...names, 'sheets.txt', 'sheets.pdf', 'recipient.txt'])
    if (existsSync(join(folder, name))) return usage(`${join(folder, name)} is there already: name an empty folder`);
  const identity = await makeIdentity();
  const texts = await splitIdentity(identity, { shares: count, threshold });
  // seen to come together again before anybody relies on them
  await combineIdentity(texts.slice(-threshold));
  const sheets = ceremonySheet({ ...identity, signer, shares: texts, threshold, at: new Date() });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keep = (name: string, content: string | Buffer) =>
    writeFile(join(folder, name), content, { mode: 0o600, flag: 'wx' });
  await keep('sheets.txt', sheets.map(sheetText).join('\f\n'));
  await keep('sheets.pdf', await sheetPdf(sheets));
  for (const [n, share] of texts.entries()) await keep(names[n] as string, `${share}\n`);
  // last: who is trusted has shares, whatever stopped this
  await keep('recipient.txt', `${identity.recipient}\n`);
  process.stdout.write(
    `${identity.fingerprint}: any ${threshold} of ${count} shares open its backups.\nPrint ${folder}/sheets.pdf, give each custodian one page, then destroy sheets.* and share-*.txt.\nThe server gets ${folder}/recipient.txt: strongroom backups trust ${folder}/recipient.txt\n`,
  );
  return 0;
}

/** @throws BACKUPS_SHARES_WRONG */
async function shares(): Promise<OfflineIdentity> {
  if (process.stdin.isTTY) process.stderr.write('Shares, one on a line; Ctrl-D ends:\n');
  return combineIdentity((await readAll(process.stdin)).split('\n').filter((line) => line.trim() !== ''));
}

async function drillIdentity(): Promise<OfflineIdentity> {
  const identity = (await readAll(process.stdin)).trim();
  const recipient = await recipientOf(identity);
  return { identity, recipient, fingerprint: recipientFingerprint(recipient) };
}
