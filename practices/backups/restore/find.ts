/**
 * Finds the backup to restore, and everything that must be true before a byte of it is believed: signatures, chains, the
 * ledger whole and fresh, nothing hidden that a beat tells of, keys that cover the data, an identity that it is sealed to.
 */
import { backupsFailure } from '../failures.ts';
import { readLedger, type ReadLedger } from '../ledger.ts';
import { walkChain, type Linked } from '../manifest.ts';
import type { RunPlane } from '../store/journal.ts';
import { written, type Target } from '../targets/target.ts';

export type RestoreStores = Readonly<Record<RunPlane | 'ledger', Target>>;
export type FindAsk = Readonly<{
  stores: RestoreStores;
  /** Fingerprint of the signers, from the ceremony sheet. */
  trusted: string;
  /** Fingerprint of the recipient that the identity belongs to. */
  fingerprint: string;
  /** The newest backup of this time or before; null: the newest. */
  at: Date | null;
  /** How old the newest beat may be, by the store's clock. */
  ledgerHours: number;
}>;
export type ChainRef = Readonly<{ seq: number; sha256: string; name: string; version: string | null }>;
export type Found = Readonly<{
  data: Linked;
  /** The newest keys there are: whom they lack is forgotten. */
  key: Linked;
  /** All there are of both planes, in order: where they are. */
  chains: Readonly<Record<RunPlane, readonly ChainRef[]>>;
  ledger: ReadLedger;
}>;

/** @throws BACKUPS_NOTHING_FOUND, BACKUPS_LEDGER_*, BACKUPS_CHAIN_BROKEN, BACKUPS_STORE_STALE, BACKUPS_KEY_WRONG, BACKUPS_SIGNER_UNKNOWN, BACKUPS_SIGNATURE_REFUSED */
export async function findBackup({ stores, trusted, fingerprint, at, ledgerHours }: FindAsk): Promise<Found> {
  const ledger = await readLedger(stores.ledger, trusted);
  const { beat } = ledger;
  const ageHours = ((await stores.ledger.now()).getTime() - Date.parse(beat.at)) / 3_600_000;
  if (ageHours > ledgerHours)
    throw backupsFailure('LEDGER_STALE', {
      detail: `the newest beat of the ledger is ${Math.round(ageHours)} hours old, at most ${ledgerHours} are let pass`,
    });
  const inTime = ({ manifest }: Linked): boolean => at === null || Date.parse(manifest.startedAt) <= at.getTime();
  const data = await chainOf(stores.data, 'data', trusted, inTime);
  const keys = await chainOf(stores.key, 'key', trusted, () => true);
  for (const [plane, { refs }] of [['data', data], ['key', keys]] as const)
    if (refs.length < beat[plane])
      throw backupsFailure('STORE_STALE', { detail: `the store shows ${refs.length} backups of the ${plane} plane, the ledger knows of ${beat[plane]}` }); // prettier-ignore

  const chosen = data.newest;
  if (chosen === null) throw backupsFailure('NOTHING_FOUND');
  const { manifest } = chosen;
  if (!manifest.recipients.includes(fingerprint))
    throw backupsFailure('KEY_WRONG', {
      detail: `the backup is sealed to ${manifest.recipients.join(', ')}, these shares are of ${fingerprint}`,
    });
  const covering = manifest.keys === null ? undefined : keys.refs[manifest.keys.seq - 1];
  if (covering === undefined || keys.newest === null || covering.sha256 !== manifest.keys?.sha256)
    throw backupsFailure('CHAIN_BROKEN', { detail: 'the keys that the backup names are not in the chain of keys' });
  const said = [manifest, keys.newest.manifest, beat].map(({ installation }) => installation);
  if (new Set(said).size !== 1)
    throw backupsFailure('CHAIN_BROKEN', { detail: 'data, keys and ledger are of different installations' });
  if (ledger.entries.length < manifest.ledgerSeq)
    throw backupsFailure('LEDGER_STALE', {
      detail: `the backup knows of ${manifest.ledgerSeq} entries, the ledger has ${ledger.entries.length}`,
    });
  return { data: chosen, key: keys.newest, chains: { data: data.refs, key: keys.refs }, ledger };
}

/** The whole chain looked through; held of it: where each is, and the newest that is wanted. */
async function chainOf(
  target: Target,
  plane: RunPlane,
  trusted: string,
  wanted: (linked: Linked) => boolean,
): Promise<{ refs: ChainRef[]; newest: Linked | null }> {
  const refs: ChainRef[] = [];
  let newest: Linked | null = null;
  const read = (name: string, version: string | null): Promise<Buffer> => target.get(name, { version });
  for await (const linked of walkChain(written(await target.list(`${plane}/manifests/`)), read, plane, trusted)) {
    const { name, version, sha256 } = linked;
    refs.push({ seq: linked.manifest.seq, name, version, sha256 });
    if (wanted(linked)) newest = linked;
  }
  return { refs, newest };
}
