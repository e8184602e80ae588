/** What the center's pages are served with, as it was built. */
import { readFile } from 'node:fs/promises';

export type SiteScripts = Readonly<{ widgetScript: string | null; tcfScript: string | null; tcfStub: string | null }>;

export async function centerFiles(): Promise<Readonly<{ centerCss: string }> & SiteScripts> {
  const built = (path: string) => readFile(new URL(`../web/dist/${path}`, import.meta.url), 'utf8').catch(() => null);
  return {
    centerCss: await readFile(new URL('../web/center/center.css', import.meta.url), 'utf8'),
    widgetScript: await built('widget/widget.js'),
    tcfScript: await built('tcf/tcf.js'),
    tcfStub: await built('tcf/tcf-stub.js'),
  };
}
