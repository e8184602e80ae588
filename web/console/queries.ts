/** What is fetched and sent, and how a page goes on when that fails. */
import { isProblem, type Session } from '@strongroom/sdk';
import { MutationCache, QueryCache, QueryClient, type Query } from '@tanstack/react-query';

import type { Typed } from './typed.ts';

/** @param typed what stands in the page is kept for whoever wrote it */
export function createQueries(typed: Typed): QueryClient {
  const queries: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        nobodyNow(error);
        keepOnScreen(error, query);
      },
    }),
    mutationCache: new MutationCache({
      onError: (error) => {
        nobodyNow(error);
        return readAnew(error);
      },
    }),
    defaultOptions: {
      // always: a browser that thinks it is offline would wait without a word, and send what was asked for long after
      queries: { retry: false, refetchOnWindowFocus: false, networkMode: 'always', refetchOnReconnect: true },
      // what a mutation answered, a revealed value or a new key, is not kept in memory when nobody shows it any more
      mutations: { gcTime: 0, networkMode: 'always' },
    },
  });
  /** Signed out elsewhere, disabled, or ended by time: then nothing that was fetched stays on the screen. */
  function nobodyNow(error: unknown): void {
    const session = queries.getQueryData<Session | null>(['session']);
    if (!isProblem(error, 'ACCESS_UNAUTHENTICATED') || session === null) return;
    if (session !== undefined) typed.keep(session.person);
    queries.setQueryData(['session'], null);
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
  }
  async function readAnew(error: unknown): Promise<void> {
    const queryKey = isProblem(error) ? MOVED_ON[error.code] : undefined;
    if (queryKey !== undefined) await queries.invalidateQueries({ queryKey });
  }
  return queries;
}

/** What somebody else changed meanwhile: read anew, or whoever tries again is refused for ever, as behind it. */
const MOVED_ON: Readonly<Record<string, readonly string[]>> = {
  EDUCATION_INCIDENT_CHANGED: ['incidents', 'one'],
  ASSURANCE_CHANGED: ['assurance'],
};

/**
 * What was fetched before stays while it cannot be fetched again: a page that gave way to the error would take with it what
 * is being typed there, and a secret that is shown once. `Outdated` says so. A refusal is another thing: it takes the page.
 */
function keepOnScreen(error: unknown, query: Query<unknown, unknown>): void {
  if (query.state.data !== undefined && isTrouble(error)) query.setState({ status: 'success', error: null });
}

/** Nobody refused anything: no answer, none in time, or a server that cannot now. */
const isTrouble = (error: unknown): boolean =>
  isProblem(error) && (error.status === 0 || error.status === 429 || error.status >= 500);

/** What a page was to have and never got. */
export const isMissing = ({ state }: Query): boolean =>
  state.status === 'error' && state.data === undefined && isTrouble(state.error);

export const isOutdated = ({ state }: Query): boolean =>
  state.status === 'success' && state.errorUpdatedAt > state.dataUpdatedAt;
