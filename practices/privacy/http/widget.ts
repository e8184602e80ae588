/** Scripts for pages of the company's sites: each under one address that stays, and under one that names its content. */
import { createHash } from 'node:crypto';

import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { privacyFailure } from '../failures.ts';
import type { PrivacyHttpNeeds } from './needs.ts';

const publicly = { config: { public: true } as never };
const SCRIPT = Type.Object({ url: Type.String(), integrity: Type.String() });
const PAIR = Type.Object({ stub: SCRIPT, api: SCRIPT, snippet: Type.String({ description: 'before all other scripts of the page, with the snippet of the widget' }) }); // prettier-ignore

export function widgetRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  const widget = serve(server, 'widget', needs.widgetScript);
  const tcf = [serve(server, 'tcf-stub', needs.tcfStub), serve(server, 'tcf', needs.tcfScript)] as const;
  const gpp = [serve(server, 'gpp-stub', needs.gppStub), serve(server, 'gpp', needs.gppScript)] as const;

  server.route({
    method: 'GET',
    url: '/v1/privacy/widget',
    ...publicly,
    schema: {
      operationId: 'consentWidget', tags: ['privacy'], summary: "The consent widget's address, its hash, and what to put into a page; and of the two scripts each that make `__tcfapi` and `__gpp` of it, for pages with vendors that ask by these", security: [],
      response: { 200: Type.Object({ url: Type.String(), integrity: Type.String(), snippet: Type.String(), tcf: PAIR, gpp: PAIR }) },
    }, // prettier-ignore
    handler: async () => {
      const at = (script: Script): { url: string; integrity: string } => {
        if (script.text === null) throw privacyFailure('WIDGET_MISSING');
        return { url: new URL(`${script.name}.js`, needs.privacy.centerUrl()).href, integrity: script.integrity };
      };
      const tag = ({ url, integrity }: ReturnType<typeof at>, type = ''): string =>
        `<script${type} src="${url}" integrity="${integrity}" crossorigin="anonymous"></script>`;
      const own = at(widget);
      const module = ' type="module"';
      const pair = ([first, then]: readonly [Script, Script]) => {
        const [stub, api] = [at(first), at(then)];
        return { stub, api, snippet: `${tag(stub)}\n${tag(api, module)}` };
      };
      return await Promise.resolve({
        ...own,
        snippet: `${tag(own, module)}\n<strongroom-consent></strongroom-consent>`,
        tcf: pair(tcf),
        gpp: pair(gpp),
      });
    },
  });
}

type Script = Readonly<{ name: string; text: Buffer | null; integrity: string }>;

/** @param built undefined where only the routes are looked at, null where it was not built */
function serve(server: HttpServer, name: string, built: string | null | undefined): Script {
  const text = typeof built === 'string' ? Buffer.from(built) : null;
  const hash = createHash('sha256').update(text ?? '').digest('hex').slice(0, 32); // prettier-ignore
  const integrity = `sha384-${createHash('sha384').update(text ?? '').digest('base64')}`; // prettier-ignore
  // SRI compares what another origin gives only where that origin lets it (SRI §3.4): it is the same for everybody
  const headers = {
    'content-type': 'text/javascript; charset=utf-8',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  };
  for (const [url, caching] of [
    [`/center/${name}.js`, 'public, max-age=300'],
    [`/center/${name}/${hash}.js`, 'public, max-age=31536000, immutable'],
  ] as const)
    server.route({
      method: 'GET',
      url,
      ...publicly,
      schema: { hide: true } as never,
      handler: async (_request, reply) => {
        if (text === null) throw privacyFailure('WIDGET_MISSING');
        return reply.headers({ ...headers, 'cache-control': caching }).send(text);
      },
    });
  return { name, text, integrity };
}
