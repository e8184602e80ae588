/** The client of this page's own server: who is signed in here asks. */
import { createStrongroom } from '@strongroom/sdk';

/** What a page that asked at the wrong moment waits for: the answer that carries the new cookie is under way. */
const ROTATION_MS = 250;

export const room = createStrongroom({ url: location.origin, session: true, retries: 0, fetch: underNewToken() });

/**
 * Showing a factor gives the session another token, and the one before is dead at once: what was on its way under it, from
 * this page or another one of this browser, is refused as if nobody were signed in. It is asked once more, under the new
 * one; a request that was refused so has done nothing. Nothing else is tried again behind the reader's back.
 */
function underNewToken() {
  let signedIn = false;
  return async (input: string, init: RequestInit): Promise<Response> => {
    const first = await fetch(input, init);
    if (first.ok) signedIn = true;
    if (!signedIn || init.body instanceof ReadableStream || !(await isNobody(first))) return first;
    await new Promise((resolve) => setTimeout(resolve, ROTATION_MS));
    const second = await fetch(input, init);
    if (second.status === 401) signedIn = false;
    return second;
  };
}

async function isNobody(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  // what is no JSON comes from a proxy, and says nothing of sessions
  const problem: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return (
    typeof problem === 'object' && problem !== null && 'code' in problem && problem.code === 'ACCESS_UNAUTHENTICATED'
  );
}
