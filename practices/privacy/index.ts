/** privacy: tell customers the truth, and do what they ask. */
export { createPrivacy, type Privacy, type PrivacyNeeds } from './privacy.ts';
export { privacyRoutes } from './http/index.ts';
export { HELD } from './customer/held.ts';
export { openReceipt } from './consent/receipt.ts';
export { MESSAGES } from './notice/languages.ts';
