/** What the center's pages are served with, as it was built. */
import { readFile } from 'node:fs/promises';

/** Null where it was not built. */
export type SiteScripts = Readonly<
  Record<'widgetScript' | 'tcfScript' | 'tcfStub' | 'gppScript' | 'gppStub', string | null>
>;

export async function centerFiles(): Promise<Readonly<{ centerCss: string }> & SiteScripts> {
  const built = (path: string) => readFile(new URL(`../web/dist/${path}`, import.meta.url), 'utf8').catch(() => null);
  const look = (name: string) => readFile(new URL(`../web/center/${name}.css`, import.meta.url), 'utf8');
  return {
    centerCss: (await Promise.all(['center', 'center-cards', 'center-lists'].map(look))).join('\n'),
    widgetScript: await built('widget/widget.js'),
    tcfScript: await built('iab/tcf.js'),
    tcfStub: await built('iab/tcf-stub.js'),
    gppScript: await built('iab/gpp.js'),
    gppStub: await built('iab/gpp-stub.js'),
  };
}
