/** Who is signed in, and what they may; asked of the server, never kept beyond this page. */
import { isProblem } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';

import { room } from './room.ts';

/** Null: nobody is. */
export const useSession = () =>
  useQuery({
    queryKey: ['session'],
    queryFn: async ({ signal }) => {
      try {
        return await room.session.current({ signal });
      } catch (thrown) {
        if (isProblem(thrown) && thrown.status === 401) return null;
        throw thrown;
      }
    },
    staleTime: 30_000,
  });

export const useWhoAmI = (enabled = true) =>
  useQuery({ queryKey: ['whoami'], queryFn: ({ signal }) => room.keys.whoami({ signal }), staleTime: 30_000, enabled });

/** One's own notices, asked for again every half minute. */
export const useNotices = () =>
  useQuery({ queryKey: ['notices'], queryFn: ({ signal }) => room.notices.list({ signal }), refetchInterval: 30_000 });

export const useCatalog = () =>
  useQuery({ queryKey: ['catalog'], queryFn: ({ signal }) => room.collection.catalog({ signal }), staleTime: 300_000 });

/** Names of the roles there are; none for who may not read policies. */
export function useRoles(): string[] {
  const policies = useQuery({ queryKey: ['policy', 'active'], queryFn: () => room.policies.get('active') });
  return Object.keys(policies.data?.document.roles ?? {});
}

/** What one's role may ask for beyond what it may. @param enabled whether it has to do with grants at all */
export const useEligibility = (enabled = true) =>
  useQuery({ queryKey: ['eligibility'], queryFn: () => room.grants.eligibility(), enabled, staleTime: 30_000 });
