/** The privacy practice with the installation's keys: receipts verify, and links lead somewhere, whichever server made them. */
import { createPrivateKey, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';

import type { Config } from '#platform/config';
import { KEEPING } from '#practices/backups';
import { createPrivacy, type Privacy, type PrivacyNeeds } from '#practices/privacy';
import { openIdentity, type Foundation } from '#practices/vault';

export async function openPrivacy(
  config: Config,
  foundation: Foundation,
  needs: Omit<PrivacyNeeds, 'receiptKey' | 'linkKey' | 'controller' | 'publicUrl' | 'noticeSettings'>,
): Promise<Privacy> {
  const receipts = await openIdentity(foundation, 'privacy/receipts', () =>
    generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }),
  );
  const links = await openIdentity(foundation, 'privacy/links', () => randomBytes(32));
  return createPrivacy({
    ...needs,
    receiptKey: createPrivateKey({ key: Buffer.from(receipts), format: 'der', type: 'pkcs8' }),
    linkKey: createSecretKey(links),
    controller: () => ({ name: config.controllerName, contact: config.controllerContact, url: config.publicUrl }),
    noticeSettings: () => ({
      controller: config.controllerName,
      contact: config.controllerContact,
      regions: config.regions,
      // the keys of a backup live on until it goes
      epochDays: config.epochDays + KEEPING.horizonDays,
    }),
    publicUrl: () => config.publicUrl ?? `http://${config.host}:${config.port}`,
  });
}
