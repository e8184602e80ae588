import { failures } from '#platform/failure';

export const collectionFailure = failures('COLLECTION', {
  CATALOG_INVALID: {
    status: 422,
    says: 'the catalogue is not valid',
    hint: 'correct what is listed and load it again; docs/formats/catalog.md says what each entry takes',
  },
  CATALOG_BREAKING: {
    status: 409,
    says: 'the new catalogue does not fit what is stored',
    hint: 'keep what is listed until the data is migrated, or load it with breaking changes allowed',
  },
} as const);
