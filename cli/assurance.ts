/** `strongroom assurance …`: this system attacked by itself, what that proves, and what was found. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type {
  AdvisoryFeeds,
  AssuranceExport,
  ControlTest,
  FeedName,
  Posture,
  SettledVex,
  WholeRun,
} from '@strongroom/sdk';
import { Presets, SingleBar } from 'cli-progress';
import type { Command } from 'commander';

import { engagementCommands } from './assurance-engagements.ts';
import { findingCommands } from './assurance-findings.ts';
import { scanCommands } from './assurance-scans.ts';
import { connect, EXIT, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { refuseExisting, writeNew } from './new-file.ts';
import { harmless } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

const FEEDS = ['osv', 'kev', 'epss'] as const;
const EXPORTS = ['oscal-assessment-results', 'oscal-poam', 'sarif', 'cyclonedx', 'navigator', 'bundle'] as const;
const POLL_MS = 500;

export function assuranceCommands(program: Command, run: Run): void {
  const assurance = program.command('assurance').description('this system attacked by itself, what that proves, and what was found');

  withConnection(assurance.command('run [tests...]').description('families or tests, as AUTHZ or AUTHZ-01; none named: all that may run now'))
    .option('--detach', 'only begin it')
    .addHelpText('after', '\nExit code 1 where a test failed or could not tell. Attacks need two people: strongroom assurance arm --help\n\nExamples:\n  strongroom assurance run                     # all, with a table of what came of it\n  strongroom assurance run AUTHN MASK --json   # for a pipeline')
    .action((tests: string[], options: Shared & { detach?: boolean }) => run(() => runTests(tests, options), options));

  withConnection(assurance.command('stop [run]').description('end a run before its next test; without one, the run that goes on')).action((id: string | undefined, options: Shared) =>
    run(async () => {
      const room = connect(options);
      const going = id ?? (await room.assurance.runs()).runs.find(({ state }) => state === 'running')?.id;
      if (going === undefined) return show(options, { stopped: false }, () => 'nothing runs');
      const stopped = await room.assurance.stop(going);
      show(options, stopped, () => `${going} ends before its next test`);
    }, options),
  );

  withConnection(assurance.command('tests').description('each control test, how it stands, and since when'))
    .option('--family <family>', 'only these, as AUTHZ')
    .action((options: Shared & { family?: string }) =>
      run(async () => {
        const { tests } = await connect(options).assurance.tests();
        const wanted = tests.filter(({ family }) => options.family === undefined || family === options.family);
        show(options, { tests: wanted }, () => wanted.map(testLine).join('\n') || 'none of that family');
      }, options),
    );

  withConnection(assurance.command('posture').description('what is proven of the eight practices, and what is not'))
    .addHelpText('after', '\nNothing is proven without a fresh pass and its evidence. Exit code 1 where something failed.')
    .action((options: Shared) =>
      run(async () => {
        const posture = await connect(options).assurance.posture();
        show(options, posture, () => postureWords(posture));
        return posture.practices.some(({ state }) => state === 'failed') ? EXIT.failed : undefined;
      }, options),
    );

  withConnection(assurance.command('evidence <hash>').description('what a result rests on; its hash is checked here'))
    .option('--out <file>', 'write it there')
    .action((hash: string, options: Shared & { out?: string }) =>
      run(async () => {
        if (options.out !== undefined) await refuseExisting(options.out);
        const bytes = await connect(options).assurance.evidence(hash);
        const digest = Buffer.from(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)).toString('hex');
        if (digest !== hash) {
          process.stderr.write('what came is not what has this hash\n');
          return EXIT.unverified;
        }
        if (options.out === undefined) process.stdout.write(`${harmless(Buffer.from(bytes).toString())}\n`);
        else await writeNew(options.out, () => Promise.resolve(bytes));
        return undefined;
      }, options),
    );

  withConnection(assurance.command('import <file>').description('what another scanner reports becomes findings; - for standard input'))
    .option('--format <format>', 'left out: seen from the report')
    .option('--asset <name>', 'what was tested, where the report does not say')
    .addHelpText('after', '\nReads SARIF, CycloneDX, OSV, npm audit, ZAP, nuclei, wapiti, ffuf, sqlmap, testssl, sslscan, nmap, lynis, CSV and JSON.\nWhat the same tool found before and names no more waits for a retest: that nothing was found proves nothing.\n\nExample:\n  nmap -oX scan.xml 192.0.2.1 && strongroom assurance import scan.xml')
    .action((file: string, options: Shared & { format?: string; asset?: string }) =>
      run(async () => {
        const { format, asset } = options;
        const taken = await connect(options).assurance.takeReport(contentOf(file), { ...(format === undefined ? {} : { format }), ...(asset === undefined ? {} : { asset }) });
        show(options, taken, () => harmless(`${taken.source}: ${taken.findings} findings, ${taken.opened} new, ${taken.reopened} came back, ${taken.retest} wait for a retest`));
      }, options),
    );

  withConnection(assurance.command('vex <file>').description('who says that a version is not affected, and why: OpenVEX or CycloneDX; - for standard input'))
    .addHelpText('after', '\nA finding about that very version is not affected, by the reason that is given; of the next version nothing is said.\nA statement without a version or without a reason is not taken. What is said to be fixed waits for a retest.\nWhat is said of a version that nobody found yet is kept for when it is found; what is older than what was said since is refused.\n\nExample:\n  strongroom assurance vex openvex.json')
    .action((file: string, options: Shared) =>
      run(async () => {
        const found = await connect(options).assurance.takeVex(contentOf(file));
        show(options, found, () => vexWords(found));
      }, options),
    );

  const feeds = assurance.command('feeds').description('what is known of weaknesses of the parts: OSV, KEV, EPSS, brought by you');
  withConnection(feeds.command('list', { isDefault: true }).description('how old each is, and how many parts are affected')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).assurance.feeds();
      show(options, found, () => feedWords(found));
    }, options),
  );
  withConnection(feeds.command('load <feed> <file>').description('in place of the one before: osv (JSON or ZIP), kev (JSON), epss (CSV)'))
    .addHelpText('after', '\nNothing is fetched from here. Get them where you may reach out, as\n  https://osv-vulnerabilities.storage.googleapis.com/npm/all.zip, and bring the file.')
    .action((feed: string, file: string, options: Shared) =>
      run(async () => {
        const name = oneOf('the feed', FEEDS, feed) satisfies FeedName;
        const found = await connect(options).assurance.loadFeed(name, contentOf(file));
        show(options, found, () => feedWords(found));
      }, options),
    );

  withConnection(assurance.command('export <what>').description(`for others to read: ${EXPORTS.join(', ')}`))
    .option('--out <file>', 'write it there; bundle needs one')
    .addHelpText('after', '\nThe bundle is a ZIP with its own verifier: unpack it, read verify.mjs, run `node verify.mjs <SHA-256 of the signer’s key>`.')
    .action((what: string, options: Shared & { out?: string }) =>
      run(async () => {
        const name = oneOf('what to export', EXPORTS, what);
        const room = connect(options);
        if (name === 'bundle') {
          if (options.out === undefined) throw new Usage('a bundle is a ZIP: --out says where');
          await writeNew(options.out, () => room.assurance.bundle());
          return show(options, { out: options.out }, () => `${options.out ?? ''} is written`);
        }
        const text = async (): Promise<string> => `${JSON.stringify(await room.assurance.export(name satisfies AssuranceExport), null, 2)}\n`;
        if (options.out === undefined) process.stdout.write(await text());
        else await writeNew(options.out, async () => Buffer.from(await text()));
      }, options),
    );

  armCommands(assurance, run);
  findingCommands(assurance, run);
  scanCommands(assurance, run);
  engagementCommands(assurance, run);
  assurance.addHelpText('after', '\nGuide: docs/practices/assurance.md');
} // prettier-ignore

function armCommands(assurance: Command, run: Run): void {
  const arm = assurance.command('arm').description('let attacks run here for some days: two people; and the switch that stops all tests');
  withConnection(arm.command('list', { isDefault: true }).description('who let what run, and until when')).action((options: Shared) =>
    run(async () => {
      const { arms } = await connect(options).assurance.arms();
      show(options, { arms }, () => arms.map((each) => harmless(`${each.id}  ${each.state.padEnd(8)} ${each.kinds.join(', ')}  until ${each.until}  ${each.reason}`)).join('\n') || 'nobody');
    }, options),
  );
  withConnection(arm.command('propose [kinds...]').description('attack (when left out), chaos'))
    .requiredOption('--reason <words>', 'why')
    .option('--days <n>', '1 to 90', '30')
    .action((kinds: string[], options: Shared & { reason: string; days: string }) =>
      run(async () => {
        const wanted = (kinds.length === 0 ? ['attack'] : kinds).map((kind) => oneOf('a kind', ['attack', 'chaos'] as const, kind));
        const made = await connect(options).assurance.proposeArm({ kinds: wanted, days: wholeNumber('--days', options.days), reason: options.reason });
        show(options, made, () => `${made.id} waits for somebody else: strongroom assurance arm approve ${made.id}`);
      }, options),
    );
  for (const [verb, says] of [['approve', 'somebody else than who proposed it'], ['end', 'at once; one person is enough']] as const)
    withConnection(arm.command(`${verb} <id>`).description(says)).action((id: string, options: Shared) =>
      run(async () => {
        const { assurance: room } = connect(options);
        const found = await (verb === 'approve' ? room.approveArm(id) : room.endArm(id));
        show(options, found, () => `${id} is ${found.state}`);
      }, options),
    );
  withConnection(arm.command('off').description('pull the switch: nothing runs from now on'))
    .requiredOption('--reason <words>', 'why')
    .action((options: Shared & { reason: string }) =>
      run(async () => {
        const found = await connect(options).assurance.pullSwitch(options.reason);
        show(options, found, () => 'tests are switched off');
      }, options),
    );
  withConnection(arm.command('on').description('let tests run again')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).assurance.releaseSwitch();
      show(options, found, () => 'tests may run');
    }, options),
  );
} // prettier-ignore

async function runTests(tests: string[], options: Shared & { detach?: boolean }): Promise<number | undefined> {
  const room = connect(options);
  const { id } = await room.assurance.begin(tests);
  if (options.detach === true) {
    show(options, { id }, () => id);
    return undefined;
  }
  const bar = process.stderr.isTTY && options.json !== true ? new SingleBar({ format: '{bar} {value} of {total} | {test}', hideCursor: true }, Presets.shades_classic) : null; // prettier-ignore
  let found = await room.assurance.run(id);
  bar?.start(found.tests, 0, { test: '' });
  while (found.state === 'running') {
    await sleep(POLL_MS);
    found = await room.assurance.run(id);
    bar?.update(found.results.length, { test: found.current ?? '' });
  }
  bar?.stop();
  show(options, found, () => runWords(found));
  const isWell = found.state === 'done' && found.fail === 0 && found.invalid === 0;
  return isWell ? undefined : EXIT.failed;
}

const SIGNS = { pass: 'pass   ', fail: 'FAILED ', invalid: 'unclear' } as const;

function runWords(found: WholeRun): string {
  const lines = found.results.map(({ testId, verdict, because, durationMs, requests }) =>
    `${harmless(`${SIGNS[verdict]} ${testId.padEnd(16)} ${String(durationMs).padStart(6)} ms ${String(requests).padStart(4)} requests`)}${verdict === 'pass' ? '' : `\n        ${harmless(because)}`}`,
  );
  const end = found.state === 'done' ? '' : ` The run ended as ${found.state}: ${found.because}.`;
  const signed = found.signature === null ? ' Nobody signed them: they count for nothing.' : ' Signed by its runner.';
  return [...lines, '', `${found.pass} passed, ${found.fail} failed, ${found.invalid} could not tell.${signed}${end}`].join('\n');
} // prettier-ignore

function testLine({ id, state, at, title, because }: ControlTest): string {
  const since = at === null ? 'never' : at.slice(0, 16);
  const line = harmless(`${id.padEnd(16)} ${state.padEnd(8)} ${since.padEnd(17)} ${title}`);
  return state === 'proven' ? line : `${line}\n    ${harmless(because)}`;
} // prettier-ignore

function postureWords({ practices, findings, killRate, switch: off, armed }: Posture): string {
  const overdue = findings.overdue === 0 ? '' : `, ${findings.overdue} OVERDUE`;
  const kills = killRate === null ? 'nobody has measured which planted faults the tests find' : `${killRate.killed} of ${killRate.mutants} planted faults are found`; // prettier-ignore
  const [next] = findings.next;
  return [
    ...practices.map(({ practice, state, proven, failed, unknown, provenAt }) => `${practice.padEnd(11)} ${state.padEnd(8)} ${proven} proven, ${failed} failed, ${unknown} unknown${provenAt === null ? '' : `  since ${provenAt.slice(0, 16)}`}`), // prettier-ignore
    '',
    `findings: ${findings.open} open${overdue}, ${findings.accepted} accepted`,
    ...(next === undefined
      ? []
      : [harmless(`next: ${next.dueAt.slice(0, 10)}  ${next.severity}  ${next.title}  ${next.id}`)]),
    kills,
    ...(off.pulled ? [harmless(`TESTS ARE SWITCHED OFF: ${off.reason}`)] : []),
    ...(armed.length > 0 ? [] : ['attacks are not armed: strongroom assurance arm --help']),
  ].join('\n');
}

function feedWords({ feeds, parts, affected, unnamed, matchedAt }: AdvisoryFeeds): string {
  return [
    ...feeds.map(({ feed, state, records, asOf, days }) => `${feed.padEnd(5)} ${state.padEnd(8)} ${records} records${asOf === null ? '' : `, as of ${asOf.slice(0, 10)} (${days ?? '?'} days)`}`), // prettier-ignore
    parts === null
      ? 'no list of parts came with this installation'
      : `${parts} parts, ${unnamed} that no record can name`,
    matchedAt === null ? 'not matched yet' : `${affected} affected`,
  ].join('\n');
}

function vexWords({ statements, notAffected, retest, reopened, unmatched, refused }: SettledVex): string {
  const line = (ids: readonly string[], says: string): string[] => (ids.length === 0 ? [] : [`${says}: ${ids.join(', ')}`]);
  return [
    `${statements} statements, ${unmatched} about what nobody found here`,
    ...line(notAffected, 'not affected'),
    ...line(retest, 'wait for a retest'),
    ...line(reopened, 'open again'),
    ...refused.map((each) => harmless(`not taken: ${each}`)),
  ].join('\n');
} // prettier-ignore

const contentOf = (file: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(file === '-' ? 0 : file));

export function oneOf<T extends string>(name: string, all: readonly T[], text: string): T {
  const found = all.find((each) => each === text);
  if (found === undefined) throw new Usage(`${name} is one of ${all.join(', ')}`);
  return found;
}
