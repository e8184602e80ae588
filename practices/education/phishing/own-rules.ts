/**
 * What is held against a mail that a training team wrote, beyond its format: it names no company that is there, plays on nothing
 * that hurts, is given away by something in the mail itself, and says what is to be learned.
 */
import { collectFaults, type ContentFault } from '../content/fault.ts';
import { textOfBlock, wordsOf } from '../content/tree.ts';
import type { PhishTemplate } from './template.ts';

/** Whoever reads it would be asked by their customers, and sued by them. Names that are words too stand as they are written. */
const BRANDS =
  /\b(?:Microsoft|Office ?365|Outlook|OneDrive|SharePoint|Google|Gmail|Amazon|Apple|iCloud|PayPal|Netflix|Facebook|Instagram|WhatsApp|LinkedIn|Dropbox|DocuSign|Slack|Adobe|Okta|GitHub|GitLab|Salesforce|Zoom|Klarna|Stripe|eBay|Mastercard|Visa|DHL|FedEx|UPS|Hermes|Deutsche Post|Royal Mail|Sparkasse|Commerzbank|Barclays|HSBC|Revolut|Telekom|Vodafone|HMRC|IRS|ELSTER|Booking\.com|Airbnb|Spotify|Uber)\b/;
/** Of the themes that are never used, in words. */
const HURTS =
  /\b(?:salar(?:y|ies)|payroll|bonus(?:es)?|pay ?rise|layoffs?|laid off|redundanc(?:y|ies)|dismissals?|dismissed|fired|severance|pensions?|benefits?|pregnan(?:t|cy)|diagnos(?:is|ed)|cancer|hospital|illness|funeral|death|died|divorce|your (?:child|children|son|daughter|wife|husband|family))\b/i;
const LEAST_LEARN = 15;
const LEAST_CUES = 2;

/** @returns nothing where all is well */
export function ownFaults(template: PhishTemplate): readonly ContentFault[] {
  const { report, faults } = collectFaults();
  const { mail, page, learn, cues, from, subject, title } = template;
  const texts: readonly (readonly [line: number, text: string])[] = [
    [1, subject],
    [1, from.name],
    [1, title],
    ...[...mail.blocks, ...page.blocks].map((block) => [block.line, textOfBlock(block)] as const),
  ];
  for (const [line, text] of texts) {
    const [brand] = BRANDS.exec(text) ?? [];
    if (brand !== undefined) report(line, `${brand} is a company that is there`, 'make a name up');
    const [word] = HURTS.exec(text) ?? [];
    if (word !== undefined) report(line, `“${word}” plays on what hurts people`, 'no mail is about pay, dismissal, health or family: take another story'); // prettier-ignore
  }
  if (cues.length < LEAST_CUES) report(1, 'one kind of sign gives it away', `name ${LEAST_CUES} kinds at least: who fell for it is shown where to look`); // prettier-ignore
  if (wordsOf(learn.blocks) < LEAST_LEARN) report(learn.line, 'who fell for it learns nothing', `write ${LEAST_LEARN} words at least: what to look at, and what to do instead`); // prettier-ignore
  return faults;
}
