import type { Mutant } from './mutant.ts';

export default {
  id: 'keys-live-on',
  family: 'TOKEN',
  says: 'a key is good after it was revoked, and after its end',
  file: 'practices/access/store/keys.ts',
  find: '::text[]) as t (h)) and revoked_at is null and (expires_at is null or expires_at > ${now})`;',
  replace: '::text[]) as t (h)) and ${now}::timestamptz is not null`;',
  killedBy: ['TOKEN-02', 'TOKEN-03'],
} satisfies Mutant;
