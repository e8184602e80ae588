/** What the center's pages are served with, as it was built. */
import { readFile } from 'node:fs/promises';

export async function centerFiles(): Promise<Readonly<{ centerCss: string; widgetScript: string | null }>> {
  return {
    centerCss: await readFile(new URL('../web/center/center.css', import.meta.url), 'utf8'),
    widgetScript: await readFile(new URL('../web/dist/widget/widget.js', import.meta.url), 'utf8').catch(() => null),
  };
}
