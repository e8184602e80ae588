/** The privacy notice: generated from what is enforced, published by a person. */
import type { NoticeStanding, NoticeToPublish, PublishedNotice } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type PrivacyNotice = {
  /** `drift`: where what is published is not what is enforced. */
  get: (options?: CallOptions) => Promise<NoticeStanding>;
  /** In a session of a person; a key cannot. */
  publish: (notice: NoticeToPublish, options?: CallOptions) => Promise<PublishedNotice>;
};

export function createNotice({ json }: Transport): PrivacyNotice {
  const path = '/v1/privacy/notice';
  return {
    get: (options) => json({ method: 'GET', path, does: 'read' }, options),
    publish: (notice, options) => json({ method: 'POST', path, json: notice, does: 'change' }, options),
  };
}
