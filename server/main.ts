/** Commands that run inside the system: serve, demo, db, doctor, health, audit, backups, root, collection scan and detect, traffic firewall, tls and replay. Everything else is the CLI, a client of the API. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

import { isFailure } from '#platform/failure';

// beside the code itself, never in a folder that others may write to: what is in it is run
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compile'));

const [command = 'serve', ...rest] = process.argv.slice(2);

// a launcher under an older Node holds the other end: when it was killed, nobody could stop this process any more
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();

try {
  if (Number(process.versions.node.split('.')[0]) < 24)
    throw new Error(`Strongroom needs Node 24, this is ${process.version}: start it by npm start, or npx strongroom`);
  // each loads what it needs: a verifier or a witness has no use for the whole system
  if (command === 'serve') await (await import('./start-commands.ts')).serveCommand(rest);
  else if (command === 'demo') await (await import('./start-commands.ts')).demoCommand(rest);
  else if (command === 'audit') process.exitCode = await (await import('./audit-command.ts')).auditCommand(rest);
  else if (command === 'db') process.exitCode = await (await import('./db-command.ts')).dbCommand(rest);
  else if (command === 'doctor') process.exitCode = await (await import('./doctor-command.ts')).doctorCommand(rest);
  else if (command === 'health') process.exitCode = await (await import('./health-command.ts')).healthCommand(rest);
  else if (command === 'root') process.exitCode = await (await import('./root-command.ts')).rootCommand(rest);
  else if (command === 'collection' && rest[0] === 'scan')
    process.exitCode = await (await import('./scan-command.ts')).scanCommand(rest.slice(1));
  else if (command === 'collection' && rest[0] === 'detect')
    process.exitCode = await (await import('./scan-command.ts')).detectCommand(rest.slice(1));
  else if (command === 'backups') process.exitCode = await (await import('./backups-command.ts')).backupsCommand(rest);
  else if (command === 'traffic' && rest[0] === 'replay')
    process.exitCode = await (await import('./traffic-replay.ts')).replayCommand(rest.slice(1));
  else if (command === 'traffic' && ['firewall', 'tls'].includes(rest[0] ?? ''))
    process.exitCode = await (await import('./traffic-command.ts')).trafficCommand(rest);
  else if (command === 'assurance' && rest[0] === 'runner')
    await (await import('./assurance-runner.ts')).assuranceRunner();
  else {
    const isAsked = ['--help', '-h', 'help'].includes(command);
    const there = 'serve, demo, db, doctor, health, audit, backups, root, collection scan and collection detect, traffic firewall, traffic tls, traffic replay'; // prettier-ignore
    if (isAsked)
      process.stdout.write(
        `On the machine itself there are ${there}; each has its --help. All else: strongroom --help\n`,
      );
    else process.stderr.write(`there is no command ${command}; there are ${there}\n`);
    process.exitCode = isAsked ? 0 : 2;
  }
} catch (thrown) {
  const failure = isFailure(thrown) ? thrown : null;
  // what PostgreSQL says may quote a row
  const { describeError } = await import('#platform/log');
  const { message, code } = describeError(thrown) as { message: string; code?: string };
  process.stderr.write(
    `${message}${failure === null && code !== undefined ? ` (${code})` : ''}\n${failure === null ? '' : `  ${failure.code}: ${failure.hint}\n`}`,
  );
  process.exitCode = 1;
}
