import { failures } from '#platform/failure';

export const exportFailure = failures('EDUCATION', {
  NOT_OURS: {
    status: 409,
    says: 'this course was made elsewhere: it is no text of ours that could become a package',
    hint: 'use the zip that was taken in',
  },
});
