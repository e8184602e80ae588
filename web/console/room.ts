/** The client of this page's own server: who is signed in here asks. Nothing is tried again behind the reader's back. */
import { createStrongroom } from '@strongroom/sdk';

export const room = createStrongroom({ url: location.origin, session: true, retries: 0 });
