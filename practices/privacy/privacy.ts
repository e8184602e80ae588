/** The practice as one object. */
import type { KeyObject } from 'node:crypto';

import type { SubjectId } from '#platform/ids';
import type { Vault } from '#practices/vault';

import { createChoices, type Choices } from './consent/choices.ts';
import { createConsents, NothingNew, type By, type ConsentNeeds, type Consents } from './consent/consents.ts';
import { receiptKey } from './consent/receipt.ts';
import { choiceOf } from './consent/said.ts';
import { createMyData, legalPurpose, type MyData, type MyDataNeeds } from './customer/my-data.ts';
import { createCopyLinks, type CopyLinks } from './customer/copy-link.ts';
import { createSeen, type Seen, type SeenNeeds } from './customer/seen.ts';
import { createSecondProof, type SecondProof } from './customer/second-proof.ts';
import { createSignIn, type SignIn, type SignInNeeds } from './customer/sign-in.ts';
import { createCorrectionDesk, type CorrectionDesk, type CorrectionDeskNeeds } from './requests/corrections.ts';
import { createDesk } from './requests/desk.ts';
import { createRequests, type RequestNeeds, type Requests } from './requests/requests.ts';
import { createRestrictions, type RestrictionNeeds, type Restrictions } from './requests/restrictions.ts';
import { openUnsubscribe, unsubscribeToken, type Unsubscribed } from './consent/unsubscribe.ts';
import { catalogTexts, type Texts } from './notice/facts.ts';
import { createNotices, type NoticeNeeds, type Notices } from './notice/notices.ts';
import { createTcf, type Tcf } from './tcf/tcf.ts';
import { privacyFailure } from './failures.ts';

export type PrivacyNeeds = Omit<ConsentNeeds, 'receipts' | 'center' | 'vault'> &
  NoticeNeeds &
  Omit<MyDataNeeds, 'catalog' | 'records'> &
  SeenNeeds &
  Omit<SignInNeeds, 'findByAddress'> &
  Pick<RequestNeeds, 'arePeople' | 'behindKey' | 'audit'> &
  Pick<RestrictionNeeds, 'mailState'> &
  Pick<RequestNeeds, 'mailStates'> &
  Readonly<{
    vault: ConsentNeeds['vault'] &
      MyDataNeeds['records'] &
      RestrictionNeeds['vault'] &
      RequestNeeds['vault'] &
      CorrectionDeskNeeds['vault'] &
      Pick<Vault, 'eraseIn' | 'isLiving' | 'restingOf'>;
    /** What was noted of a subject that periods begin at. */
    happened: (subjectId: SubjectId) => AsyncGenerator;
    /** Ed25519; receipts are signed with it. */
    receiptKey: KeyObject;
    /** Where people reach this server, without a slash at the end. */
    publicUrl: () => string;
  }>;

export type UnsubscribeLink = Readonly<{
  url: string;
  /** Headers of the message (RFC 2369, RFC 8058 §3.1); DKIM has to cover both. */
  headers: Readonly<{ 'List-Unsubscribe': string; 'List-Unsubscribe-Post': string }>;
}>;
export type Privacy = {
  consents: Consents;
  choices: Choices;
  tcf: Tcf;
  /** With a slash at the end. */
  centerUrl: () => string;
  notices: Notices;
  signIn: SignIn;
  secondProof: SecondProof;
  myData: MyData;
  seen: Seen;
  requests: Requests;
  restrictions: Restrictions;
  copyLinks: CopyLinks;
  corrections: CorrectionDesk;
  eraseIn: Vault['eraseIn'];
  isLiving: Vault['isLiving'];
  happened: PrivacyNeeds['happened'];
  /** The purpose that rights are served for. @throws PRIVACY_CENTER_OFF */
  legalPurpose: () => string;
  catalogTexts: () => Texts;
  /** @throws PRIVACY_PURPOSE_UNKNOWN, PRIVACY_NOT_OPTIONAL */
  unsubscribeLink: (about: Unsubscribed) => UnsubscribeLink;
  /** What a link would end; reads nothing and changes nothing. @throws PRIVACY_LINK_INVALID */
  readLink: (token: string) => Unsubscribed & Readonly<{ title: string }>;
  /** Ends it; ending it twice is ending it once. @throws PRIVACY_LINK_INVALID */
  unsubscribe: (token: string, by: Omit<By, 'actor'>) => Promise<void>;
};

export function createPrivacy(needs: PrivacyNeeds): Privacy {
  const { catalog, linkKey, publicUrl } = needs;
  const centerUrl = (): string => `${publicUrl()}/center/`;
  const consents = createConsents({
    ...needs,
    receipts: receiptKey(needs.receiptKey),
    center: centerUrl,
  });
  const notices = createNotices(needs);
  const tcf = createTcf({ ...needs, consents });
  const myData = createMyData({ ...needs, records: needs.vault });
  const signIn = createSignIn({ ...needs, findByAddress: myData.findByAddress });
  const copyLinks = createCopyLinks({ ...needs, addressOf: myData.addressOf, isLiving: needs.vault.isLiving });
  const readLink: Privacy['readLink'] = (token) => {
    const about = openUnsubscribe(linkKey, token);
    const purpose = about === null ? undefined : catalog().purposes.get(about.purpose);
    if (about === null || purpose === undefined) throw privacyFailure('LINK_INVALID');
    return { ...about, title: purpose.title };
  };
  return {
    consents,
    choices: createChoices({ ...needs, consents, notices, tcf, catalogTexts: () => catalogTexts(catalog()) }),
    tcf,
    centerUrl,
    notices,
    myData,
    signIn,
    secondProof: createSecondProof({ ...needs, signIn, addressesOf: myData.addressesOf }),
    seen: createSeen(needs),
    copyLinks,
    corrections: createCorrectionDesk(needs),
    requests: createRequests({
      ...needs,
      copyLinks,
      centerUrl,
      reachOf: myData.addressOf,
      object: async (by, id, request) => {
        const holder = { kind: 'subject', id } as const;
        const open = (await consents.states(holder)).filter(({ choice }) => choice === 'objection');
        const said = open.map(({ purpose }) => ({ purpose, said: 'objected' as const }));
        const shown = { text: null, language: null, variant: null, method: 'request', notice: null, jurisdiction: null, evidence: request }; // prettier-ignore
        const put = await consents.prepare(by, holder, { said, shown, repeats: 'skip' });
        // a no that was there already is one
        return (tx) =>
          put(tx).catch((thrown: unknown) => {
            if (!(thrown instanceof NothingNew)) throw thrown;
          });
      },
    }),
    restrictions: createRestrictions({ ...needs, addressOf: myData.addressOf, centerUrl, desk: createDesk(needs) }),
    eraseIn: needs.vault.eraseIn,
    isLiving: needs.vault.isLiving,
    happened: needs.happened,
    legalPurpose: () => {
      const purpose = legalPurpose(catalog());
      if (purpose === null) throw privacyFailure('CENTER_OFF');
      return purpose;
    },
    catalogTexts: () => catalogTexts(catalog()),
    readLink,
    unsubscribeLink: (about) => {
      const purpose = catalog().purposes.get(about.purpose);
      if (purpose === undefined) throw privacyFailure('PURPOSE_UNKNOWN');
      if (choiceOf(catalog(), purpose) === 'none') throw privacyFailure('NOT_OPTIONAL');
      const url = `${publicUrl()}/center/unsubscribe/${unsubscribeToken(linkKey, about)}`;
      return {
        url,
        headers: { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
      };
    },
    unsubscribe: async (token, by) => {
      const { subjectId, purpose, title } = readLink(token);
      const shown = { text: title, language: null, variant: null, method: 'one-click', notice: null, jurisdiction: null, evidence: null }; // prettier-ignore
      await consents.record(
        { ...by, actor: { kind: 'subject', id: subjectId } },
        { kind: 'subject', id: subjectId },
        { said: [{ purpose, said: 'withdrawn' }], shown, repeats: 'skip' },
      );
    },
  };
}
