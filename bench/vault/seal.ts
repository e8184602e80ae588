/** Sealing and opening one field of 200 bytes, against bare AES-256-GCM and against other people's field encryption. */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';

import { randomPool } from '#platform/crypto';
import { newRecordNo, newSubjectId, uuidv7 } from '#platform/ids';
import { createFieldCipher, type DataKey } from '#practices/vault';

import { forAbout, forAboutAsync, ratioOf, spreadOf, takeTurns, type Contender } from '../rounds.ts';
import { goal, type Bench, type Goal, type Measured, type Missing, type Row } from '../row.ts';
import { awsEncryptionSdk, ciphersweet, type Peer } from './seal-peers.ts';

const VALUE = 'n'.repeat(200);
/** Fields of one record are sealed in a row: the record's place is named once for all of them. */
const FIELDS = Array.from({ length: 10 }, (_, n) => `field_${n}`);

/** @param suite 3 is XChaCha20-Poly1305, as fields are sealed without a setting; 1 is AES-256-GCM */
function ours(suite: 1 | 3): () => void {
  const cipher = createFieldCipher({ nonces: randomPool(), clock: () => new Date() });
  const aes = createSecretKey(randomBytes(32));
  const key: DataKey = { keyClass: 'personal', version: 1, suite, madeOnDay: 1, aes, chacha: randomBytes(32) };
  const installation = uuidv7();
  const record = { subjectId: newSubjectId(), recordNo: newRecordNo() };
  return () => {
    cipher.bind({ installation, collection: 'customer', record });
    for (const field of FIELDS) {
      const box = Buffer.alloc(cipher.sizeOf(VALUE, key, false));
      cipher.seal(box, 0, field, VALUE, key, false);
      if (cipher.open(box, field, key) !== VALUE) throw new Error('what was sealed did not come back');
    }
  };
}

/** node:crypto with the rules of practices/vault.md and nothing else: a cached KeyObject, pooled nonces, one buffer. */
function bare(): () => void {
  const key = createSecretKey(randomBytes(32));
  const nonces = randomPool();
  const bound = randomBytes(104);
  const options = { authTagLength: 16 } as const;
  return () => {
    for (const _ of FIELDS) {
      const box = Buffer.alloc(12 + VALUE.length + 16);
      nonces.fill(box, 0, 12);
      const cipher = createCipheriv('aes-256-gcm', key, box.subarray(0, 12), options);
      cipher.setAAD(bound);
      cipher.update(VALUE, 'utf8').copy(box, 12);
      cipher.final();
      cipher.getAuthTag().copy(box, box.length - 16);
      const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, 12), options);
      decipher.setAAD(bound);
      decipher.setAuthTag(box.subarray(box.length - 16));
      const value = decipher.update(box.subarray(12, box.length - 16)).toString('utf8');
      decipher.final();
      if (value !== VALUE) throw new Error('what was sealed did not come back');
    }
  };
}

const OURS = 'strongroom';
const OURS_AES = 'strongroom, set to AES-256-GCM';
const BARE = 'bare AES-256-GCM';

async function measure({ sizes, peers, progress }: Bench): Promise<Measured> {
  const missing: Missing[] = [];
  const others = [...(await ciphersweet(peers, missing)), ...(await awsEncryptionSdk(peers, missing))];
  const timed = (name: string, once: () => void): Contender<string> => ({
    name,
    work: () => ({ operations: forAbout(sizes.roundMs, once).operations * FIELDS.length }),
  });
  const asked = ({ name, once }: Peer): Contender<string> => ({
    name,
    work: () => forAboutAsync(sizes.roundMs, () => once(VALUE)),
  });
  const rates = await takeTurns(
    [timed(OURS, ours(3)), timed(OURS_AES, ours(1)), timed(BARE, bare()), ...others.map(asked)],
    {
      rounds: sizes.rounds,
      warmups: 2,
      onRound: (round, of) => progress(`round ${round} of ${of}`),
    },
  );
  const against = (name: string, who = OURS): ReturnType<typeof ratioOf> =>
    ratioOf(rates[who] as number[], rates[name] as number[]);
  const goals: Goal[] = [
    goal(`of ${BARE}`, against(BARE), { atLeast: 0.9 }),
    goal(`of ${BARE}, set to it too`, against(BARE, OURS_AES), { atLeast: 0.9 }),
  ];
  for (const { name, atLeast } of others) goals.push(goal(`times ${name}`, against(name), { atLeast }));
  return {
    sides: Object.entries(rates).map(([name, values]) => ({
      name,
      unit: 'seal + open a second',
      spread: spreadOf(values),
    })),
    goals,
    missing,
  };
}

export const seal: Row = {
  name: 'seal',
  title: 'Seal and open a field of 200 bytes',
  how: [
    'One thread. Ours: ten fields of a record one after the other, additional data worked out for each; XChaCha20-Poly1305, and AES-256-GCM as STRONGROOM_FIELD_CIPHER can have it.',
    'Bare: createCipheriv with a cached KeyObject, pooled nonces, 104 bytes of fixed additional data; text in, text out.',
    'Peers in their own documented use, keys in memory, the same text.',
  ],
  measure,
};
