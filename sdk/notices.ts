/** What you are told: your own notices. */
import type { NoticeList } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Notices = {
  list: (options?: CallOptions) => Promise<NoticeList>;
  /** Some of your own, by their ids. */
  read: (ids: readonly string[], options?: CallOptions) => Promise<unknown>;
};

export function createNotices({ json }: Transport): Notices {
  const path = '/v1/access/notices';
  return {
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    read: (ids, options) => json({ method: 'POST', path: `${path}/read`, json: { ids }, does: 'change' }, options),
  };
}
