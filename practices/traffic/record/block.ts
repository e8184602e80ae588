/**
 * Events as they are kept: many in one block, compressed and sealed. A foreign log may have a customer's value in it; what
 * is searched for stands beside the box.
 *
 * Box = version (1 B, 0x01) ‖ nonce (24) ‖ ciphertext ‖ tag (16): XChaCha20-Poly1305 of zstd of a JSON array, under the
 * installation's key for traffic; additional data is the block's id, so that no box stands for another.
 * Source: draft-irtf-cfrg-xchacha-03; RFC 8878 (zstd)
 */
import { createHmac, randomBytes } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';

import { hkdfSha256, lengthPrefixed } from '#platform/crypto';
import { uuidBytes, type Uuid } from '#platform/ids';
import { plainAddress } from '#platform/networks';

import type { TrafficEvent } from '../event.ts';
import { trafficFailure } from '../failures.ts';

export type Sealing = Readonly<{
  seal: (blockId: Uuid, events: readonly unknown[]) => Buffer;
  /** @throws TRAFFIC_UNSEALABLE for what was changed, or is another block's */
  open: <T = TrafficEvent>(blockId: Uuid, box: Buffer) => T[];
  /**
   * What events of somebody are found by. A name of a foreign log can be a customer's: it is its HMAC-SHA-256, since who has the
   * database alone could try names against a plain hash. Ids of this system are no secret; a term is its own.
   */
  termOf: (uid: string) => string;
}>;

const VERSION = 1;
const NONCE_BYTES = 24;
const LEAST_BYTES = 1 + NONCE_BYTES + 16;
/** A block holds this much at most before it is compressed: what claims to be more is no block of ours. */
const MOST_BYTES = 64 * 1024 * 1024;

/** @param key 32 bytes */
export function trafficSealing(key: Uint8Array): Sealing {
  const aad = (blockId: Uuid): Uint8Array => lengthPrefixed('strongroom/traffic/block/1', uuidBytes(blockId));
  const termKey = hkdfSha256(key, Buffer.alloc(0), 'strongroom/traffic/actor/1', 32);
  return {
    seal: (blockId, events) => {
      const nonce = randomBytes(NONCE_BYTES);
      const plain = zstdCompressSync(Buffer.from(JSON.stringify(events), 'utf8'));
      return Buffer.concat([Buffer.of(VERSION), nonce, xchacha20poly1305(key, nonce, aad(blockId)).encrypt(plain)]);
    },
    open: <T>(blockId: Uuid, box: Buffer) => {
      if (box.length < LEAST_BYTES || box[0] !== VERSION) throw trafficFailure('UNSEALABLE');
      try {
        const cipher = xchacha20poly1305(key, box.subarray(1, 1 + NONCE_BYTES), aad(blockId));
        const plain = cipher.decrypt(box.subarray(1 + NONCE_BYTES));
        return JSON.parse(zstdDecompressSync(plain, { maxOutputLength: MOST_BYTES }).toString('utf8')) as T[];
      } catch (cause) {
        throw trafficFailure('UNSEALABLE', { cause });
      }
    },
    termOf: (uid) =>
      isOwnActor(uid) || TERM.test(uid)
        ? uid
        : `#${createHmac('sha256', termKey).update(uid, 'utf8').digest('base64url').slice(0, 22)}`,
  };
}

/** What is searched for, of all events of a block. */
export type BlockIndex = Readonly<{
  firstAt: Date;
  lastAt: Date;
  n: number;
  classes: number[];
  actors: string[];
  addresses: string[];
}>;

const ACTOR_ID = /^(?:key|per|wkl|cus|sys|node)_[0-9a-z]{1,60}$/;
const TERM = /^#[A-Za-z0-9_-]{22}$/;
export const isOwnActor = (uid: string): boolean => ACTOR_ID.test(uid);

/** A foreign log may call anything an address: what is none stays in the box, and keeps no block from being written. */
export function indexOf(events: readonly TrafficEvent[], now: number, termOf: Sealing['termOf']): BlockIndex {
  let [first, last] = [Infinity, -Infinity];
  const [classes, uids, told] = [new Set<number>(), new Set<string>(), new Set<string>()];
  for (const event of events) {
    const time = timeOf(event, now);
    if (time < first) first = time;
    if (time > last) last = time;
    classes.add(event.class_uid);
    if (event.actor?.user !== undefined) uids.add(event.actor.user.uid);
    if (event.src_endpoint?.ip !== undefined) told.add(event.src_endpoint.ip);
    if (event.dst_endpoint?.ip !== undefined) told.add(event.dst_endpoint.ip);
  }
  return {
    firstAt: new Date(first),
    lastAt: new Date(last),
    n: events.length,
    classes: [...classes],
    // different names of one address are one
    actors: [...new Set([...uids].map(termOf))],
    addresses: [...new Set([...told].flatMap((ip) => plainAddress(ip) ?? []))],
  };
}

const A_DAY_MS = 86_400_000;
/** What a sensor claims counts where it can be: a time far from now would pull a block out of every search. */
export function timeOf({ time }: Pick<TrafficEvent, 'time'>, now: number): number {
  return Number.isFinite(time) ? Math.min(Math.max(time, now - 400 * A_DAY_MS), now + A_DAY_MS) : now;
}
