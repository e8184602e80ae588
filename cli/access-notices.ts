/** `strongroom access notices`: what the person behind this key is told. */
import type { Command } from 'commander';

import { connect, show, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';

export function noticeCommands(access: Command, run: Run): void {
  withConnection(access.command('notices').description('what you are told; by a key that you made'))
    .option('--all', 'those that were read too')
    .option('--read', 'say of what is shown that you have read it')
    .action((options: Shared & { all?: boolean; read?: boolean }) =>
      run(async () => {
        const { notices } = connect(options);
        const found = await notices.list();
        const shown = found.notices.filter(({ read }) => options.all === true || !read);
        if (options.read === true && shown.length > 0) await notices.read(shown.map(({ id }) => id));
        show(options, { ...found, notices: shown }, () =>
          shown.length === 0
            ? 'Nothing new.'
            : shown
                .map(({ lastAt, urgent, says }) => `${lastAt.slice(0, 16)}  ${urgent ? 'ALARM ' : ''}${harmless(says)}`)
                .join('\n'),
        );
      }, options),
    );
}
