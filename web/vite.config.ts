/** The console as files that the server serves below /console/. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: new URL('console', import.meta.url).pathname,
  base: '/console/',
  plugins: [react()],
  // the server puts a fresh nonce in its place with each page
  html: { cspNonce: '__NONCE__' },
  build: { outDir: '../dist/console', emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 1500 },
  server: { proxy: { '/v1': 'http://127.0.0.1:7700' } },
});
