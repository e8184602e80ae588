/** `strongroom access …`: policies, the matrix of decisions, and who this key is. */
import { readFileSync } from 'node:fs';

import type { PolicyDocument, PolicyReview } from '@strongroom/sdk';
import type { Command } from 'commander';

import { glassCommands } from './access-glass.ts';
import { groupCommands } from './access-groups.ts';
import { cellLine, matrixCommand } from './access-matrix.ts';
import { noticeCommands } from './access-notices.ts';
import { peopleCommands } from './access-people.ts';
import { reviewCommands } from './access-reviews.ts';
import { requestCommands } from './access-requests.ts';
import { exportRequestCommands } from './access-exports.ts';
import { roleCommands } from './access-roles.ts';
import { connect, EXIT, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';

export function accessCommands(program: Command, run: Run): void {
  const access = program.command('access').description('who may see what, and why');
  withConnection(access.command('whoami').description('who this key is and what it may')).action((options: Shared) =>
    run(async () => {
      const me = await connect(options).keys.whoami();
      show(options, me, () =>
        [
          `${me.id}  ${me.kind}  ${me.role}  ${harmless(me.name)}`,
          `may      ${me.actions.join(', ') || 'nothing'}`,
          `for      ${me.purposes.join(', ') || 'no purpose'}`,
          `policies ${me.policyVersion}`,
        ].join('\n'),
      );
    }, options),
  );
  matrixCommand(access, run);
  peopleCommands(access, run);
  groupCommands(access, run);
  requestCommands(access, run);
  glassCommands(access, run);
  reviewCommands(access, run);
  exportRequestCommands(access, run);
  roleCommands(access, run);
  noticeCommands(access, run);
  policyCommands(access.command('policy').description('policies as versions: propose, approve, activate'), run);
}

function policyCommands(policy: Command, run: Run): void {
  withConnection(policy.command('list').description('all versions, newest first')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).policies.list();
      show(options, found, () =>
        found.versions
          .map(({ id, state, proposedAt, note }) => `${id}  ${state.padEnd(9)}  ${proposedAt}  ${harmless(note)}`)
          .join('\n'),
      );
    }, options),
  );
  withConnection(policy.command('show [version]').description('one version; without one the version that holds'))
    .option('--document', 'the document alone, to edit and propose')
    .action((version: string | undefined, options: Shared & { document?: boolean }) =>
      run(async () => {
        const found = await connect(options).policies.get(version ?? 'active');
        if (options.document === true) process.stdout.write(`${JSON.stringify(found.document, null, 2)}\n`);
        else
          show(options, found, () =>
            [
              `${found.id}  ${found.state}  ${found.hash}`,
              ...Object.entries(found.document.policies).map(([id, text]) => `\n# ${id}\n${text}`),
            ].join('\n'),
          );
      }, options),
    );
  withConnection(policy.command('test <file>').description('what would be said of a document; keeps nothing')).action(
    (file: string, options: Shared) =>
      run(async () => {
        const review = await connect(options).policies.test(readDocument(file));
        show(options, review, () => reviewLines(review));
        return review.ok ? 0 : EXIT.failed;
      }, options),
  );
  withConnection(policy.command('propose <file>').description('keep a document for another to approve'))
    .requiredOption('--note <text>', 'what changes and why')
    .action((file: string, options: Shared & { note: string }) =>
      run(async () => {
        const made = await connect(options).policies.propose(readDocument(file), options.note);
        show(options, made, () => `${made.version.id}  ${made.version.state}\n${reviewLines(made.review)}`);
        return made.review.ok ? 0 : EXIT.failed;
      }, options),
    );
  withConnection(policy.command('diff <version>').description('which decisions a version changes')).action(
    (version: string, options: Shared) =>
      run(async () => {
        const { policies } = connect(options);
        const { id, state, hash, note } = await policies.get(version);
        const review = await policies.review(version);
        show(options, { id, state, hash, note, review }, () =>
          [`${id}  ${state}  ${harmless(note)}`, `hash ${hash}`, reviewLines(review)].join('\n'),
        );
      }, options),
  );
  withConnection(
    policy.command('replay <version>').description('past reads under a version: who would lose or gain what'),
  ).action((version: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).policies.replay(version);
      show(options, found, () =>
        [
          `${found.questions} past questions, entries ${found.from} to ${found.to}`,
          ...found.changes.map(
            (each) =>
              `${String(each.count).padStart(6)}  ${each.role} ${each.action} ${each.purpose} ${each.dataClass ?? ''} ${each.from} → ${each.to}`,
          ),
        ].join('\n'),
      );
    }, options),
  );
  withConnection(policy.command('approve <version>').description('approve what another proposed'))
    .requiredOption('--hash <hash>', 'of the document you looked at, as `policy diff` says it')
    .action((version: string, options: Shared & { hash: string }) =>
      run(async () => {
        const approved = await connect(options).policies.approve(version, options.hash);
        show(options, approved, () => `${approved.id} is approved: ${approved.hash}`);
      }, options),
    );
  withConnection(policy.command('activate <version>').description('let an approved version hold')).action(
    (version: string, options: Shared) =>
      run(async () => {
        const active = await connect(options).policies.activate(version);
        show(options, active, () => `${active.id} holds from the next request on.`);
      }, options),
  );
}

/** @throws Usage when it is no JSON object */
function readDocument(file: string): PolicyDocument {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch {
    throw new Usage(`${file} could not be read as JSON: strongroom access policy show --document writes one`);
  }
  return document as PolicyDocument;
}

function reviewLines({ ok, faults, notes, broken, idle, diff }: PolicyReview): string {
  const fault = (mark: string) => (each: PolicyReview['faults'][number]) =>
    `${mark} ${each.at ?? 'document'}: ${harmless(each.says)} (${harmless(each.hint)})`;
  return [
    ok ? 'It may be approved.' : 'It cannot be approved.',
    ...faults.map(fault('fault ')),
    ...broken.flatMap(({ rule, says, where, count }) => [
      `broken ${rule}: ${says}`,
      ...where.map((each) => `         ${each}`),
      ...(count > where.length ? [`         … ${count} in all`] : []),
    ]),
    ...notes.map(fault('note  ')),
    ...idle.map((id) => `note   ${id}: decides nothing`),
    ...(diff === null
      ? []
      : [
          `${diff.wider} decisions show more, ${diff.narrower} show less`,
          ...diff.cells.map((cell) => `  ${cellLine(cell)}: ${cell.from} → ${cell.to}`),
        ]),
  ].join('\n');
}
