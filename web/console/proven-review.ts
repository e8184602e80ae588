/** The result of a review, and whether the log has it: hashed and proven here, so that what the server says need not be believed. */
import { verifyProof } from '@strongroom/sdk';

import { published } from './published.ts';
import { room } from './room.ts';

export type ProvenReview = Readonly<{
  index: number;
  /** SHA-256 of the result, 64 hex digits. */
  hash: string;
  origin: string;
  /** What is downloaded: result, hash and proof, as they came. */
  href: string;
}>;

/** @throws Error where the result is not the one that the log has; SDK_PROOF_REFUSED where the proof does not hold */
export async function provenReview(id: string): Promise<ProvenReview> {
  const bundle = await published(() => room.reviews.bundle(id));
  const { index, origin, entry } = await verifyProof(bundle.proof, await room.audit.key());
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(bundle.result));
  const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const { action, detail } = entry as { action?: string; detail?: { review?: string; resultHash?: string } };
  if (action !== 'access.review.close' || detail?.review !== id || detail.resultHash !== hash)
    throw new Error('the log has another result');
  const text = JSON.stringify(bundle, null, 2);
  return { index, hash, origin, href: `data:application/json;charset=utf-8,${encodeURIComponent(text)}` };
}
