/**
 * `strongroom education take` and `sign`: what one has to do oneself. The server takes neither from a key, whosever it is: who
 * holds it is not known. So they ask the server, and say where it is done.
 */
import type { Command } from 'commander';

import { isProblem, type Strongroom } from '@strongroom/sdk';

import { connect, EXIT, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';

const WHY = 'A key is nobody who learns: whoever holds it could pass or sign in another’s name.';

export function learnCommands(education: Command, run: Run): void {
  withConnection(education.command('take <lesson>').description('where a lesson is taken: by yourself, signed in, in the console'))
    .addHelpText('after', `\nExample:\n  strongroom education take phishing\n\n${WHY} The console shows the lesson\nand its quiz, and says what was right. What you have to take: "Learn and sign" there, or, for the\ntraining team, strongroom education coverage. Exit code 3: the server takes it from no key.\n`)
    .action((lesson: string, options: Shared) =>
      run(() => refer(options, { kind: 'lesson', id: lesson, place: 'learn', does: 'taken', next: 'It shows the lesson, asks five questions and says what was right.' }), options),
    );
  withConnection(education.command('sign <policy>').description('where a policy is signed: by yourself, with both factors, in the console'))
    .addHelpText('after', `\nExample:\n  strongroom education sign customer-data\n\n${WHY} The console shows the policy\nwith what changed since you signed it, asks about it, and takes your passkey or code again where you\nshowed it more than five minutes ago. Exit code 3: the server takes it from no key.\n`)
    .action((policy: string, options: Shared) =>
      run(() => refer(options, { kind: 'policy', id: policy, place: 'sign', does: 'signed', next: 'It shows what changed, asks about it, and takes your passkey or code again.' }), options),
    );
} // prettier-ignore

type Referred = Readonly<{ kind: 'lesson' | 'policy'; id: string; place: string; does: string; next: string }>;

/** @returns the exit code of what was denied */
async function refer(options: Shared, { kind, id, place, does, next }: Referred): Promise<number> {
  if (!/^[a-z][a-z0-9-]{0,60}$/.test(id)) throw new Usage(`${harmless(id)} is no id: strongroom education texts`);
  const room = connect(options);
  const refusal = await refusalOf(room, kind, id);
  const title = await titleOf(room, kind, id);
  const url = new URL(`/console/${place}/${id}`, options.url).href;
  const { code, message, hint } = refusal;
  process.stderr.write(
    options.json === true
      ? `${JSON.stringify({ code, detail: message, hint, status: refusal.status, url, title })}\n`
      : `“${harmless(title)}” is ${does} in the console, signed in as yourself:\n\n  ${url}\n\n${next}\n${WHY}\n  ${code}: ${message}\n`,
  );
  return EXIT.denied;
}

/** The server decides, and not this program. @throws what else went wrong */
async function refusalOf(room: Strongroom, kind: 'lesson' | 'policy', id: string) {
  try {
    await (kind === 'lesson' ? room.education.course(id) : room.education.policy(id));
  } catch (thrown) {
    if (isProblem(thrown) && thrown.code === 'ACCESS_SESSION_NEEDED') return thrown;
    throw thrown;
  }
  throw new Usage('this server takes it from a key: a newer strongroom does it here');
}

/** Where the key may see texts; the id otherwise. @throws Usage where there is none of it */
async function titleOf(room: Strongroom, kind: 'lesson' | 'policy', id: string): Promise<string> {
  const ifAllowed = (thrown: unknown): null => {
    if (isProblem(thrown) && thrown.status === 403) return null;
    throw thrown;
  };
  const texts = await room.education.texts().catch(ifAllowed);
  if (texts === null) return id;
  const found = texts.texts.find((each) => each.kind === kind && each.id === id);
  const elsewhere =
    found === undefined && kind === 'lesson' ? await room.packages.list().catch(ifAllowed) : { packages: [] };
  if (elsewhere === null) return id;
  const title = found?.title ?? elsewhere.packages.find((each) => each.id === id)?.title;
  if (title === undefined) throw new Usage(`there is no ${kind} ${id}: strongroom education texts lists them`);
  return title;
}
