/** `strongroom education course …`: courses made elsewhere that come here, and ours that go elsewhere. */
import { readFileSync } from 'node:fs';

import type { Command } from 'commander';

import type { CoursePackage, CoursePackageKind, PackageToTake } from '@strongroom/sdk';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { writeNew } from './new-file.ts';
import { harmless } from './terminal.ts';

type Taken = Shared &
  Readonly<{ id: string; replaces?: string; material?: true; locale?: string; validDays?: string; minutes?: string }>;

const line = ({ id, seq, schema, files, sizeBytes, counts, hash, title }: CoursePackage): string =>
  `${id.padEnd(24)} ${String(seq).padStart(3)}  ${(schema === 'cmi5' ? schema : `SCORM ${schema}`).padEnd(10)}  ${String(files).padStart(5)} files  ${(sizeBytes / 2 ** 20).toFixed(1).padStart(6)} MiB  ${counts ? 'counts for roles' : 'for who is assigned it'}  ${hash}  ${harmless(title)}`;
const whole = (text: string | undefined, what: string): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,4}$/.test(text)) throw new Usage(`${what} is a whole number`);
  return Number(text);
};

const REASONS = ['Tested Out', 'Equivalent AU', 'Equivalent Outside Activity', 'Administrative'] as const;

export function courseCommands(education: Command, run: Run): void {
  const course = education
    .command('course')
    .alias('courses')
    .description('courses made elsewhere (SCORM 1.2 and 2004, cmi5), and ours as packages for another learning system');
  withConnection(course.command('list').description('those that were taken in, and which of them count for roles')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).packages.list();
      show(options, found, () => found.packages.map(line).join('\n') || 'none');
    }, options),
  );
  withConnection(course.command('take <zip>').description('take one in, on top of the version that --replaces names'))
    .requiredOption('--id <id>', 'by which roles and assignments name it, such as fire-safety')
    .option('--replaces <hash>', 'hash of the newest version (course list); left out where there is none')
    .option('--material', 'it changes what people do: they do it anew within a week')
    .option('--locale <locale>', 'such as en or de-AT', 'en')
    .option('--valid-days <days>', 'how long passing it holds; 0: until a version comes that changes what people do', '365')
    .option('--minutes <minutes>', 'how long it takes, for who plans their day', '30')
    .addHelpText('after', '\nExample:\n  strongroom education course take fire.zip --id fire-safety --minutes 20\n  strongroom education assign course fire-safety per_…\n\nThe zip has imsmanifest.xml at its top and one part that reports a result, or cmi5.xml and as many parts as it likes. It is looked through before anything of it is kept: paths, links, sizes, and the manifest, which may declare nothing. It is shown in a frame of its own origin: docs/practices/education-courses.md.\n')
    .action((file: string, options: Taken) =>
      run(async () => {
        const about: PackageToTake = {
          ...(options.replaces === undefined ? {} : { replaces: options.replaces }),
          ...(options.material === undefined ? {} : { material: true }),
          ...(options.locale === undefined ? {} : { locale: options.locale }),
          validityDays: whole(options.validDays, '--valid-days') ?? 365,
          minutes: whole(options.minutes, '--minutes') ?? 30,
        };
        const made = await connect(options).packages.take(options.id, readFileSync(file), about, { timeoutMs: 600_000 });
        show(options, made, () => line(made));
      }, options),
    );
  withConnection(course.command('export <course>').description('one of ours as it is published, as a zip for another learning system'))
    .requiredOption('--as <kind>', 'scorm12 (one SCO) or cmi5 (one assignable unit)')
    .requiredOption('--out <file>', 'new file, for you alone')
    .addHelpText('after', '\nExample:\n  strongroom education course export phishing --as scorm12 --out phishing.zip\n\nTHE KEY OF THE QUIZ IS IN IT: the page grades in the browser of who takes the course, so that\nwhoever can open the files can read what is right. It takes the right to publish texts, and\nthe log has who took it and the hash of the file. Exercises on the system itself and signing\nof policies stay behind; README.txt in the zip says which.\n')
    .action((id: string, options: Shared & Readonly<{ as: string; out: string }>) =>
      run(async () => {
        if (options.as !== 'scorm12' && options.as !== 'cmi5') throw new Usage('--as is scorm12 or cmi5');
        const kind = options.as satisfies CoursePackageKind;
        const bytes = await writeNew(options.out, () => connect(options).trainingExports.course(id, kind));
        show(options, { file: options.out, bytes }, () => `${options.out}: ${bytes} bytes, with the key of its quiz in it`);
      }, options),
    );
  withConnection(course.command('counts <id> <yes-or-no>').description('whether passing it is enough for a role that asks for it; without, it is for who is assigned it'))
    .addHelpText('after', '\nA course made elsewhere grades itself in the browser of who takes it: whoever wants to can\nsay that they have passed. Say yes only where that is good enough to see customers.\n')
    .action((id: string, yes: string, options: Shared) =>
      run(async () => {
        if (yes !== 'yes' && yes !== 'no') throw new Usage('say yes or no');
        await connect(options).packages.sayCounts(id, yes === 'yes');
        show(options, { counts: yes === 'yes' }, () => (yes === 'yes' ? 'it counts for roles from now on' : 'it counts for who is assigned it, and for no role'));
      }, options),
    );
  withConnection(course.command('waive <id> <part> <person>').description('say that somebody else need not take a part of a course of cmi5'))
    .requiredOption('--reason <reason>', `why: ${REASONS.join(', ')}`)
    .addHelpText('after', '\nExample:\n  strongroom education course waive fire-safety 2 per_… --reason "Tested Out"\n\nParts are counted from 1, in the order of the course. It is in the log and in what was\nstated of the course, and it takes another person than the one it is about. Where it was\nthe last part, the course is passed.\n')
    .action((id: string, part: string, person: string, options: Shared & { reason: string }) =>
      run(async () => {
        const reason = REASONS.find((each) => each.toLowerCase() === options.reason.toLowerCase());
        if (reason === undefined) throw new Usage(`--reason is one of ${REASONS.join(', ')}`);
        const place = whole(part, 'the part') ?? 0;
        if (place === 0) throw new Usage('parts are counted from 1');
        await connect(options).packages.waive(id, place - 1, { person, reason });
        show(options, { waived: true }, () => 'waived');
      }, options),
    );
} // prettier-ignore
