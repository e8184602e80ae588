/** `strongroom privacy tcf …`: TC strings of the IAB's TCF, in and out of the ledger of consent. */
import { readFileSync } from 'node:fs';

import type { Command } from 'commander';

import type { TcfSettings, TcfStanding, TcStringFacts } from '@strongroom/sdk';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { fromInput } from './terminal.ts';

export function tcfCommands(privacy: Command, run: Run): void {
  const tcf = privacy.command('tcf').description("strings of the IAB's Transparency and Consent Framework");
  withConnection(tcf.command('show').description('what of the catalogue stands for what of the TCF')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).tcf.get();
        show(options, found, () => standingLines(found));
      }, options),
  );
  withConnection(tcf.command('set <file>').description('set it from a JSON file: docs/practices/privacy.md'))
    .option('--vendor-list <file>', 'vendor-list.json, as IAB Europe publishes it; left out: the newest that is there')
    .action((file: string, options: Shared & { vendorList?: string }) =>
      run(async () => {
        const list = options.vendorList === undefined ? {} : { vendorList: jsonOf(options.vendorList) };
        const made = await connect(options).tcf.set({ ...(jsonOf(file) as TcfSettings), ...list });
        show(options, made, () => standingLines(made));
      }, options),
    );
  withConnection(tcf.command('decode <string>').description('what a string says; - reads it from standard input')).action(
    (text: string, options: Shared) =>
      run(async () => {
        const found = await connect(options).tcf.decode(fromInput(text).trim());
        show(options, found, () => factLines(found));
      }, options),
  ); // prettier-ignore
  withConnection(
    tcf.command('record <holder> <string>').description('record what a string says, with itself as the evidence'),
  ).action((holder: string, text: string, options: Shared) =>
    run(async () => {
      const made = await connect(options).tcf.record({ holder, tcString: fromInput(text).trim() });
      show(options, made, () =>
        [
          ...made.events.map(({ said, purpose, id }) => `${said.padEnd(10)} ${purpose}  ${id}`),
          ...made.ignored.map(({ purpose, because }) => `passed over ${purpose}: ${because === 'older' ? 'something was said since' : 'the string is older than 13 months'}`),
        ].join('\n') || 'nothing new',
      ); // prettier-ignore
    }, options),
  );
  withConnection(tcf.command('string <holder>').description('the string of what holds now'))
    .option('--vendors <ids>', 'who the person was shown, such as 12,34', '')
    .option('--language <tag>', 'such as en', 'en')
    .action((holder: string, options: Shared & { vendors: string; language: string }) =>
      run(async () => {
        const vendors = options.vendors === '' ? [] : options.vendors.split(',').map(Number);
        const { language } = options;
        const made = await connect(options).tcf.write({ holder, vendors, language });
        show(options, made, () => made.tcString);
      }, options),
    );
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new Usage(`${file} is no JSON file that can be read`);
  }
}

const listed = (ids: readonly number[]): string => (ids.length === 0 ? 'none' : ids.join(', '));
const standingLines = ({ cmpId, vendorId, purposes, vendors, vendorListVersion, policyVersion, setAt, setBy }: TcfStanding): string =>
  [
    `vendor list ${vendorListVersion}, policy ${policyVersion}; ${cmpId === null ? 'no CMP: strings are read, none is written' : `CMP ${cmpId}`}; ${vendorId === null ? 'no vendor' : `vendor ${vendorId}`}`,
    ...purposes.map(({ purpose, tcf, specialFeatures }) => `${purpose.padEnd(28)} ${listed(tcf)}${specialFeatures.length === 0 ? '' : `; special features ${listed(specialFeatures)}`}`),
    `shown: ${listed(vendors)}`,
    `set ${setAt} by ${setBy}`,
  ].join('\n'); // prettier-ignore
const factLines = (facts: TcStringFacts): string =>
  [
    `of ${facts.lastUpdated} by CMP ${facts.cmpId}, in ${facts.language}; vendor list ${facts.vendorListVersion}, policy ${facts.policyVersion}`,
    `consent to purposes     ${listed(facts.purposeConsents)}`,
    `legitimate interest     ${listed(facts.purposeLegitimateInterests)}`,
    `special features        ${listed(facts.specialFeatures)}`,
    `vendors with consent    ${listed(facts.vendorConsents)}`,
    `vendors with interest   ${listed(facts.vendorLegitimateInterests)}`,
    `vendors shown           ${facts.vendorsDisclosed === null ? 'not said' : listed(facts.vendorsDisclosed)}`,
  ].join('\n');
