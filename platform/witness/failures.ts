import { failures } from '#platform/failure';

export const witnessFailure = failures('WITNESS', {
  HOME: {
    status: 500,
    says: 'the folder of the witness cannot be used',
    hint: 'make a new one with `strongroom audit witness init`',
  },
  IN_USE: {
    status: 500,
    says: 'another witness runs on this folder',
    hint: 'two with one memory would contradict each other: stop the other one first',
  },
  FORGOTTEN: {
    status: 500,
    says: 'the memory of the witness is gone',
    hint: 'a witness that has forgotten what it cosigned must not go on with its keys: make a new one, and put its keys into the policies',
  },
});
