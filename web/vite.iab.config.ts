/**
 * The IAB's APIs beside the widget, one file each: the module (`--mode tcf` or `gpp`), and the classic script that goes
 * first (`--mode tcf-stub` or `gpp-stub`).
 */
import { defineConfig } from 'vite';

export default defineConfig(({ mode }) => ({
  root: new URL('widget', import.meta.url).pathname,
  build: {
    outDir: '../dist/iab',
    emptyOutDir: false,
    target: 'es2022',
    lib: {
      entry: `${mode}.ts`,
      formats: [mode.endsWith('-stub') ? 'iife' : 'es'],
      name: 'strongroomStub',
      fileName: () => `${mode}.js`,
    },
  },
}));
