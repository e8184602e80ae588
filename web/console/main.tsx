import '@mantine/core/styles.css';
import '../ui/strongroom.css';
import '../ui/wide.css';

import { MantineProvider } from '@mantine/core';
import { isProblem } from '@strongroom/sdk';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { theme } from '../ui/theme.ts';
import { router } from './router.tsx';

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
/** Signed out elsewhere, disabled, or ended by time: then nothing that was fetched stays on the screen. */
const onError = (error: unknown): void => {
  if (!isProblem(error, 'ACCESS_UNAUTHENTICATED') || queries.getQueryData(['session']) === null) return;
  queries.setQueryData(['session'], null);
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
};
// what keeps the page from scrolling behind a dialog writes a style of its own
setNonce(nonce);
const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  // what a mutation answered, a revealed value or a new key, is not kept in memory when nobody shows it any more
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false }, mutations: { gcTime: 0 } },
});

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
