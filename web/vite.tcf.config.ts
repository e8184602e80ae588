/** The API of the IAB's TCF beside the widget: a module, and (`--mode stub`) the classic script that goes first. */
import { defineConfig } from 'vite';

export default defineConfig(({ mode }) => ({
  root: new URL('widget', import.meta.url).pathname,
  build: {
    outDir: '../dist/tcf',
    emptyOutDir: mode !== 'stub',
    target: 'es2022',
    lib:
      mode === 'stub'
        ? { entry: 'tcf-stub.ts', formats: ['iife'], name: 'strongroomTcfStub', fileName: () => 'tcf-stub.js' }
        : { entry: 'tcf.ts', formats: ['es'], fileName: () => 'tcf.js' },
  },
}));
