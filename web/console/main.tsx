import '@mantine/core/styles.css';
import '../ui/strongroom.css';
import '../ui/wide.css';

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { createSaid, SaidContext } from '../ui/said.ts';
import { theme } from '../ui/theme.ts';
import { createQueries } from './queries.ts';
import { router } from './router.tsx';
import { createTyped, TypedContext } from './typed.ts';

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
// what keeps the page from scrolling behind a dialog writes a style of its own
setNonce(nonce);
const typed = createTyped(document);
const queries = createQueries(typed);
const said = createSaid();

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queries}>
        <TypedContext value={typed}>
          <SaidContext value={said}>
            <RouterProvider router={router} />
          </SaidContext>
        </TypedContext>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
