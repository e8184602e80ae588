/** The consent widget as one file that the server serves at /center/widget.js. */
import { defineConfig } from 'vite';

export default defineConfig({
  root: new URL('widget', import.meta.url).pathname,
  build: {
    outDir: '../dist/widget',
    emptyOutDir: true,
    target: 'es2022',
    lib: { entry: 'widget.ts', formats: ['es'], fileName: () => 'widget.js' },
  },
});
