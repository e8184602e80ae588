import { failures } from '#platform/failure';

export const advisoryFailure = failures('ASSURANCE', {
  ADVISORY_TOO_LARGE: {
    status: 413,
    says: 'the feed is larger than is read',
    hint: 'mirror the ecosystems you use: OSV keeps one archive for each',
  },
  ADVISORY_MALFORMED: {
    status: 422,
    says: 'this is no list of parts, no OSV record, no KEV catalogue, no EPSS scores and no VEX',
    hint: 'choose the kind that the file is of, or get it anew from who publishes it; nothing of it was taken in, and an old feed stays in use and grows older',
  },
});
