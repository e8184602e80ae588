import { failures } from '#platform/failure';

export const importFailure = failures('ASSURANCE', {
  IMPORT_TOO_LARGE: {
    status: 413,
    says: 'the report is larger than is read',
    hint: 'up to 32 MiB, lines up to 1 MiB, 50,000 findings: split it by target, or leave responses out of it',
  },
  IMPORT_PACKED: {
    status: 422,
    says: 'the report is packed',
    hint: 'unpack it first: archives are not opened here',
  },
  IMPORT_MALFORMED: {
    status: 422,
    says: 'the report is not of its format',
    hint: 'the detail says where; nothing of it was taken in',
  },
  IMPORT_UNKNOWN_FORMAT: {
    status: 422,
    says: 'this is no report of a known tool',
    hint: 'name the format, or write it as generic CSV or JSON: docs/practices/assurance.md has the list',
  },
  IMPORT_INCOMPLETE: {
    status: 422,
    says: 'the tool did not finish: what it did not find proves nothing',
    hint: 'run the tool again until it ends by itself; the detail says what was missing',
  },
  IMPORT_NO_ASSET: {
    status: 422,
    says: 'the report does not say what was tested',
    hint: 'name it beside the report (`--asset`)',
  },
});
