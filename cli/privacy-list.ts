/** `strongroom privacy requests list`: page by page, so that what was answered in years is never held in whole. */
import type { Command } from 'commander';

import type { PrivacyRequest, PrivacyRequestPage } from '@strongroom/sdk';

import { connect, withConnection, type Run, type Shared } from './connection.ts';
import { requestLine } from './request-line.ts';
import { wholeNumber } from './whole-number.ts';

const AT_ONCE = 500;
const MOST = 9_999_999;
type ListOptions = Shared & { closed?: boolean; limit?: string };

async function* pagesOf(options: ListOptions): AsyncGenerator<readonly PrivacyRequest[]> {
  const { list } = connect(options).privacyRequests;
  let left = options.limit === undefined ? MOST : wholeNumber('--limit', options.limit, 1, MOST);
  let cursor: string | null = null;
  do {
    const asked = { limit: Math.min(left, AT_ONCE), ...(cursor === null ? {} : { cursor }) };
    const page: PrivacyRequestPage = await list(options.closed === true ? 'closed' : 'open', asked);
    yield page.requests;
    left -= page.requests.length;
    cursor = page.next;
  } while (cursor !== null && left > 0);
}

export function listCommand(requests: Command, run: Run): void {
  withConnection(requests.command('list').description('open ones; --closed those that were answered'))
    .option('--closed', 'those that were answered, the newest first')
    .option('--limit <n>', 'how many at most; all when left out')
    .action((options: ListOptions) =>
      run(async () => {
        const write = (text: string): void => void process.stdout.write(text);
        const isJson = options.json === true;
        let [begun, n] = [false, 0];
        for await (const page of pagesOf(options)) {
          // nothing before the first page: what is refused leaves no half of an answer
          if (isJson && !begun) write('{"requests":[');
          begun = true;
          for (const each of page) {
            write(isJson ? `${n === 0 ? '' : ','}${JSON.stringify(each)}` : `${requestLine(each)}\n`);
            n += 1;
          }
        }
        if (isJson) write(']}\n');
        else if (n === 0) write('none\n');
      }, options),
    );
}
