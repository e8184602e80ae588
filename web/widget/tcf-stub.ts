/** The first script of a page that vendors of the IAB's TCF run on: `__tcfapi` is there before anything else is. */
import { putStub } from './stub.ts';

putStub({
  name: '__tcfapi',
  callbackAt: 2,
  argsOf: ({ command, version, parameter }, answer) => [command, version, answer, parameter],
  pinged: { cmpLoaded: false, cmpStatus: 'stub', displayStatus: 'hidden', apiVersion: '2.2' },
});
