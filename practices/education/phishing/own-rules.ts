/**
 * What is held against a mail that a training team wrote, beyond its format: it names no company that exists, plays on nothing
 * that hurts, is given away by something in the mail itself, and says what is to be learned.
 */
import { collectFaults, type ContentFault } from '../content/fault.ts';
import { textOfBlock, wordsOf } from '../content/tree.ts';
import { asSeen, type PhishTemplate } from './template.ts';

/** Whoever reads it would be asked by their customers, and sued by them. However they are written. */
const BRANDS = 'Microsoft|Office ?365|OneDrive|SharePoint|Google|Gmail|Amazon|iCloud|PayPal|Netflix|Facebook|Instagram|WhatsApp|LinkedIn|Dropbox|DocuSign|Adobe|Okta|GitHub|GitLab|Salesforce|Klarna|eBay|Mastercard|DHL|FedEx|Hermes|Deutsche ?Post|Royal ?Mail|Sparkasse|Commerzbank|Barclays|HSBC|Revolut|Telekom|Vodafone|HMRC|IRS|Booking\\.com|Airbnb|Spotify'; // prettier-ignore
/** Those that are words too stand in a text as they are written. */
const WORDS = 'Outlook|Apple|Slack|Zoom|Stripe|Visa|UPS|ELSTER|Uber';
const IN_TEXT: readonly RegExp[] = [new RegExp(`\\b(?:${BRANDS})\\b`, 'i'), new RegExp(`\\b(?:${WORDS})\\b`)];
/** An address is of small letters, and joins words. Short names are in many words. */
const IN_ADDRESS: readonly RegExp[] = [
  new RegExp(`(?<![a-z])(?:${BRANDS}|${WORDS})(?![a-z])`, 'i'),
  new RegExp(BRANDS.split('|').filter((name) => name.length > 4).join('|').replaceAll(' ?', '-?'), 'i'),
]; // prettier-ignore
/** Of the themes that are never used, in words of English: a mail in another language is held to its theme alone. */
const HURTS =
  /\b(?:salar(?:y|ies)|payroll|bonus(?:es)?|pay ?rise|layoffs?|laid off|redundanc(?:y|ies)|dismissals?|dismissed|fired|severance|pensions?|benefits?|pregnan(?:t|cy)|diagnos(?:is|ed)|cancer|hospital|illness|funeral|death|died|divorce|your (?:child|children|son|daughter|wife|husband|family))\b/i;
const LEAST_LEARN = 15;
const LEAST_CUES = 2;

/** @returns nothing where all is well */
export function ownFaults(template: PhishTemplate): readonly ContentFault[] {
  const { report, faults } = collectFaults();
  const { mail, page, learn, cues, from, subject, title, pretends } = template;
  const shown = [...mail.blocks, ...page.blocks].map((block) => [block.line, textOfBlock(block)] as const);
  const texts: readonly (readonly [line: number, text: string, brands: readonly RegExp[]])[] = [
    ...[subject, from.name, title].map((text) => [1, text, IN_TEXT] as const),
    ...[from.address, pretends].map((text) => [1, text, IN_ADDRESS] as const),
    ...shown.map(([line, text]) => [line, text, IN_TEXT] as const),
  ];
  for (const [line, written, brands] of texts) {
    const text = asSeen(written);
    const [brand] = brands.flatMap((each) => each.exec(text) ?? []);
    if (brand !== undefined) report(line, `${brand} is a company that exists`, 'make a name up');
    const [word] = HURTS.exec(text) ?? [];
    if (word !== undefined) report(line, `“${word}” plays on what hurts people`, 'no mail is about pay, dismissal, health or family: take another story'); // prettier-ignore
  }
  if (cues.length < LEAST_CUES) report(1, 'one kind of sign gives it away', `name ${LEAST_CUES} kinds at least: who fell for it is shown where to look`); // prettier-ignore
  if (wordsOf(learn.blocks) < LEAST_LEARN) report(learn.line, 'who fell for it learns nothing', `write ${LEAST_LEARN} words at least: what to look at, and what to do instead`); // prettier-ignore
  return faults;
}
