/** What was shown at sign-in, by its codes in RFC 8176 and our own; a passkey is a key that checked its user. */
const FACTORS: Readonly<Record<string, string>> = {
  pwd: 'password', otp: 'app', hwk: 'passkey', rcv: 'recovery code', fed: 'your organisation',
}; // prettier-ignore
export const factorsIn = (amr: readonly string[]): string =>
  amr
    .filter((each) => !(each === 'user' && amr.includes('hwk')))
    .map((each) => FACTORS[each] ?? each)
    .join(' and ');
