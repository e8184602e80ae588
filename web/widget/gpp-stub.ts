/** The first script of a page whose vendors ask by the IAB's GPP: `__gpp` is there before anything else is. */
import { putStub } from './stub.ts';

putStub({
  name: '__gpp',
  callbackAt: 1,
  argsOf: ({ command, version, parameter }, answer) => [command, answer, parameter, version],
  pinged: {
    gppVersion: '1.1', cmpStatus: 'stub', cmpDisplayStatus: 'hidden', signalStatus: 'not ready', cmpId: 0,
    supportedAPIs: [], sectionList: [], applicableSections: [], gppString: '', parsedSections: {},
  },
}); // prettier-ignore
