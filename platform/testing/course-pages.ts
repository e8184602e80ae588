/** Courses that were exported, in a real browser: their files on a port, and the answers that their key gives. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Frame, Page } from 'playwright-core';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

/** Files of a package, and whatever else a test puts beside them, on a port of their own. */
export async function fileServer(
  files: ReadonlyMap<string, string | Buffer>,
): Promise<Readonly<{ origin: string; close: () => void }>> {
  const server: Server = createServer(({ url = '/' }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://x').pathname.slice(1));
    const file = files.get(path);
    response
      .writeHead(file === undefined ? 404 : 200, {
        'content-type': TYPES[path.split('.').at(-1) ?? ''] ?? 'text/plain',
      })
      .end(file ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** To the questions, and answers them out of the package's own key: rightly, or all of them wrongly. */
export async function answers(of: Page | Frame, how: 'right' | 'wrong'): Promise<void> {
  while (await of.locator('#next').isVisible()) await of.locator('#next').click();
  await of.evaluate((wanted) => {
    type Field = { value: string; checked: boolean; querySelector: (at: string) => { textContent: string }; querySelectorAll: (at: string) => Field[] };
    type Asked = { asks: string; kind: string; answers?: { right: boolean }[]; lines?: string[]; pairs?: string[][]; cues?: number[] };
    const page = globalThis as unknown as { document: { querySelectorAll: (at: string) => Field[] }; strongroomCourse: { quiz: { questions: Asked[] } } };
    for (const field of page.document.querySelectorAll('fieldset')) {
      const asks = field.querySelector('legend').textContent.replace(/^\d+\. /, '');
      // what stands between backticks is code on the page
      const asked = page.strongroomCourse.quiz.questions.find((each) => each.asks.replaceAll('`', '') === asks) as Asked;
      const selects = [...field.querySelectorAll('select')];
      // one order after the other is none that is right
      selects.forEach((select, at) => { select.value = String(wanted === 'right' ? at : (at + 1) % selects.length); });
      const right = asked.cues ?? (asked.answers ?? []).flatMap((each, at) => (each.right ? [at] : []));
      const inputs = [...field.querySelectorAll('input')];
      for (const input of inputs) input.checked = (wanted === 'right') === right.includes(Number(input.value));
    }
  }, how);
  await of.locator('#hand-in').click();
} // prettier-ignore
